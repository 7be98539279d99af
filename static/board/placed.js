// @ts-check
// One array on the stage, as far as its size goes: where its maps stand, how large a cell is, and what fits in it. A
// panel is painted at that size, and so are the tables laid out that the server has written. It knows shapes and
// numbers.

import { MARGIN, Plan } from "./plan.js";
import { fitted } from "./width.js";

/** @typedef {import("./plan.js").Layout} Layout */
/** @typedef {import("./width.js").Fitted} Fitted */
/** @typedef {{cell: number, texts: boolean, letters: number}} Size how high a cell is, whether its number fits in it,
 *   and how large the letters of that are, in pixels */

const INSIDE = 0.94; // of the width of a cell: its number keeps two pixels off the lines
const READABLE = 19; // pixels: in a smaller cell no number stands
const LEAST = 12; // pixels of a letter: numbers that would be smaller do not stand in their cells

/** The size of a number in a cell, in pixels. @param {number} cell */
const fontSize = (cell) => Math.max(LEAST, Math.min(64, Math.round(cell * 0.55)));

export class Placed {
  pictured = false; // whether there is a picture beside it, or it is one
  isQuiet = false; // whether it may stand small beside the others
  isLong = false; // whether its numbers need more room than a square cell has
  // Given by setUp, which comes before any drawing.
  /** @type {Size} */ size;
  /** @type {number} */ wide; // of a cell, in pixels
  /** @type {Map<number, Fitted>} what stands in a cell of that value */ #texts = new Map();

  /** @param {{name: string, role: string, shape: number[]}} array
   * @param {HTMLElement} root @param {HTMLElement} board in it */
  constructor(array, root, board) {
    this.array = array;
    this.root = root;
    this.board = board;
    this.plan = new Plan(array.shape);
    /** @type {Map<Layout, Plan>} */ this.plans = new Map([["stack", this.plan]]);
  }

  /** Choose where the maps stand, before the size. @param {Layout} layout */
  arrange(layout) {
    const { shape } = this.plan;
    this.plan = this.plans.get(layout) ?? new Plan(shape, layout);
    this.plans.set(layout, this.plan);
    this.plan.stretch = shape.length === 1 ? 3 : this.isLong && !this.pictured ? 2 : 1;
    this.board.dataset.layout = layout;
  }

  /** Choose how high a cell is. @param {number} cell in pixels */
  resize(cell) {
    const { columns, rows, stretch } = this.plan;
    this.wide = cell * stretch;
    const isCramped = this.isLong && stretch === 1;
    const most = isCramped ? this.wide * 0.31 : Infinity;
    const letters = isCramped ? Math.max(LEAST, Math.min(fontSize(cell), Math.floor(most))) : fontSize(cell);
    this.size = { cell, texts: cell >= READABLE && most >= LEAST, letters };
    this.#texts.clear();
    const [width, height] = [MARGIN.l + MARGIN.r + columns * this.wide, MARGIN.t + MARGIN.b + rows * cell];
    Object.assign(this.board.style, { width: `${width}px`, height: `${height}px` });
    return { width, height };
  }

  /** A number as it fits in a cell, with some pixels on each side. @param {number} value */
  textOf(value) {
    let found = this.#texts.get(value);
    if (!found) {
      const smallest = LEAST / this.size.letters;
      found = fitted(value, (this.wide * INSIDE) / this.size.letters, smallest);
      if (this.#texts.size > 5000) this.#texts.clear();
      this.#texts.set(value, found);
    }
    return found;
  }
}
