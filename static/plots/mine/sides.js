// @ts-check
// An array of the walk and a reader's own as three views of one kind: what is right, what is theirs, and the
// difference. It knows arrays and colours, and neither the page nor the server.

import { told } from "../../say/cell.js";
import { filled } from "../../say/describe.js";
import { exact, Look } from "../../say/look.js";
import { tidy } from "../../why/decimal.js";

/** @import { Say } from "../../say/describe.js" */
/** @import { NamedArray } from "../../run/trace.js" */
/** @import { Own } from "./asked.js" */
/** @typedef {"right"|"yours"|"difference"} Side */
/** @typedef {{array: NamedArray, look: Look, marks: Set<number>, tell: (flat: number) => string,
 *   write?: (flat: number) => string|undefined}} Beside
 *   marks are the cells that differ; tell says what a cell is on each side, and write what stands in it */

const ALIKE = "≈0"; // what rounding has left is no difference to read

/** @type {Side[]} */
export const SIDES = ["right", "yours", "difference"];

/** @param {Side} side @param {NamedArray} array @param {Look} look of what is right @param {Own} own @param {Say} say
 * @returns {Beside|undefined} nothing, where the two have not been compared */
export function sideOf(side, array, look, { matrix, answer }, say) {
  if (!answer) return undefined;
  const difference = Float64Array.from(answer.difference, Number);
  const sides = { right: array.cells, yours: Float64Array.from(matrix.cells), difference };
  const number = (/** @type {number} */ value) => exact(tidy(value));
  const tell = (/** @type {number} */ flat) =>
    filled(say, "mine.cell", {
      cell: told(array, flat),
      yours: number(sides.yours[flat]),
      difference: number(difference[flat]),
    });
  const marks = new Set(answer.differs);
  if (side === "right") return { array, look, marks, tell };
  const known = { cells: sides[side], known: true };
  if (side === "yours") return { array: like(array, known), look, marks, tell };
  const limit = difference.reduce((most, each) => (Number.isFinite(each) ? Math.max(most, Math.abs(each)) : most), 0);
  const scale = /** @type {[number, number]} */ ([-limit, limit]);
  const write = (/** @type {number} */ flat) => (difference[flat] && !marks.has(flat) ? ALIKE : undefined);
  return { array: like(array, { ...known, scale }), look: new Look(look.theme, limit), marks, tell, write };
}

/** @param {NamedArray} array @param {number[]} indices of a cell */
export const flatOf = ({ strides }, indices) => indices.reduce((sum, index, axis) => sum + index * strides[axis], 0);

/** An array as another, but for some of it: a cell of it is a cell of that one.
 * @param {NamedArray} array @param {Partial<NamedArray>} other @returns {NamedArray} */
const like = (array, other) => Object.assign(Object.create(array), other);
