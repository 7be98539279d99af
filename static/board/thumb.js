// @ts-check
// One array as a tiny picture in the colours of the stage: a pixel for each cell, or, of a large array, for each of a
// sample spread evenly over it. It knows the array's shape and cells, and nothing of the run.

import { element } from "../page/page.js";

/** @typedef {import("../run/trace.js").NamedArray} NamedArray */
/** @typedef {import("../say/look.js").Look} Look */

const LETTERS = 15; // pixels that the letters of a page are high, on which these depend:
const WIDE = 36; // the room for a picture
const HIGH = 20;
const LARGEST = 6; // that a cell is drawn
const FINEST = 2; // how many pixels of a picture share one of the page at most: no screen shows more

/** How many maps stand side by side so that their cells come out largest, how large, and how many columns and rows.
 * @param {number} maps @param {number} height @param {number} width @param {number} stretch */
function arranged(maps, height, width, stretch) {
  let best = { across: 1, columns: 1, rows: 1, cell: 0 };
  for (let across = 1; across <= maps; across++) {
    const [columns, rows] = [across * (width + 1) - 1, Math.ceil(maps / across) * (height + 1) - 1];
    const cell = Math.min(WIDE / (columns * stretch), HIGH / rows, LARGEST);
    if (cell > best.cell) best = { across, columns, rows, cell };
  }
  return best;
}

export class Thumb {
  /** @param {NamedArray} array */
  constructor(array) {
    this.array = array;
    const { shape } = array;
    const [height, width] = shape.length === 1 ? [shape[0], 1] : shape.slice(-2);
    const stretch = shape.length === 1 ? 2 : 1; // a lone column of cells would be a mere line
    const maps = array.cells.length / (height * width);
    const { across, columns, rows, cell } = arranged(maps, height, width, stretch);
    const size = cell >= 2 ? Math.floor(cell) : cell;

    const finely = Math.min(1, size * FINEST);
    const [pixelsAcross, pixelsDown] = [columns, rows].map((count) => Math.max(1, Math.round(count * finely)));
    /** @type {Int32Array} the cell that each pixel shows, or -1 between two maps */
    this.shown = new Int32Array(pixelsAcross * pixelsDown);
    for (let at = 0; at < this.shown.length; at++) {
      const column = Math.floor((((at % pixelsAcross) + 0.5) * columns) / pixelsAcross);
      const row = Math.floor(((Math.floor(at / pixelsAcross) + 0.5) * rows) / pixelsDown);
      const map = Math.floor(row / (height + 1)) * across + Math.floor(column / (width + 1));
      const [i, j] = [row % (height + 1), column % (width + 1)];
      this.shown[at] = map < maps && i < height && j < width ? (map * height + i) * width + j : -1;
    }

    this.canvas = element("canvas", { "aria-hidden": "true", width: `${pixelsAcross}`, height: `${pixelsDown}` });
    this.canvas.style.setProperty("--wide", String((columns * stretch * size) / LETTERS)); // the style sheet scales it
    this.canvas.style.setProperty("--high", String((rows * size) / LETTERS));
    // Kept where the processor paints: a few hundred pixels are not worth a trip to the graphics card.
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.context = /** @type {CanvasRenderingContext2D} */ (context);
    this.image = this.context.createImageData(pixelsAcross, pixelsDown);
  }

  /** Paint the cells as they are now. @param {Look} look */
  paint(look) {
    const { array, shown, image } = this;
    const { veil, blank } = look;
    let isNew = false;
    for (let at = 0; at < shown.length; at++) {
      const flat = shown[at];
      if (flat < 0) continue;
      const rgb = !array.isKnown(flat) ? veil : array.scale ? look.of(array.cells[flat]).rgb : blank;
      const pixel = 4 * at;
      const colour = [...rgb, 255];
      if (colour.every((channel, nth) => image.data[pixel + nth] === channel)) continue;
      image.data.set(colour, pixel);
      isNew = true;
    }
    if (isNew) this.context.putImageData(image, 0, 0);
  }
}
