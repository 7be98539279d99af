// @ts-check
// One number: the words that stand for one, and which. What a word says is taken digit by digit, so that no number comes
// out that does not stand there.

import { brief, Unreadable } from "./unreadable.js";

/** Two ways to write a number. In each the thousands may be parted, all of a word by one sign. */
export const SYSTEMS = {
  point: { decimal: "\\.", groups: "[,'\u00a0 ]" },
  comma: { decimal: ",", groups: "[.'\u00a0 ]" },
};
/** @typedef {keyof typeof SYSTEMS} System */

const EXPONENT = "(?:(?:[eEdD]|\\*\\^)([+-]?\\d+))?"; // 1.5e3, Fortran's 1.5D+03, Mathematica's 1.5*^3
const UNDERSCORES = /(?<![\d_.])\d{1,3}(?:_\d{3})+(?![\d_])/; // Python's 1_000
const FORMS = Object.fromEntries(
  Object.entries(SYSTEMS).map(([name, { decimal, groups }]) => [
    name,
    new RegExp(`^([+-]?)(?:([1-9]\\d{0,2}(?:(${groups})\\d{3})(?:\\3\\d{3})*|\\d+)(?:${decimal}(\\d*))?|${decimal}(\\d+))${EXPONENT}$`),
  ]),
); // prettier-ignore

/** The number that a word stands for in one of the ways; undefined if it stands for none.
 * @param {string} word @param {System} [system] */
export function numeral(word, system = "point") {
  const found = FORMS[system].exec(/_/.test(word) ? word.replace(UNDERSCORES, (all) => all.replaceAll("_", "")) : word);
  if (!found) return undefined;
  const [, sign, whole = "", , after = "", bare = "", exponent = "0"] = found;
  const digits = `${whole.replace(/\D/g, "") || "0"}.${after || bare || "0"}`;
  return Number(`${sign}${digits}e${exponent}`) + 0; // there is no negative zero
}

/** The number that a word stands for; an Unreadable that names it otherwise.
 * @param {string} word @param {number} line counted from 0 @param {System} [system] */
export function number(word, line, system) {
  if (!word) throw new Unreadable("empty", { line: line + 1 });
  const value = numeral(word, system);
  if (value === undefined) throw new Unreadable("word", { what: brief(word), line: line + 1 });
  const isLost = value === 0 && /[1-9]/.test(word.split(/[eEdD]|\*\^/)[0]); // 1e-999 is not 0
  if (isLost || !Number.isFinite(value)) throw new Unreadable("size", { what: brief(word), line: line + 1 });
  return value;
}
