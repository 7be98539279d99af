// @ts-check
// Arrays as one edits them: it fits what was read to the axes that are wanted, fills arrays, and writes them as text.
// It knows no page and no layer.

import { laidOut, product } from "./nested.js";
import { attempt, Unreadable } from "./unreadable.js";

export { address } from "./address.js";
export { parse } from "./paste.js";
export { Unreadable };

/** @typedef {import("./unreadable.js").Matrix} Matrix */

// --- fitting ------------------------------------------------------------------------------------------------------

/** An array of as many axes as another has. What has fewer is a stack of maps, shared out as the other's are.
 * @param {Matrix} matrix @param {number[]} wanted the other's shape @returns {Matrix} */
export function fit({ shape, cells }, wanted) {
  let sizes = [...shape];
  while (sizes.length > wanted.length && sizes[0] === 1) sizes = sizes.slice(1);
  if (sizes.length === wanted.length) return { shape: sizes, cells };
  const isRow = sizes.filter((size) => size !== 1).length <= 1;
  if (isRow && (wanted.length === 1 || (sizes.length === 1 && cells.length === product(wanted))))
    return { shape: wanted.length === 1 ? [cells.length] : [...wanted], cells };
  if (sizes.length > wanted.length) throw new Unreadable("axes", { wanted: wanted.length, axes: sizes.length });
  const map = sizes.length === 1 ? [1, ...sizes] : sizes.slice(-2);
  const maps = product(sizes.slice(0, -2));
  const inner = product(wanted.slice(1, -2)); // how many maps belong together
  const outer = maps % inner ? [1, maps] : [maps / inner, inner];
  return { shape: [...(wanted.length > 3 ? outer : [maps].slice(0, wanted.length - 2)), ...map], cells };
}

// --- filling ------------------------------------------------------------------------------------------------------

/** @typedef {{flat: number, row: number, column: number, rows: number, columns: number}} Place of a cell in its map */

export const FILLS = {
  zeros: () => 0,
  ones: () => 1,
  ramp: (/** @type {Place} */ { flat }) => flat,
  random: () => Math.floor(Math.random() * 5) - 2,
  edge: (/** @type {Place} */ { column, columns }) => Number(column >= columns / 2),
  dot: (/** @type {Place} */ { row, column, rows, columns }) => Number(row === rows >> 1 && column === columns >> 1),
};

/** @param {keyof typeof FILLS} kind @param {number[]} shape @returns {Matrix} */
export function filled(kind, shape) {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape.slice(-2);
  const cells = Array.from({ length: product(shape) }, (_, flat) =>
    FILLS[kind]({ flat, row: Math.floor(flat / columns) % rows, column: flat % columns, rows, columns }),
  );
  return { shape: [...shape], cells };
}

/** An array with a kernel in its maps, amid zeros where they are larger; maps that are smaller grow.
 * @param {Matrix} matrix of two axes or more @param {number[][]} kernel
 * @param {number|undefined} which part along the first axis gets it; all of them, if that is not said
 * @returns {Matrix} */
export function withKernel({ shape, cells }, kernel, which) {
  const outer = shape.slice(0, -2);
  const [rows, columns] = shape.slice(-2);
  const [tall, wide] = [Math.max(rows, kernel.length), Math.max(columns, kernel[0].length)];
  /** @type {number[][][]} */ const maps = laidOut(cells, [product(outer), rows, columns]);
  const made = maps.map((map, at) => {
    const isChosen = which === undefined || Math.floor(at / product(outer.slice(1))) === which;
    const lines = isChosen ? kernel : map;
    const [top, left] = [(tall - lines.length) >> 1, (wide - lines[0].length) >> 1];
    const cell = (/** @type {number} */ flat) => lines[Math.floor(flat / wide) - top]?.[(flat % wide) - left] ?? 0;
    return Array.from({ length: tall * wide }, (_, flat) => cell(flat));
  });
  return { shape: [...outer, tall, wide], cells: made.flat() };
}

// --- writing ------------------------------------------------------------------------------------------------------

/** An array as text from which another one like it gets the same axes: rows on lines, or else brackets, which say
 * which maps belong together. @param {Matrix} matrix @param {number[]} wanted the other's shape */
export function written(matrix, wanted) {
  const { shape, cells } = matrix;
  const maps = product(shape.slice(0, -2));
  const read = shape.length === 1 ? [1, ...shape] : [...(maps > 1 ? [maps] : []), ...shape.slice(-2)];
  const shapes = [shape, read].map((sizes) => attempt(() => fit({ shape: sizes, cells }, wanted).shape.join()));
  return typeof shapes[0] === "string" && shapes[0] === shapes[1] ? lines(matrix) : brackets(matrix);
}

/** Lists in lists, a row on a line. @param {Matrix} matrix */
export function brackets({ shape, cells }) {
  /** @param {any} nested @returns {string} */
  const text = (nested) => (Array.isArray(nested) ? `[${nested.map(text).join(",")}]` : String(nested));
  return text(laidOut(cells, shape)).replaceAll("],[", "],\n[");
}

/** Rows on lines, with an empty line between two maps, and over each its indices. @param {Matrix} matrix */
export function lines({ shape, cells }) {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape.slice(-2);
  const words = cells.map(String);
  const wide = Math.max(...words.map((word) => word.length));
  const inner = shape.length === 4 ? shape[1] : 0;
  let text = "";
  for (let at = 0; at < words.length; at += columns) {
    const map = at / (rows * columns);
    if (shape.length > 2 && Number.isInteger(map))
      text += `${map ? "\n" : ""}# [${inner ? `${Math.floor(map / inner)}, ${map % inner}` : map}]\n`;
    text += words.slice(at, at + columns).map((word) => word.padStart(wide)).join(" ") + "\n"; // prettier-ignore
  }
  return text;
}
