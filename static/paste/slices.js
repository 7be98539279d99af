// @ts-check
// Slices with their places, as one array: A(:,:,1) and A(:,:,2), x[0] and x[1]. All of them have to be there.

import { Unreadable } from "./unreadable.js";

/** @typedef {import("./unreadable.js").Matrix} Matrix */
/** @typedef {import("./statements.js").Named} Named */

/** Slices as one array: the index of each says where it belongs.
 * @param {Matrix[]} maps @param {number[][]} indices @param {number} line that a complaint names @returns {Matrix} */
export function assembled(maps, indices, line) {
  const first = Math.min(...indices[0]) === 0 ? 0 : 1; // PyTorch has counted from 0
  const axes = indices[0].length;
  const sizes = indices[0].map((_, axis) => Math.max(...indices.map((index) => index[axis])) - first + 1);
  const flat = indices.map((index) => index.reduce((all, each, axis) => all * sizes[axis] + each - first, 0));
  const [{ shape }] = maps;
  if (maps.some((map) => map.shape.join() !== shape.join())) throw new Unreadable("maps");
  const places = [...flat].sort((a, b) => a - b);
  const isWhole = places.every((each, at) => each === at) && places.length === sizes.reduce((all, size) => all * size, 1);
  if (!isWhole || indices.some((index) => index.length !== axes)) throw new Unreadable("order", { line });
  return { shape: [...sizes, ...shape], cells: places.map((place) => maps[flat.indexOf(place)].cells).flat() };
}

/** Arrays, with those that are slices of one name in place of which stands the whole. Where some are missing, or differ in
 * size as the kernels of layers do, each is an array of its own. @param {Named[]} found @returns {Named[]} */
export function gathered(found) {
  const whole = (/** @type {string} */ name) => {
    const slices = found.filter((each) => each.slice?.of === name);
    if (slices.length < 2) return slices;
    try {
      const matrix = assembled(slices.map((each) => each.matrix), slices.map((each) => /** @type {any} */ (each.slice).index), 1); // prettier-ignore
      return [{ name, matrix }];
    } catch (error) {
      if (error instanceof Unreadable) return slices;
      throw error;
    }
  };
  const names = new Set(found.map(({ slice }) => slice?.of));
  if (names.size === 1 && names.has(undefined)) return found;
  return found.flatMap((each, at) => {
    const name = each.slice?.of;
    if (name === undefined) return [each];
    return found.findIndex((other) => other.slice?.of === name) === at ? whole(name) : [];
  });
}

/** The index that stands behind a name, slowest first; undefined if it is none that tells where a slice belongs.
 * @param {string} words such as (:,:,1), [0], [0][1], [0, :] */
export function indexIn(words) {
  const bare = words.replace(/\s/g, "");
  const numbers = (bare.match(/\d+/g) ?? []).map(Number);
  if (/^\((?::,)+\d+(?:,\d+)*\)$/.test(bare)) return numbers.reverse(); // MATLAB: the last one counts slowest
  if (/^\[(?::,)+\d+(?:,\d+)*\]$/.test(bare) && !numbers.includes(0)) return numbers.reverse(); // Julia; Python's [:, :, 0] is no map
  if (/^(?:\[\d+(?:,\d+)*(?:,:|,\.\.\.)*\])+$/.test(bare)) return numbers;
  return undefined;
}
