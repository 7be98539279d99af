// @ts-check
// How a single cell is called: in short beside it, and in a sentence for those who hear the page; and which one a name
// stands for.

import { exact } from "./look.js";
import { element } from "../page/page.js";
import { tidy } from "../why/decimal.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @import { Say } from "./describe.js" */
/** A cell of an array, by its flat index; away is one that was pinned by its name while its array was on no board.
 * @typedef {{array: string, flat: number, pinned: boolean, away?: boolean}} Cell */

/** @param {NamedArray} array @param {number} flat @returns {number[]} */
export const indicesOf = ({ shape, strides }, flat) =>
  strides.map((stride, axis) => Math.floor(flat / stride) % shape[axis]);

/** Such as z[0, 1, 2]. @param {NamedArray} array @param {number} flat */
export const nameOf = (array, flat) => `${array.name}[${indicesOf(array, flat).join(", ")}]`;

/** The name of its last cell: no other is longer. @param {NamedArray} array */
export const lastName = (array) => nameOf(array, array.cells.length - 1);

/** The number of a cell: as it was given, or as it was computed, without the dust of binary numbers.
 * @param {NamedArray} array @param {number} flat */
const numberOf = (array, flat) => (array.known ? array.cells[flat] : tidy(array.cells[flat]));

/** Such as z[0, 1, 2] = −5.
 * @param {NamedArray} array @param {number} flat @param {number} [value] to be shown in place of its number */
export function told(array, flat, value = numberOf(array, flat)) {
  return `${nameOf(array, flat)} = ${array.isKnown(flat) ? exact(value) : "…"}`;
}

/** Such as: z, filter 0, row 1, column 2: −5. @param {NamedArray} array @param {number} flat @param {Say} say
 * @param {string} more that is known of it, such as the sum it is @param {number} [shown] in place of its number */
export function sentenceOf(array, flat, say, more, shown = numberOf(array, flat)) {
  const places = indicesOf(array, flat).map((index, axis) => `${say(array.axes[axis])} ${index}`);
  const [comma, colon] = [say("cell.comma"), say("cell.colon")];
  const value = array.isKnown(flat) ? [exact(shown), more] : [more || say("cell.unknown")];
  return [array.name, ...places].join(comma) + colon + value.filter(Boolean).join(comma);
}

/** A button that leads to a cell. @param {{array: NamedArray, flat: number}} cell */
export function cellButton({ array, flat }) {
  const attributes = { type: "button", class: "cell", "data-cell": `${array.name}:${flat}` };
  return element("button", attributes, nameOf(array, flat));
}

/** The cell that a part of the page stands for.
 * @param {EventTarget|null} target within it @returns {Cell|undefined} */
export function cellNamed(target) {
  const named = target instanceof Element ? target.closest("[data-cell]") : null;
  const [array, flat] = named?.getAttribute("data-cell")?.split(":") ?? [];
  return array ? { array, flat: Number(flat), pinned: false } : undefined;
}

/** Tell which cell a reader points at by its name in some part of the page. What stands there may become another's, or
 * go, while the pointer rests.
 * @param {HTMLElement} root @param {(cell: Cell|undefined) => void} glance called with the cell that is pointed at
 * @param {AbortSignal} [signal] of a part that is taken away
 * @returns {() => void} looks again at what is pointed at: to be called once the part has been drawn anew */
export function pointing(root, glance, signal) {
  /** @type {Element|undefined} */ let at;

  /** @param {EventTarget|null} target */
  function look(target) {
    at = target instanceof Element ? target : undefined;
    glance(cellNamed(at ?? null));
  }

  for (const way of ["pointerover", "focusin"]) root.addEventListener(way, ({ target }) => look(target), { signal });
  for (const way of ["pointerleave", "focusout"]) root.addEventListener(way, () => look(null), { signal });
  return () => at && look(at.checkVisibility() ? at : null);
}
