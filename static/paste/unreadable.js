// @ts-check
// A text that is no array, and why. The reason is a word, for which the page has a sentence.

/** @typedef {{shape: number[], cells: number[]}} Matrix the cells in row-major order */
/** @typedef {{label: string, matrix: Matrix}} Reading one of the things that a text can mean */
/** @typedef {"nothing"|"brackets"|"dots"|"cut"|"dotted"|"word"|"empty"|"ragged"|"maps"|"axes"|"names"|"several"|"doubt"|
 *   "comma"|"call"|"hidden"|"size"|"shape"|"order"|"comment"|"some"} Reason */

export class Unreadable extends Error {
  /** @param {Reason} reason @param {Record<string, string|number>} [values] what the sentence names: lines count from 1
   * @param {Reading[]} [readings] what the text can mean, if it is more than one thing */
  constructor(reason, values = {}, readings = []) {
    super(reason);
    this.reason = reason;
    this.values = values;
    this.readings = readings;
  }
}

/** What a part of a text says; a complaint about it names the line in the whole. @template T
 * @param {number} above how many lines stand above the part @param {() => T} read */
export function below(above, read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unreadable) || !("line" in error.values)) throw error;
    throw new Unreadable(error.reason, { ...error.values, line: Number(error.values.line) + above }, error.readings);
  }
}

/** A word as a sentence names it. @param {string} word */
export const brief = (word) => (word.length > 20 ? word.slice(0, 20) : word);

/** The readings that differ, each once. @param {Reading[]} readings */
export function distinct(readings) {
  const seen = new Map();
  for (const each of readings) {
    const key = JSON.stringify([each.matrix.shape, each.matrix.cells]);
    if (!seen.has(key)) seen.set(key, each);
  }
  return [...seen.values()];
}

/** The beginning of an array, so that one tells two readings apart. A dot or a comma between its numbers would be one of
 * theirs. @param {Matrix} matrix */
export function glance({ shape, cells }) {
  const shown = cells.slice(0, 4).join(" | ");
  return `${shape.join("×")}: ${shown}${cells.length > 4 ? " …" : ""}`;
}
