// @ts-check
// What Plotly draws of a walk: the plot beside the boards and the closer look, as one view.

import { styled } from "../page/beside.js";
import { filled } from "../say/describe.js";
import { closer } from "./closer.js";
import { copyBoards } from "./copy.js";
import { library } from "./library.js";
import { plots } from "./plots.js";

/** @import { Frame } from "../board/stage.js" */
/** @import { Trace } from "../run/trace.js" */
/** @typedef {import("./plots.js").Hand & Parameters<typeof closer>[2]} Hands */
/** @typedef {Hands & {url: string, note: (said: string) => void}} Hand
 *   url is where Plotly is, and note says something for a while */

/** @param {{plot: HTMLElement, main: HTMLElement}} places @param {(text: string) => string} say @param {Hand} hand */
export async function drawings({ plot, main }, say, hand) {
  library.url = hand.url;
  await styled("closer.css", import.meta.url);
  const look = closer(main, say, hand);
  const views = [plots(plot, say, hand), look];
  /** @type {Trace|undefined} */ let trace;
  /** @type {Frame|undefined} */ let frame;
  // The board that keys are about: the pinned cell's, or else the one with the focus.
  const aimed = () => {
    const focused = document.activeElement?.closest("[data-array]")?.getAttribute("data-array");
    return trace?.byName.get((frame?.cell?.pinned ? frame.cell.array : focused) ?? "");
  };
  copyBoards(aimed, ({ name, shape }) => hand.note(filled(say, "copies.board", { name, shape: shape.join("×") })));
  return {
    begin: (/** @type {Trace} */ next) => ((trace = next), views.forEach((view) => view.begin(next))),
    draw: (/** @type {Frame} */ next) => ((frame = next), views.forEach((view) => view.draw(next))),
    refresh: () => views.forEach((view) => view.refresh()),
    open: look.open,
    compare: look.compare,
  };
}
