// @ts-check
// An array as an address has it: as JSON while that is short, else as what takes the least room and stands for exactly
// its numbers. The forms are told in app/walks/arrays.py, which reads them. It knows no page and no layer.

import { laidOut } from "./nested.js";

/** @import { Matrix } from "./unreadable.js" */
/** @typedef {{kind: string, bits: number, decimals: number}} Form how each number is written */

const READABLE = 400; // characters of JSON that still can be read in an address
const DECIMALS = 15; // up to here a power of ten is a float exactly, and so is each quotient the nearest one
const SIZES = [8, 16, 24, 32];

/** @param {Matrix} matrix @returns {string} */
export function address({ shape, cells }) {
  const exact = cells.map((cell) => cell + 0); // there is no negative zero
  const json = exact.every(Number.isFinite) ? JSON.stringify(laidOut(exact, shape)) : undefined; // it has no NaN
  if (json && json.length <= READABLE) return json;
  const form = formOf(exact);
  const name = `${form.kind}${form.bits}${form.decimals ? `e-${form.decimals}` : ""}`;
  const compact = `${name}:${shape.join("x")}:${inBase64(bytesOf(exact, form))}`;
  return json && lengthIn(json) <= lengthIn(compact) ? json : compact;
}

/** How many bytes a text takes in an address, where a bracket and a comma take three each. @param {string} text */
export const lengthIn = (text) => encodeURIComponent(text).length;

/** The most decimals with which numbers fit into so many characters; undefined where not even whole numbers do.
 * @param {Matrix} matrix @param {number} room @returns {number|undefined} */
export function decimalsFor(matrix, room) {
  for (let decimals = DECIMALS; decimals >= 0; decimals--)
    if (lengthOf(rounded(matrix, decimals)) <= room) return decimals;
  return undefined;
}

/** The same numbers to so many decimals. @param {Matrix} matrix @param {number} decimals @returns {Matrix} */
export function rounded({ shape, cells }, decimals) {
  const power = 10 ** decimals;
  return { shape, cells: cells.map((cell) => Math.round(cell * power) / power + 0) };
}

/** How long an array is in an address, at most. @param {Matrix} matrix */
const lengthOf = ({ shape, cells }) =>
  20 + shape.join("x").length + Math.ceil((cells.length * formOf(cells).bits) / 6);

/** The shortest form that stands for exactly these numbers: as whole ones over a power of ten, or floating-point ones.
 * @param {number[]} cells @returns {Form} */
function formOf(cells) {
  for (let decimals = 0; decimals <= DECIMALS; decimals++) {
    const power = 10 ** decimals;
    if (!cells.every((cell) => Math.round(cell * power) / power === cell)) continue;
    const low = Math.round(cells.reduce((one, other) => Math.min(one, other), 0) * power);
    const high = Math.round(cells.reduce((one, other) => Math.max(one, other), 0) * power);
    const bits = SIZES.find((each) => -(2 ** (each - 1)) <= low && high < 2 ** (each - Number(low < 0)));
    if (bits) return { kind: low < 0 ? "i" : "u", bits, decimals };
    break;
  }
  return { kind: "f", bits: cells.every((cell) => Math.fround(cell) === cell) ? 32 : 64, decimals: 0 };
}

/** @param {number[]} cells @param {Form} form little-endian, as is every machine with a browser */
function bytesOf(cells, { kind, bits, decimals }) {
  if (kind === "f") return new Uint8Array((bits === 32 ? Float32Array : Float64Array).from(cells).buffer);
  const wholes = Int32Array.from(cells, (cell) => Math.round(cell * 10 ** decimals));
  const bytes = new Uint8Array(wholes.buffer); // of which each number's first ones are all that it needs
  return bytes.filter((_, at) => at % 4 < bits / 8);
}

/** @param {Uint8Array} bytes */
function inBase64(bytes) {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
