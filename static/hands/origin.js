// @ts-check
// What of a cell a reader can change: the cell of a given array that it is a copy of, or the settings that have filled
// it in. It follows the recorded accesses from copy to copy, and knows no layer and no page.

import { derivationsOf } from "../why/derivation.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @typedef {{array: string, flat: number}} Place */
/** @typedef {{word: "padding"|"inserted", settings: string[]}} Filled by which settings, and what that is called */
/** @typedef {{cell?: Place, filled?: Filled, isOpen?: boolean}} Origin
 *   - isOpen: nothing has been written there yet, so that nothing is known */

const LOOKED_AT = 64; // cells of an array, from its middle on, in search of one that tells

/** Where the number that a cell holds after k steps was given. @param {Trace} trace
 * @param {(name: string) => boolean} isGiven whether a reader may give an array @param {Place} place @param {number} k
 * @returns {Origin} */
export function originOf(trace, isGiven, { array, flat }, k) {
  if (isGiven(array)) return { cell: { array, flat } };
  const { kind, path, filling } = derivationsOf(trace).of(array, flat, k);
  const last = path.at(-1);
  if (kind === "copy" && last && isGiven(last.array.name))
    return { cell: { array: last.array.name, flat: last.flat } };
  if (kind === "filled" && (filling?.word === "padding" || filling?.word === "inserted")) {
    const where = last ?? { array: /** @type {NamedArray} */ (trace.byName.get(array)), flat };
    const write = trace.accesses.lastWrite(where.array, where.flat, trace.accesses.upTo(filling.step + 1));
    const settings = write ? trace.header.sources[write.source].settings : [];
    return { filled: { word: filling.word, settings } };
  }
  return { isOpen: kind === "awaited" };
}

/** The given array whose numbers an array holds, as far as they are known after k steps; of others undefined, and null
 * where one cannot tell yet. @param {Trace} trace @param {(name: string) => boolean} isGiven
 * @param {NamedArray} array @param {number} k @returns {string|null|undefined} */
export function copied(trace, isGiven, array, k) {
  if (array.role === "scratch") return undefined;
  const { length } = array.cells;
  for (let at = 0; at < Math.min(length, LOOKED_AT); at++) {
    const flat = ((length >> 1) + at) % length;
    const { cell, filled, isOpen } = originOf(trace, isGiven, { array: array.name, flat }, k);
    if (cell) return cell.array;
    if (!filled) return isOpen ? null : undefined;
  }
  return undefined;
}
