// @ts-check
// What is marked on a board for the cell that a reader looks at: lines and a tint for each kind of link. It knows boards and sets of cells, not where the sets come from.

import { CARRYING } from "../why/links.js";

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {{lines: number[][], tint: number[][]}} Lit lines around cells, and rectangles over those to be tinted */
/** @typedef {{from: Lit, feeds: Lit, meets: Lit}} LinkMarks */

/** @param {Plan} plan @param {string} name of the board's array @param {import("../why/links.js").Linked} linked
 * @returns {LinkMarks} */
export function linkMarks(plan, name, linked) {
  const lit = (/** @type {Uint8Array|undefined} */ cells) => {
    if (!cells) return { lines: [], tint: [] };
    // Where some cells only had a say, the tint tells those whose value went on: the winner under its window.
    const least = cells.includes(CARRYING) ? CARRYING : 1;
    return {
      lines: plan.outline(plan.grid((flat) => cells[flat] > 0)),
      tint: plan.rectangles(plan.grid((flat) => cells[flat] >= least)),
    };
  };
  return {
    from: lit(linked.from.get(name)),
    feeds: lit(linked.feeds.get(name)),
    meets: lit(linked.meets.get(name)),
  };
}
