// @ts-check
// What a teacher can ask at a moment: which cell the walk finishes next, and a question of one's own from a few lines.

import { tidy } from "../why/decimal.js";

const PLACES = Array.from({ length: 14 }, (_, at) => at + 2); // that an answer may be rounded to

/** @typedef {{array: string, place: number[], first: number, stop: number}} Next the cell that is finished next, from
 *   which moment on it is worked at and at which it is finished */

/** @param {{cells: {chapter: string, cell: string, stop: number}[]}} walk @param {number} step
 * @returns {Next|undefined} */
export function nextCell({ cells }, step) {
  const at = cells.findIndex(({ cell, stop }) => cell && stop > step);
  if (at < 0) return undefined;
  const [, array, inside] = /^(.*)\[(.*)\]$/.exec(cells[at].cell) ?? [];
  const place = inside ? inside.split(", ").map(Number) : [];
  return array ? { array, place, first: at ? cells[at - 1].stop : 0, stop: cells[at].stop } : undefined;
}

/** Options, one in each line, and which of them are right. @param {string} lines */
export function optionsOf(lines) {
  const given = lines.split("\n").map((line) => line.trim()).filter(Boolean); // prettier-ignore
  const options = given.map((line) => line.replace(/^[*＊]\s*/, ""));
  return { options, truth: given.flatMap((line, at) => (/^[*＊]/.test(line) ? [at] : [])) };
}

/** Answers that are right: the number as it is, as the page shows it, and rounded to two places or more.
 * @param {number} value @param {unknown[]} answers */
export function rightOf(value, answers) {
  const isRounded = (/** @type {unknown} */ one) =>
    typeof one === "number" && one !== 0 && PLACES.some((places) => Number(value.toFixed(places)) === one);
  const word = Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  return Number.isFinite(value) ? [...new Set([tidy(value), value, ...answers.filter(isRounded)])] : [word];
}
