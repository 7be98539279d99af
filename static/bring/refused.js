// @ts-check
// What a reader has brought and cannot be taken, and why. The reason is a word, for which this room has a sentence.

/** @typedef {"empty"|"large"|"unknown"|"pixels"|"broken"|"header"|"objects"|"dtype"|"cut"|"cells"|"nothing"|
 *   "zip"|"locked"|"packed"|"entries"|"arrays"|"lie"|"camera-none"|"camera-refused"|"camera-lost"|"shelf"|
 *   "several"|"walk"|"map"} Reason */

export class Refused extends Error {
  /** @param {Reason} reason @param {Record<string, string|number>} [values] what the sentence names */
  constructor(reason, values = {}) {
    super(reason);
    this.reason = reason;
    this.values = values;
  }
}

/** The sentence of an error; one that is none of ours is thrown on.
 * @param {unknown} error @param {(key: string) => string} say */
export function sentence(error, say) {
  if (!(error instanceof Refused)) throw error;
  const { reason, values } = error;
  return filled(say(`bring.no.${reason}`), values);
}

/** A sentence with what it names. @param {string} text @param {Record<string, string|number>} values */
export function filled(text, values) {
  const shown = (/** @type {string|number} */ value) =>
    typeof value === "number" ? value.toLocaleString("en") : value.slice(0, LONGEST);
  return Object.entries(values).reduce((line, [name, value]) => line.replace(`{${name}}`, () => shown(value)), text);
}

const LONGEST = 40; // characters of a name that a sentence names
