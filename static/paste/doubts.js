// @ts-check
// What may be meant in two ways although it stands in brackets: a row on several lines, a comma of a fraction.

import { numeral } from "./numeral.js";
import { matrixOf, split } from "./nested.js";
import { brief, glance, Unreadable } from "./unreadable.js";

/** @typedef {import("./nested.js").Nested} Nested */
/** @typedef {import("./tokens.js").Token} Token */

/** Numbers on several lines in one pair of brackets: MATLAB's rows, or a row for which NumPy's line was too short.
 * @param {number[]} row @param {number[]} ends @param {boolean} hasCommas @param {string[]} lines of the text, from that of the bracket on
 * @param {number[]} widths that a column may have @param {number} depth of its brackets, if they stand in others; 0 if not @returns {Nested} */
export function wrapped(row, ends, hasCommas, lines, widths, depth) {
  const parts = split(row, ends);
  const isEven = parts.every((part) => part.length === parts[0].length);
  const before = lines.slice(0, ends.length + 1);
  const wide = Math.min(...before.slice(0, -1).map((line) => line.trimEnd().length));
  if (!hasCommas && (depth || before[0].startsWith("[")) && widths.some((width) => isFull(width, parts[0].length, depth || 1))) return row;
  if (hasCommas || wide < 40) return parts;
  if (!isEven) return row;
  const readings = [row, parts].map((nested) => matrixOf(nested)).map((matrix) => ({ label: glance(matrix), matrix })); // prettier-ignore
  throw new Unreadable("doubt", { readings: readings.map(({ label }) => label).join(" / ") }, readings);
}

/** How wide NumPy's columns are for some numbers. @param {Token[]} tokens */
export function widthOf(tokens) {
  let [before, behind] = [0, 0]; // the points, which stand below each other
  for (const { kind, text } of tokens) {
    if (kind !== "word" || !/^[-+]?[.\d]/.test(text)) continue;
    const point = text.includes(".") ? text.indexOf(".") : text.length;
    before = Math.max(before, point);
    behind = Math.max(behind, text.length - point);
  }
  return before + behind;
}

/** Whether NumPy would have gone on in the next line: no further number has room in its 75 columns, of which each pair of
 * brackets takes two. @param {number} width @param {number} count of numbers in the first line @param {number} depth */
function isFull(width, count, depth) {
  const length = depth + count * (width + 1);
  return length - 1 <= 75 - depth && length + width > 75 - depth;
}

/** Refuse [0,5 1,25], where a comma may be that of a fraction. @param {Token[]} inside what stands in the brackets
 * @param {boolean} always whether no sign but a comma parts numbers there */
export function doubt(inside, always) {
  const isTight = (/** @type {number} */ at) => inside[at]?.text === "," && !inside[at].spaced && inside[at + 1] && !inside[at + 1].spaced;
  if (!inside.some((_, at) => isTight(at))) return;
  const nought = inside.findIndex(({ text }, at) => text === "-0" && isTight(at + 1) && /^\d/.test(inside[at + 2].text));
  if (nought >= 0) throw new Unreadable("comma", { what: `-0,${brief(inside[nought + 2].text)}`, line: inside[nought].line + 1 }); // no number is -0
  let [isBare, isLoose] = [false, false];
  /** @type {string[]} */ const words = [""];
  inside.forEach(({ kind, text, spaced }, at) => {
    if (kind === "word" && (!spaced || !words.at(-1))) words[words.length - 1] += text;
    else if (kind === "word") (isBare = true), words.push(text);
    else if (isTight(at)) words[words.length - 1] += ",";
    else (isLoose ||= text === ","), words.push("");
  });
  const full = words.filter(Boolean);
  if (!always && !isBare && !isLoose) return;
  if (!full.every((word) => numeral(word, "comma") !== undefined || numeral(word) !== undefined)) return;
  const isGrouped = (/** @type {string} */ word) => /,\d{3}\.\d/.test(word) && numeral(word) !== undefined; // 1,234.5
  if (always || isBare || full.every((word) => word.includes(",")) || full.some(isGrouped))
    throw new Unreadable("comma", { what: brief(full.find((word) => word.includes(",")) ?? ""), line: inside[0].line + 1 }); // prettier-ignore
}
