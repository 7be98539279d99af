// @ts-check
// A text that is no array, and why. The reason is a word, for which the page has a sentence.

/** @typedef {{shape: number[], cells: number[]}} Matrix the cells in row-major order */
/** @typedef {{label: string, matrix: Matrix}} Reading one of the things that a text can mean */
/** @typedef {"nothing"|"brackets"|"dots"|"cut"|"dotted"|"word"|"empty"|"ragged"|"maps"|"axes"|"names"|"several"|
 *   "doubt"|"comma"|"call"|"hidden"|"size"|"shape"|"order"|"comment"|"some"|"many"|"rounded"} Reason */

const LONGEST = 20; // characters of a word that a sentence names

export class Unreadable extends Error {
  /** @param {Reason} reason
   * @param {Record<string, string|number>} [values] what the sentence names: lines count from 1
   * @param {Reading[]} [readings] what the text can mean, if it is more than one thing */
  constructor(reason, values = {}, readings = []) {
    super(reason);
    this.reason = reason;
    this.values = "what" in values ? { ...values, what: String(values.what).slice(0, LONGEST) } : values;
    this.readings = readings;
  }
}

/** What is read, or why nothing is. @template T @param {() => T} read @returns {T|Unreadable} */
export function attempt(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return error;
    throw error;
  }
}

/** What a part of a text says; a complaint about it names the line in the whole. @template T
 * @param {(line: number) => number} lineOf the whole text has a line of the part @param {() => T} read */
export function within(lineOf, read) {
  const said = attempt(read);
  if (!(said instanceof Unreadable)) return said;
  const { reason, values, readings } = said;
  throw "line" in values ? new Unreadable(reason, { ...values, line: lineOf(Number(values.line)) }, readings) : said;
}

/** The line on which a place of a text stands. @param {string} text @param {number} at */
export const lineAt = (text, at) => text.slice(0, at).split("\n").length;

/** An array as one of those that are asked for, with its beginning, so that one tells two apart. A dot or a comma
 * between its numbers would be one of theirs. @param {Matrix} matrix @param {string} [name] @returns {Reading} */
export function reading(matrix, name = "") {
  const { shape, cells } = matrix;
  const shown = `${shape.join("×")}: ${cells.slice(0, 4).join(" | ")}${cells.length > 4 ? " …" : ""}`;
  return { label: `${name} ${shown}`.trim(), matrix };
}

/** The readings that differ, each once. @param {Reading[]} readings */
export function distinct(readings) {
  const keys = readings.map(({ matrix }) => JSON.stringify([matrix.shape, matrix.cells]));
  return readings.filter((_, at) => keys.indexOf(keys[at]) === at);
}

/** A text that says one thing or another, equally well. @param {Reading[]} readings */
export const doubtful = (readings) =>
  new Unreadable("doubt", { readings: readings.map(({ label }) => label).join(" / ") }, readings);

/** What is offered of a text: what it says, or what it may say. @param {Matrix|Unreadable} said */
export const readingsOf = (said) => (said instanceof Unreadable ? said.readings : [reading(said)]);
