// @ts-check
// One array on the stage, as far as its size goes: where its maps stand, how large a cell is, and what fits in it. A
// panel is painted at that size, and so are the tables laid out that the server has written. It knows shapes and
// numbers.

import { isPresenting } from "../page/placing.js";
import { MARGIN, Plan } from "./plan.js";
import { fitted, placesOf, widthOf } from "./width.js";

/** @typedef {import("./plan.js").Layout} Layout */
/** @typedef {import("./width.js").Fitted} Fitted */
/** @typedef {{cell: number, texts: boolean, letters: number}} Size how high a cell is, whether its number fits in it,
 *   and how large the letters of that are, in pixels */

const INSIDE = 0.94; // of the width of a cell: its number keeps two pixels off the lines
const READABLE = 19; // pixels: in a smaller cell no number stands
const LEAST = 12; // pixels of a letter: numbers that would be smaller do not stand in their cells

const STRETCH = 2; // times its height is the width of a cell whose numbers have many digits
const ALONE = 3; // the same, where there is a single column of cells
const SMALLER = 0.8; // of their usual size letters may be, before numbers lose digits
const SHORTEST = 2.9; // sizes of a letter: a number with a decimal has room there

// Before a class letters are as large as the last row needs, as far as the lines of a cell leave room for them, and
// the cell is a little wider for that.
const SEEN = 18; // pixels
const FULL = 0.72; // of the height of a cell
const WIDENED = 1.2;

/** The size that letters have before a class in a cell that is small, in pixels. @param {number} cell */
const seen = (cell) => (isPresenting() ? Math.min(SEEN, Math.round(cell * FULL)) : 0);

/** The size of a number in a cell, in pixels. @param {number} cell */
const fontSize = (cell) => Math.max(LEAST, seen(cell), Math.min(64, Math.round(cell * 0.55)));

export class Placed {
  pictured = false; // whether there is a picture beside it, or it is one
  isQuiet = false; // whether it may stand small beside the others
  constant = true; // whether no step of the scene writes to it
  /** @type {Layout} */ layout = "stack";
  isLong = false; // whether its numbers need more room than a square cell has
  widest = 1; // of its numbers, in sizes of their letters
  /** @type {Iterable<number>} that it will show, as far as they are known */ values = [];
  // Given by resize, which comes before any drawing.
  /** @type {Size} */ size;
  /** @type {number} */ wide; // of a cell, in pixels
  /** @type {{width: number, height: number}} */ extent; // of the board, in pixels
  #places = Infinity; // decimals: all of its numbers have as many
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
    this.layout = layout;
  }

  /** How wide a cell of some height is: square, or as wide as its numbers need; those of a picture are always square.
   * @param {number} cell its height in pixels */
  wideOf(cell) {
    if (this.plan.shape.length === 1) return ALONE * cell;
    if (this.pictured || cell < READABLE) return cell;
    if (this.isLong) return STRETCH * cell;
    const wanted = Math.min((this.widest * seen(cell)) / INSIDE, WIDENED * cell);
    return Math.max(cell, Math.ceil(Math.max(wanted, (this.widest * LEAST) / INSIDE)));
  }

  /** Choose how high a cell is. @param {number} cell in pixels */
  resize(cell) {
    const { columns, rows } = this.plan;
    this.wide = this.wideOf(cell);
    const usual = fontSize(cell);
    const room = this.wide * INSIDE;
    // Rather than to be smaller, numbers lose digits.
    const least = this.isLong ? Math.min(Math.max(LEAST, SMALLER * usual), room / SHORTEST) : 0;
    const letters = Math.floor(Math.min(usual, Math.max(least, room / this.widest)));
    this.size = { cell, texts: cell >= READABLE && letters >= LEAST, letters: Math.max(LEAST, letters) };
    this.#texts.clear();
    this.#places = this.isLong && this.size.texts ? placesOf(this.values, room / this.size.letters, 1) : Infinity;
    const [width, height] = [MARGIN.l + MARGIN.r + columns * this.wide, MARGIN.t + MARGIN.b + rows * cell];
    this.extent = { width, height };
    this.board.dataset.layout = this.layout;
    Object.assign(this.board.style, { width: `${width}px`, height: `${height}px` });
  }

  /** Whether there is room for the indices of a map: before the numbers of its columns, in their place, or in the free
   * row above it. @param {import("./plan.js").MapPlace} map */
  isLabelled({ x, y, label }) {
    const { plan, size, wide } = this;
    const long = widthOf(label) * LEAST;
    if (y > 0 || plan.shape.length > 3) {
      const room = x + plan.width === plan.columns ? plan.width * wide + MARGIN.r : (plan.width + 1) * wide;
      return long <= room && (y === 0 || size.cell >= LEAST + 2);
    }
    const left = x * wide - 4 - long; // where it begins
    const meets = (/** @type {import("./plan.js").Tick} */ { at, text }) =>
      Math.abs(at * wide - left - long / 2) < (long + widthOf(text) * LEAST) / 2 + 1;
    const isApart = x === 0 || long + 1 <= (plan.width + 1) * wide; // from that of the map before it
    return isApart && left >= -MARGIN.l - 2 && !plan.numbers(size.cell).columns.some(meets);
  }

  /** A number as it fits in a cell, with some pixels on each side. @param {number} value */
  textOf(value) {
    let found = this.#texts.get(value);
    if (!found) {
      const { letters } = this.size;
      found = fitted(value, (this.wide * INSIDE) / letters, LEAST / letters, this.#places);
      if (this.#texts.size > 5000) this.#texts.clear();
      this.#texts.set(value, found);
    }
    return found;
  }
}
