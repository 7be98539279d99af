// @ts-check
// How large the numbers of a map can stand in its cells, and how wide such a cell is: a square, or wider where they
// are larger then or have more digits. It knows arrays, and neither colours nor Plotly.

import { short } from "../say/look.js";
import { tidy } from "../why/decimal.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @typedef {{wide: number, high: number}} Box in pixels */
/** @typedef {{array: NamedArray, map: {base: number, height: number, width: number},
 *   write?: (flat: number) => string|undefined}} Written a map, and what stands in a cell in place of its number */
/** @typedef {{characters: number, size: number}} Letters how many a number may have, and their size in pixels */

const LEAST = 9.5; // pixels: smaller letters are not read
const ADVANCE = 0.58; // of the size of letters: from one digit to the next
const HIGH = 0.78; // of a cell: so high letters can be
const BESIDE = 6; // pixels of a cell that are free
const CHARACTERS = [6, 5, 4, 3]; // that a number may have; with fewer the others are nothing but their sign and size
const WIDEST = 3; // times as wide as high
const OBLONG = 6; // times as long as wide: what there is of room is then for its cells

/** How long the numbers are that an array ends with, by map and characters.
 * @type {WeakMap<Float64Array, Map<string, number>>} */
const ends = new WeakMap();

/** How many times as high as wide the cells of a map are; nothing, where they fill the room. It stays while the walk
 * goes on and while a reader zooms.
 * @param {Written} written @param {Box} room @param {number} most pixels of letters */
export function heightOf(written, { wide, high }, most) {
  const { width, height } = written.map;
  if (Math.max(height, width) > OBLONG * Math.min(height, width)) return undefined;
  const [across, down] = [wide / width, high / height];
  const [side, wider] = [Math.min(across, down), Math.min(across, WIDEST * down)];
  if (wider === side) return 1;
  const [square, oblong] = [side, wider].map((each) => lettersOf(written, { wide: each, high: down }, most));
  const isMore = oblong && (oblong.characters > (square?.characters ?? 0) || oblong.size > (square?.size ?? 0));
  return isMore ? down / wider : 1;
}

/** The largest letters of the longest numbers with which all of a map are read in its cells, if they can be.
 * @param {Written} written @param {Box} cell @param {number} most pixels @returns {Letters|undefined} */
export function lettersOf(written, { wide, high }, most) {
  const room = wide - BESIDE;
  if (HIGH * high < LEAST || room < ADVANCE * LEAST) return undefined;
  for (const characters of CHARACTERS) {
    const size = Math.min(most, HIGH * high, room / (ADVANCE * longest(written, characters)));
    if (size >= LEAST) return { characters, size: Math.floor(2 * size) / 2 };
  }
  return undefined;
}

/** How many characters the longest number has, of those that stand there and of those that will.
 * @param {Written} written @param {number} characters at most */
function longest({ array, map, write }, characters) {
  const { base, height, width } = map;
  let most = longestEnd(array, map, characters);
  for (let flat = base; flat < base + height * width; flat++) {
    if (!array.isKnown(flat)) continue;
    const number = array.cells[flat];
    const text = write?.(flat) ?? (number === array.end[flat] ? "" : short(tidy(number), characters).text);
    most = Math.max(most, text.length);
  }
  return most;
}

/** The same of what a map will hold, which is found once. @param {NamedArray} array @param {Written["map"]} map
 * @param {number} characters at most */
function longestEnd({ end }, { base, height, width }, characters) {
  const key = [base, characters].join();
  const found = ends.get(end) ?? new Map();
  ends.set(end, found);
  if (!found.has(key)) {
    const texts = Array.from(end.slice(base, base + height * width), (each) => short(tidy(each), characters).text);
    found.set(key, Math.max(1, ...texts.map(({ length }) => length)));
  }
  return found.get(key) ?? 1;
}
