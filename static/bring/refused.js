// @ts-check
// What a reader has brought and cannot be taken, and why. The reason is a word, for which this room has a sentence.

/** @typedef {"empty"|"large"|"unknown"|"pixels"|"broken"|"header"|"objects"|"dtype"|"cut"|"cells"|"nothing"|
 *   "zip"|"locked"|"packed"|"entries"|"arrays"|"lie"|"camera-none"|"camera-refused"|"camera-lost"|"shelf"|
 *   "several"|"walk"|"map"|"tainted"|"gone"|"strange"|"many"|"picture"|"elsewhere"|"lost"|"rounded"|
 *   "withheld"} Reason */

export class Refused extends Error {
  /** @param {Reason} reason @param {Record<string, string|number>} [values] what the sentence names */
  constructor(reason, values = {}) {
    super(reason);
    this.reason = reason;
    this.values = values;
    this.file = ""; // that is meant, where there are several
    /** @type {string|undefined} what there is in place of numbers */ this.word = undefined;
  }
}

/** The sentence of an error. One that is none of ours is told of as well, and the console has the rest.
 * @param {unknown} error @param {(key: string) => string} say */
export function sentence(error, say) {
  if (!(error instanceof Refused)) reportError(error);
  const { reason, values, file } = error instanceof Refused ? error : new Refused("strange");
  const said = filled(say(`bring.no.${reason}`), values);
  return file ? `${file.slice(0, LONGEST)}: ${said}` : said;
}

/** A sentence with what it names. @param {string} text @param {Record<string, string|number>} values */
export function filled(text, values) {
  const shown = (/** @type {string|number} */ value) =>
    typeof value === "number" ? value.toLocaleString("en") : value.slice(0, LONGEST);
  return Object.entries(values).reduce((line, [name, value]) => line.replace(`{${name}}`, () => shown(value)), text);
}

const LONGEST = 40; // characters of a name that a sentence names
