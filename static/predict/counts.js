// @ts-check
// How often each cell was pointed at, in the cells themselves: a number over a cell that has none yet, and in the
// corner of one that has. It knows boards, and no question.

import { element } from "../page/page.js";
import { flatOf } from "./question.js";

/** @import { Panel } from "../board/panel.js" */
/** @typedef {{place: number[], count: number, isRight: boolean, isMine: boolean}} Counted */

export class Counts {
  /** @type {HTMLElement[]} */ #shown = [];
  #key = "";

  /** @param {Panel|undefined} panel the board that they stand on @param {Counted[]} counts */
  draw(panel, counts) {
    const key = panel && counts.length ? JSON.stringify([panel.wide, panel.size.cell, counts, known(panel)]) : "";
    if (key === this.#key && (!panel || this.#shown.every(({ parentElement }) => parentElement === panel.board)))
      return;
    this.#key = key;
    for (const each of this.#shown) each.remove();
    this.#shown = panel ? counts.flatMap((one) => cellFor(panel, one)) : [];
  }
}

const known = (/** @type {Panel} */ { array }) =>
  array.cells.reduce((sum, _, flat) => sum + Number(array.isKnown(flat)), 0);

/** Lay a count over its cell, if there is one. @param {Panel} panel @param {Counted} counted
 * @returns {HTMLElement[]} */
function cellFor(panel, { place, count, isRight, isMine }) {
  const { array } = panel;
  const flat = flatOf(array, place);
  if (place.length !== array.shape.length || place.some((at, axis) => at >= array.shape[axis])) return [];
  const kinds = ["counted", isRight && "right", isMine && "mine", array.isKnown(flat) && "known"]
    .filter(Boolean)
    .join(" ");
  const made = element(
    "div",
    { class: kinds, "aria-hidden": "true" }, // the chart has a name that says it all
    element("span", {}, [isRight && "✓", count || ""].filter(Boolean).join(" ")),
  );
  panel.layOver(made, flat);
  return [made];
}
