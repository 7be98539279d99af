// @ts-check
// One number: the words that stand for one, and which. What a word says is taken digit by digit, so that no number
// comes out that does not stand there.

import { Unreadable } from "./unreadable.js";

/** @typedef {"point"|"comma"} System what parts a number's fraction. Its thousands may be parted, all by one sign */

const EXPONENT = "(?:(?:[eEdD]|\\*\\^)([+-]?\\d+))?"; // 1.5e3, Fortran's 1.5D+03, Mathematica's 1.5*^3
const UNENDING = /^([+-]?)(?:(?:np|numpy|jnp|torch|math)\.)?(?:(nan)|inf(?:inity)?)$/i;
const UNDERSCORES = /(?<![\d_.])\d{1,3}(?:_\d{3})+(?![\d_])/; // Python's 1_000

/** @param {string} decimal @param {string} group the signs that may part thousands */
function form(decimal, group) {
  const whole = `[1-9]\\d{0,2}(?:([${group}])\\d{3})(?:\\3\\d{3})*|\\d+`;
  return new RegExp(`^([+-]?)(?:(${whole})(?:[${decimal}](\\d*))?|[${decimal}](\\d+))${EXPONENT}$`);
}
const FORMS = { point: form(".", ",'\u00a0 "), comma: form(",", ".'\u00a0 ") };

/** The number that a word stands for in one of the ways; undefined if it stands for none.
 * @param {string} word @param {System} [system] */
export function numeral(word, system = "point") {
  const found = FORMS[system].exec(word.replace(UNDERSCORES, (all) => all.replaceAll("_", "")));
  if (!found) return undefined;
  const [, sign, whole = "", , after = "", bare = "", exponent = "0"] = found;
  const digits = `${whole.replace(/\D/g, "") || "0"}.${after || bare || "0"}`;
  return Number(`${sign}${digits}e${exponent}`) + 0; // there is no negative zero
}

/** What a word stands for that names no number: NaN, or an infinity; undefined otherwise. @param {string} word */
export function unending(word) {
  const [, sign, isNaN] = UNENDING.exec(word) ?? [];
  if (sign === undefined) return undefined;
  return isNaN ? NaN : Number(`${sign}Infinity`);
}

/** Whether a word is a number in any way. @param {string} word */
export const isNumeral = (word) => numeral(word, "point") !== undefined || numeral(word, "comma") !== undefined;

/** The number that a word stands for, or NaN or an infinity; an Unreadable that names it otherwise.
 * @param {string} word @param {number} line @param {System} [system] */
export function number(word, line, system) {
  if (!word) throw new Unreadable("empty", { line });
  const none = unending(word);
  if (none !== undefined) return none;
  const value = numeral(word, system);
  if (value === undefined) throw new Unreadable("word", { what: word, line });
  const isLost = value === 0 && /[1-9]/.test(halves(word)[0]); // 1e-999 is not 0
  if (isLost || !Number.isFinite(value)) throw new Unreadable("size", { what: word, line });
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER && isRounded(word, Math.abs(value)))
    throw new Unreadable("rounded", { what: word, near: String(BigInt(value)), line });
  return value;
}

/** Whether a word is a whole number, written digit by digit, that none of a computer's is. Others print what theirs is
 * with as many digits as tell it from its neighbours, and noughts behind them.
 * @param {string} word @param {number} size of what comes of it */
function isRounded(word, size) {
  const digits = word.replace(/\D/g, "");
  const isWhole = halves(word).length === 1 && Number(digits) === size;
  const [shortest] = String(size).replace(".", "").split("e");
  return isWhole && BigInt(digits) !== BigInt(size) && digits.replace(/0+$/, "") !== shortest.replace(/0+$/, "");
}

/** The digits of a word, and its exponent if it has one. @param {string} word */
const halves = (word) => word.split(/[eEdD]|\*\^/);

/** A number as code writes it: with C's and Java's f, R's L, Mathematica's mark of precision, but no octal 010.
 * @param {string} word */
export function literal(word) {
  if (unending(word) !== undefined) return word;
  const bare = word
    .replace(/`[\d.]*(?=$|\*\^)/, "")
    .replace(/(?<=[\d.])_(?:[dsqw]p|rk|real(?:32|64|128))$/, "")
    .replace(/(?<=[\d.])(?:[fFlLdD]|_?f(?:32|64))$/, "");
  return /['\u00a0 ]|^[+-]?0\d/.test(bare) || numeral(bare) === undefined ? undefined : bare;
}

/** The power of ten that a word is, as MATLAB and PyTorch print one for a whole array; undefined if it is none.
 * @param {string} word */
export function powerOf(word) {
  const power = Math.round(Math.log10(Number(word)));
  return Number(word) > 0 && Number(`1e${power}`) === Number(word) ? power : undefined;
}

/** A word for a number, times a power of ten: its digits stay as they were printed. @param {string} word
 * @param {number} power */
export function scaled(word, power) {
  if (unending(word) !== undefined) return word;
  const [digits, exponent = "0"] = halves(word);
  return power ? `${digits}e${Number(exponent) + power}` : word;
}
