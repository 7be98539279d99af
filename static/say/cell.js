// @ts-check
// How a single cell is called: in short beside it, and in a sentence for those who hear the page.

import { exact } from "./look.js";
import { element } from "../page/page.js";

/** @typedef {import("../run/trace.js").NamedArray} NamedArray */
/** @typedef {{array: string, flat: number, pinned: boolean, away?: boolean}} Cell one of an array, by its flat index; away
 *   is one that was pinned by its name, while its array was not on the stage */

/** @param {NamedArray} array @param {number} flat @returns {number[]} */
export const indicesOf = ({ shape, strides }, flat) =>
  strides.map((stride, axis) => Math.floor(flat / stride) % shape[axis]);

/** Such as z[0, 1, 2]. @param {NamedArray} array @param {number} flat */
export const nameOf = (array, flat) => `${array.name}[${indicesOf(array, flat).join(", ")}]`;

/** The name of its last cell: no other is longer. @param {NamedArray} array */
export const lastName = (array) => nameOf(array, array.cells.length - 1);

/** Such as z[0, 1, 2] = −5. @param {NamedArray} array @param {number} flat @param {number} [value] to be shown of it */
export const told = (array, flat, value = array.cells[flat]) => `${nameOf(array, flat)} = ${array.isKnown(flat) ? exact(value) : "…"}`;

/** Such as: z, filter 0, row 1, column 2: −5. @param {NamedArray} array @param {number} flat
 * @param {(text: string) => string} say @param {string} more that is known of it, such as the sum it is
 * @param {number} [shown] in place of its number */
export function sentenceOf(array, flat, say, more, shown = array.cells[flat]) {
  const places = indicesOf(array, flat).map((index, axis) => `${say(array.axes[axis])} ${index}`);
  const [comma, colon] = [say("cell.comma"), say("cell.colon")];
  const value = array.isKnown(flat) ? [exact(shown), more] : [more || say("cell.unknown")];
  return [array.name, ...places].join(comma) + colon + value.filter(Boolean).join(comma);
}

/** A button that leads to a cell. @param {{array: NamedArray, flat: number}} cell */
export function cellButton({ array, flat }) {
  return element("button", { type: "button", class: "cell", "data-cell": `${array.name}:${flat}` }, nameOf(array, flat));
}

/** The cell that a part of the page stands for. @param {EventTarget|null} target within it @returns {Cell|undefined} */
export function cellNamed(target) {
  const named = target instanceof Element ? target.closest("[data-cell]") : null;
  const [array, flat] = named?.getAttribute("data-cell")?.split(":") ?? [];
  return array ? { array, flat: Number(flat), pinned: false } : undefined;
}
