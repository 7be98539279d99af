// @ts-check
// What may be meant in two ways although it stands in brackets: a row on several lines, a comma of a fraction.

import { isNumeral, numeral, unending } from "./numeral.js";
import { matrixOf, split } from "./nested.js";
import { doubtful, lineAt, reading, Unreadable } from "./unreadable.js";

/** @import { Nested } from "./nested.js" */
/** @import { Token } from "./tokens.js" */

const LINE = 75; // columns that NumPy's numbers take
const SHORT = 40; // columns of lines that are no row by themselves

/** Numbers on several lines in one pair of brackets, without commas: MATLAB's rows, or one too long for a line.
 * @param {number[]} row @param {number[]} ends @param {string[]} lines of the text, from that of the bracket on
 * @returns {Nested} */
export function wrapped(row, ends, lines) {
  const parts = split(row, ends);
  if (lines.slice(0, ends.length).some((line) => line.trimEnd().length < SHORT)) return parts;
  if (parts.some(({ length }) => length !== parts[0].length)) return row;
  throw doubtful([row, parts].map((each) => reading(matrixOf(each))));
}

/** How wide NumPy's columns are for some numbers. @param {Token[]} tokens */
export function widthOf(tokens) {
  const words = tokens.filter(({ kind, text }) => kind === "word" && /^[-+]?[.\d]/.test(text)).map(({ text }) => text);
  const others = tokens.filter(({ kind, text }) => kind === "word" && unending(text) !== undefined);
  let [before, behind] = [0, 0]; // the points, which stand below each other
  for (const word of words) {
    const point = word.search(/\.|$/);
    before = Math.max(before, point);
    behind = Math.max(behind, word.length - point);
  }
  return others.reduce((wide, { text }) => Math.max(wide, text.length), before + behind);
}

/** Whether NumPy would have gone on in the next line: no further number has room in its columns, of which each pair of
 * brackets takes two. @param {number} width @param {number} count of numbers in a line @param {number} depth */
export function isFull(width, count, depth) {
  const length = depth + count * (width + 1);
  return length - 1 <= LINE - depth && length + width > LINE - depth;
}

/** Refuse [0,5 1,25], where a comma may be that of a fraction. @param {Token[]} inside what stands in the brackets
 * @param {boolean} always whether no sign but a comma parts numbers there */
export function doubt(inside, always) {
  const room = (/** @type {Token} */ { spaced, line }, /** @type {number} */ at) =>
    at && line > inside[at - 1].line ? "\n" : spaced ? " " : "";
  const text = inside.map((each, at) => room(each, at) + (each.kind === "string" ? '""' : each.text)).join("");
  if (!/(?<! ),[^ ]/.test(text)) return;
  const nought = /(?<![\w.])-0,\d[^\s,;]*/.exec(text); // no number is -0
  const [{ line }] = inside;
  if (nought) throw new Unreadable("comma", { what: nought[0], line: line - 1 + lineAt(text, nought.index) });
  const words = text.split(/[ \n;[\](){}"]|\.{3}|(?<= ),|,(?= |$)/).filter(Boolean);
  const isBare = /[^\s,;[({] [^\s,;\])}]/.test(text);
  const isLoose = / ,|,(?= |$)/.test(text);
  if (!(always || isBare || isLoose) || !words.every((word) => isNumeral(word.replace(/,$/, "")))) return;
  const isGrouped = words.some((word) => /,\d{3}\.\d/.test(word) && numeral(word) !== undefined); // 1,234.5
  if (always || isBare || isGrouped || words.every((word) => word.includes(",")))
    throw new Unreadable("comma", { what: words.find((word) => word.includes(",")) ?? "", line });
}
