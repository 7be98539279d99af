// @ts-check
// What Plotly draws of a walk: the plot beside the boards and the closer look, as one view.

import { element } from "../page/page.js";
import { closer } from "./closer.js";
import { library } from "./library.js";
import { plots } from "./plots.js";

/** @import { Frame } from "../board/stage.js" */
/** @import { Trace } from "../run/trace.js" */
/** @typedef {import("./plots.js").Hand & Parameters<typeof closer>[2] & {url: string}} Hand url is where Plotly is */

/** The style of what lies over the page. Without it that can be read all the same. @returns {Promise<unknown>} */
function styled() {
  const sheet = element("link", { rel: "stylesheet", href: new URL("closer.css", import.meta.url).href });
  document.head.append(sheet);
  return new Promise((done) => (sheet.onload = sheet.onerror = done));
}

/** @param {{plot: HTMLElement, main: HTMLElement}} places @param {(text: string) => string} say @param {Hand} hand */
export async function drawings({ plot, main }, say, hand) {
  library.url = hand.url;
  await styled();
  const look = closer(main, say, hand);
  const views = [plots(plot, say, hand), look];
  return {
    begin: (/** @type {Trace} */ trace) => views.forEach((view) => view.begin(trace)),
    draw: (/** @type {Frame} */ frame) => views.forEach((view) => view.draw(frame)),
    refresh: () => views.forEach((view) => view.refresh()),
    open: look.open,
  };
}
