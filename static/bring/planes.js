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
  const count = rows * columns;
  const sums = new Float64Array(3 * count); // whole numbers below 2**53
  const line = new Float64Array(3 * columns);
  const strip = Math.max(1, Math.floor(STRIP / pixels.width));
  for (let from = 0; from < height; from += strip) {
    const many = Math.min(strip, height - from);
    const data = pixels.rows(top + from, many);
    for (let row = 0; row < many; row++) {
      gather(line, data, row * pixels.width + left, width);
      for (let i = first(from + row, rows, height); i <= last(from + row, rows, height); i++) {
        const share = overlap(from + row, i, height, rows);
        for (let c = 0; c < 3; c++)
          for (let j = 0; j < columns; j++) sums[c * count + i * columns + j] += share * line[c * columns + j];
      }
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

/** What a row of pixels is to each cell of a row, red before green before blue. Nearly all the time that a photograph
 * takes is spent here, and the first one meets this before any of it is compiled: so the pixels that lie within a cell
 * are added up before they are weighed.
 * @param {Float64Array} line of the cells @param {Uint8ClampedArray} data @param {number} from the first pixel of it
 * @param {number} width pixels */
function gather(line, data, from, width) {
  const columns = line.length / 3;
  for (let j = 0; j < columns; j++) {
    const [begin, end] = [first(j, width, columns), last(j, width, columns)];
    const [at, stop] = [4 * (from + begin), 4 * (from + end)];
    let [red, green, blue] = [0, 0, 0];
    for (let within = at + 4; within < stop; within += 4) {
      red += data[within];
      green += data[within + 1];
      blue += data[within + 2];
    }
    const head = overlap(begin, j, width, columns);
    const tail = end > begin ? overlap(end, j, width, columns) : 0;
    line[j] = columns * red + head * data[at] + tail * data[stop];
    line[columns + j] = columns * green + head * data[at + 1] + tail * data[stop + 1];
    line[2 * columns + j] = columns * blue + head * data[at + 2] + tail * data[stop + 2];
  }
}

// Along one side lie a number of pixels and a number of cells. Counted in the smallest parts that both are made of, a
// pixel is as long as there are cells, and a cell as there are pixels.

/** The share of a pixel in a cell: of a cell, all shares add up to the number of pixels.
 * @param {number} pixel @param {number} cell @param {number} pixels @param {number} cells */
const overlap = (pixel, cell, pixels, cells) =>
  Math.min((pixel + 1) * cells, (cell + 1) * pixels) - Math.max(pixel * cells, cell * pixels);

/** The first pixel that a cell meets, or the first cell that a pixel does: of so many others, where there are so many
 * of its own kind. @param {number} one @param {number} others @param {number} all */
const first = (one, others, all) => Math.floor((one * others) / all);

/** The last of them. @param {number} one @param {number} others @param {number} all */
const last = (one, others, all) => Math.ceil(((one + 1) * others) / all) - 1;
