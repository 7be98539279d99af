// @ts-check
// The marks on a board, as they are painted above its cells: the veil over what is not computed yet, a stroke through
// each cell that is never read, lines around what is read and written, and the links of the cell that a reader looks
// at. It knows boards and sets of cells, not where the sets come from.

import { CARRYING } from "../why/links.js";

/** @typedef {import("../say/look.js").Look} Look */
/** @typedef {{before: number[][], read: number[][], write: number[][]}} Lit lines around cells: before are those read
 *   by earlier beats of the same cell
 * @typedef {{lines: number[][], tint: number[][]}} Link lines around cells, and rectangles over those to be tinted
 * @typedef {{from: Link, feeds: Link, meets: Link}} LinkMarks
 * @typedef {Lit & {veil: number[][], unread: number[][], links?: LinkMarks}} Marks rectangles; lines through cells */

const FADED = 0.3; // how much is seen of the walk's own boxes while a reader looks at a cell
const TINT = 0.2;
const DASHES = [3, 3];

/** @param {CanvasRenderingContext2D} context whose unit is a pixel, and whose origin is the corner of the cells
 * @param {Marks} marks @param {Look} look @param {number} wide of a cell, in pixels @param {number} high */
export function paintMarks(context, { veil, unread, before, read, write, links }, look, wide, high) {
  const { theme } = look;
  /** @param {number[]} rectangle @returns {[number, number, number, number]} */
  const box = ([x0, y0, x1, y1]) => [x0 * wide, y0 * high, (x1 - x0) * wide, (y1 - y0) * high];
  /** @param {number[][]} lines @param {number} width @param {string} colour @param {number[]} [dashes] */
  const stroke = (lines, width, colour, dashes = []) => {
    if (!lines.length) return;
    context.setLineDash(dashes);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    for (const [x0, y0, x1, y1] of lines) {
      context.moveTo(x0 * wide, y0 * high);
      context.lineTo(x1 * wide, y1 * high);
    }
    context.stroke();
  };

  context.globalAlpha = 1;
  context.fillStyle = theme.veil;
  context.strokeStyle = theme.faint;
  context.lineWidth = 0.5;
  context.setLineDash(DASHES);
  for (const each of veil) {
    context.fillRect(...box(each));
    context.strokeRect(...box(each));
  }
  stroke(unread, 1, theme.faint);

  const linked = links ? kindsOf(links, theme) : [];
  for (const { tint, colour } of linked) {
    context.globalAlpha = TINT;
    context.fillStyle = colour;
    for (const each of tint) context.fillRect(...box(each));
  }
  context.globalAlpha = links ? FADED : 1;
  // On a picture, which may be as dark or as bright as the lines are, there is something below them.
  if (look.isGrey) (stroke(before, 3.5, theme.zero), stroke(read, 5, theme.zero), stroke(write, 7, theme.zero));
  stroke(before, 1.5, theme.read, DASHES);
  stroke(read, 2.5, theme.read);
  stroke(write, 4, theme.write);
  context.globalAlpha = 1;
  for (const { lines, colour, width, dashes } of linked) stroke(lines, width, colour, dashes);
}

/** The links of a cell on a board. @param {import("./plan.js").Plan} plan @param {string} name of the board's array
 * @param {import("../why/links.js").Linked} linked @returns {LinkMarks} */
export function linkMarks(plan, name, { from, feeds, meets }) {
  const link = (/** @type {Map<string, Uint8Array>} */ byName) => {
    const cells = byName.get(name);
    if (!cells) return { lines: [], tint: [] };
    // Where some cells only had a say, the tint tells those whose value went on: the winner under its window.
    const least = cells.includes(CARRYING) ? CARRYING : 1;
    return {
      lines: plan.outline(plan.grid((flat) => cells[flat] > 0)),
      tint: plan.rectangles(plan.grid((flat) => cells[flat] >= least)),
    };
  };
  return { from: link(from), feeds: link(feeds), meets: link(meets) };
}

/** How they are drawn: each kind has a colour and a line of its own.
 * @param {LinkMarks} links @param {import("../say/look.js").Theme} theme */
function kindsOf({ from, feeds, meets }, theme) {
  return [
    { ...meets, colour: theme.meets, width: 3, dashes: DASHES },
    { ...from, colour: theme.read, width: 2.5, dashes: [] },
    { ...feeds, colour: theme.write, width: 4, dashes: [] },
  ];
}
