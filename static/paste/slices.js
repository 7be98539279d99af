// @ts-check
// Slices with their places, as one array: A(:,:,1) and A(:,:,2), x[0] and x[1]. All of them have to be there.

import { isSame, product } from "./nested.js";
import { attempt, Unreadable } from "./unreadable.js";

/** @import { Matrix } from "./unreadable.js" */
/** @typedef {{of: string, index: number[]}} Slice the array that it belongs to, and its place there, slowest first */
/** @typedef {{name: string, matrix: Matrix, slice?: Slice, isTyped?: boolean}} Named whether it was typed, and not
 *   printed */

/** Slices as one array: the index of each says where it belongs.
 * @param {Matrix[]} maps @param {number[][]} indices @param {number} line that a complaint names @returns {Matrix} */
export function assembled(maps, indices, line) {
  const [{ shape }] = maps;
  if (maps.some((map) => !isSame(map.shape, shape))) throw new Unreadable("maps");
  const first = Math.min(...indices[0]) === 0 ? 0 : 1; // PyTorch has counted from 0
  const sizes = indices[0].map((_, axis) => Math.max(...indices.map((index) => index[axis])) - first + 1);
  const flat = indices.map((index) => index.reduce((all, each, axis) => all * sizes[axis] + each - first, 0));
  const places = maps.map((_, place) => flat.indexOf(place));
  const isWhole = product(sizes) === maps.length && !places.includes(-1);
  if (!isWhole || indices.some(({ length }) => length !== sizes.length)) throw new Unreadable("order", { line });
  return { shape: [...sizes, ...shape], cells: places.flatMap((place) => maps[place].cells) };
}

/** Arrays, where those that are slices of one name stand as the whole. Where some are missing, or differ in size as
 * the kernels of layers do, each is an array of its own. @param {Named[]} found @returns {Named[]} */
export function gathered(found) {
  return found.flatMap((each) => {
    if (!each.slice) return [each];
    const name = each.slice.of;
    const slices = found.filter(({ slice }) => slice?.of === name);
    if (each !== slices[0]) return [];
    const indices = slices.map(({ slice }) => slice?.index ?? []);
    const matrix = attempt(() =>
      assembled(
        slices.map((one) => one.matrix),
        indices,
        1,
      ),
    );
    return slices.length < 2 || matrix instanceof Unreadable ? slices : [{ name, matrix }];
  });
}

/** The index that stands behind a name, slowest first; undefined if it is none that tells where a slice belongs.
 * @param {string} words such as (:,:,1), [0], [0][1], [0, :] */
export function indexIn(words) {
  const bare = words.replace(/\s/g, "");
  const numbers = (bare.match(/\d+/g) ?? []).map(Number);
  const isOfMatlab = /^\((?::,)+\d+(?:,\d+)*\)$/.test(bare);
  const isOfJulia = /^\[(?::,)+\d+(?:,\d+)*\]$/.test(bare) && !numbers.includes(0); // Python's [:, :, 0] is no map
  if (isOfMatlab || isOfJulia) return numbers.reverse(); // the last one counts slowest
  return /^(?:\[\d+(?:,\d+)*(?:,:|,\.\.\.)*\])+$/.test(bare) ? numbers : undefined;
}
