// @ts-check
// A picture as numbers, in the size and with the channels that are wanted. The rule, in whole numbers and so the same
// on every machine: each cell is the mean of the part of the picture that it covers, a pixel that lies across its edge
// counting for the share that lies within; grey is (299 R + 587 G + 114 B) / 1000 of that mean; halves round up.
// It knows no page.

/** @typedef {import("./npy.js").Matrix} Matrix */
/** @typedef {{width: number, height: number, rows: (from: number, count: number) => Uint8ClampedArray}} Pixels
 *   of a picture over white; its rows from one on, with four bytes to a pixel */
/** @typedef {{size: number, colour: boolean, square: boolean, ink: boolean, most: number}} Wish
 *   - size: cells along the longer side
 *   - colour: red, green and blue, not grey
 *   - square: of the middle alone, not of the whole
 *   - ink: what is dark is large
 *   - most: what white becomes, from 0 on: 1, to three decimals, or a whole number, and all others too */

const GREY = [299, 587, 114];
const STRIP = 1 << 20; // pixels that are looked at together

/** How many rows and columns a picture gets. @param {{width: number, height: number}} picture
 * @param {Pick<Wish, "size"|"square">} wish @returns {[number, number]} */
export function sized({ width, height }, { size, square }) {
  const long = Math.max(width, height);
  const along = (/** @type {number} */ side) => Math.max(1, Math.floor((2 * size * side + long) / (2 * long)));
  return square ? [size, size] : [along(height), along(width)];
}

/** @param {Pixels} pixels @param {Wish} wish @returns {Matrix} of channels, rows and columns */
export function planes(pixels, wish) {
  const [rows, columns] = sized(pixels, wish);
  const side = Math.min(pixels.width, pixels.height);
  const [height, width] = wish.square ? [side, side] : [pixels.height, pixels.width];
  const [top, left] = [(pixels.height - height) >> 1, (pixels.width - width) >> 1];
  const [down, across] = [shares(height, rows), shares(width, columns)];
  const count = rows * columns;
  const sums = new Float64Array(3 * count); // whole numbers below 2**53
  const line = new Float64Array(3 * columns);
  const strip = Math.max(1, Math.floor(STRIP / pixels.width));
  for (let from = 0; from < height; from += strip) {
    const many = Math.min(strip, height - from);
    const data = pixels.rows(top + from, many);
    for (let row = 0; row < many; row++) {
      line.fill(0);
      for (let x = 0; x < width; x++) {
        const at = 4 * (row * pixels.width + left + x);
        for (const [column, share] of across[x])
          for (let c = 0; c < 3; c++) line[3 * column + c] += share * data[at + c];
      }
      for (const [i, share] of down[from + row])
        for (let j = 0; j < columns; j++)
          for (let c = 0; c < 3; c++) sums[c * count + i * columns + j] += share * line[3 * j + c];
    }
  }
  const area = width * height;
  const whole = (/** @type {number} */ sum, /** @type {number} */ of) => Math.floor((2 * sum + of) / (2 * of));
  const grey = (/** @type {number} */ at) =>
    whole(GREY.reduce((sum, weight, c) => sum + weight * sums[c * count + at], 0), 1000 * area); // prettier-ignore
  const levels = wish.colour
    ? Array.from(sums, (sum) => whole(sum, area))
    : Array.from({ length: count }, (_, at) => grey(at));
  const cell = (/** @type {number} */ level) => ranged(wish.ink ? 255 - level : level, wish.most);
  return { shape: [wish.colour ? 3 : 1, rows, columns], cells: levels.map(cell) };
}

/** A level from 0 to 255 as it is wanted. @param {number} level @param {number} most */
export function ranged(level, most) {
  const parts = most === 1 ? 1000 : 1;
  return Math.floor((2 * most * parts * level + 255) / 510) / parts;
}

/** Along one side, the cells that each pixel counts for, and its share in each: of a cell, all shares add up to the
 * number of pixels. @param {number} pixels @param {number} cells @returns {[number, number][][]} */
function shares(pixels, cells) {
  return Array.from({ length: pixels }, (_, at) => {
    const [from, to] = [at * cells, (at + 1) * cells];
    const first = Math.floor(from / pixels);
    const last = Math.floor((to - 1) / pixels);
    return Array.from({ length: last - first + 1 }, (_, i) => {
      const cell = first + i;
      return /** @type {[number, number]} */ ([
        cell,
        Math.min(to, (cell + 1) * pixels) - Math.max(from, cell * pixels),
      ]);
    });
  });
}
