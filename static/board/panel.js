// @ts-check
// One array on the stage: its name, a canvas with its cells, one above it with the marks, and a label for the cell
// that the reader looks at. It knows how to show an array, and nothing of where in the run it stands.

import { told } from "../say/cell.js";
import { Grid } from "./grid.js";
import { exact, isLong } from "../say/look.js";
import { paintMarks } from "./marks.js";
import { element, write } from "../page/page.js";
import { Placed } from "./placed.js";
import { MARGIN } from "./plan.js";
import { tidy } from "../why/decimal.js";
import { widthOf } from "./width.js";

/** @typedef {import("../run/trace.js").NamedArray} NamedArray */
/** @typedef {import("../say/cell.js").Cell} Cell */
/** @import {Look, Looks} from "../say/look.js" */
/** @import {Lit, Marks, LinkMarks} from "./marks.js" */

const LETTERS = "system-ui, sans-serif"; // of numbers
const NUMBERS = 12; // pixels: those of rows and columns
const UNKNOWN = 0; // the states of a cell: it has no number yet
const KNOWN = 1;
const FILLED = 2;

const COVERED = 0.27; // of its height: where a number stands above what lies on its cell
const WAY = 12; // cells ahead that are in view, where a board is scrolled to one
const NAME = 16; // pixels: above a board there is room for a cell's name, then, over what is said of the array
const NEAR = 200; // pixels from the upper edge of the window: only there may a cell's name not have room above it

/** @param {HTMLElement} where @param {number} width in pixels @param {number} height */
const setSize = ({ style }, width, height) => Object.assign(style, { width: `${width}px`, height: `${height}px` });

export class Panel extends Placed {
  /** @type {Look} */ look; // given by setUp, which comes before any drawing
  /** @type {number[][]} */ #veil = []; // rectangles over the cells that are not known yet
  /** @type {number[][]} */ unread = []; // a stroke through each cell that the scene never reads
  #ratio = 1; // pixels of the screen in one of the page; to ask the window for it takes longer than to fill a cell
  /** @type {Uint8Array|undefined} */ #states; // of the cells that are painted, until the panel is set up anew
  #values = new Float64Array(); // their numbers
  /** @type {Set<number>} cells that something lies on */ #covered = new Set();
  /** @type {Marks|undefined} */ #marks; // that are painted
  rounds = false; // whether it has shown a number that is rounded
  fills = false; // whether it has shown a cell that was filled in

  /** @param {NamedArray} array @param {(text: string) => string} say @param {import("./grid.js").Hand} hand */
  constructor(array, say, hand) {
    const alias = element("em", { class: "alias" });
    const [cells, above] = ["cells", "above"].map((name) => element("canvas", { class: name, "aria-hidden": "true" }));
    const hint = element("div", { class: "hint", "aria-hidden": "true", hidden: "" });
    const cursor = element("div", { class: "cursor", hidden: "" });
    const board = element("div", { class: "board" }, cells, above, cursor, hint);
    const shape = element("span", { class: "shape" }, array.shape.join("×"));
    const closer = say("closer.open").replace("{name}", array.name);
    const kind = array.name.length > 1 ? "enlarges" : "enlarges brief";
    const about = { type: "button", class: kind, "data-look": array.name, "aria-label": closer, title: closer };
    const look = element("button", about, element("code", {}, array.name));
    const name = element("span", { class: "name" }, look, " ", alias, " ", shape);
    const caption = element("figcaption", {}, name, element("span", { class: "label" }, say(array.label)));
    const described = { class: `panel role-${array.role}`, "data-array": array.name };
    const reach = element("div", { class: "reach" }, board);
    super(array, element("figure", described, caption, reach), board);
    this.array = array;
    this.reach = reach;
    this.say = say;
    this.alias = alias;
    this.context = /** @type {CanvasRenderingContext2D} */ (cells.getContext("2d"));
    this.above = /** @type {CanvasRenderingContext2D} */ (above.getContext("2d"));
    this.hint = hint;
    this.cursor = cursor;
    this.grid = new Grid(this.board, array, this.plan, say, hand);
    this.board.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return; // a finger scrolls, and says with a tap what it means
      const flat = this.flatAt(event.clientX, event.clientY);
      if (flat < 0) hand.leave();
      else hand.point({ array: array.name, flat, pinned: false });
    });
    this.board.addEventListener("pointerleave", () => hand.leave());
    this.board.addEventListener("click", (event) => {
      const flat = this.flatAt(event.clientX, event.clientY);
      if (flat < 0) return;
      event.preventDefault(); // it is no click on empty ground
      hand.byKeyboard = false;
      hand.point({ array: array.name, flat, pinned: true });
      this.grid.focus(flat);
      if (event instanceof PointerEvent && event.pointerType === "touch") hand.leave(); // a finger points at nothing
    });
  }

  /** Tell what a scene does with the array, before its size is chosen.
   * @param {boolean} written by a step of the scene; if not, its cells stay as they are
   * @param {string} alias what the function calls it @param {boolean} pictured whether a map of the scene is so large
   * that it is seen rather than read: then cells are square, as those of a picture are
   * @param {boolean} isQuiet whether it may stand small beside the others
   * @param {Float64Array} cells as the scene begins */
  prepare(written, alias, pictured, isQuiet, cells) {
    this.isQuiet = isQuiet;
    this.constant = !written;
    this.pictured = pictured;
    const { array } = this;
    const ofScale = pictured && array.role === "scratch" ? (array.scale ?? []) : []; // what it will hold is not known
    this.values = new Set([...cells, ...(written ? array.end : []), ...ofScale].map(tidy));
    this.isLong = [...this.values].some(isLong);
    this.widest = Math.max(...[...this.values].map((value) => widthOf(exact(value))));
    const isOther = alias !== array.name;
    this.alias.textContent = isOther ? `= ${alias}` : "";
    this.alias.title = isOther ? this.say("panel.alias").replace("{name}", alias) : "";
  }

  /** Set the panel up for drawing, in the size that it has. @param {Looks} looks */
  setUp(looks) {
    this.look = looks.of(this.array);
    const { cell } = this.size;
    const { width, height } = this.extent;
    const ratio = (this.#ratio = window.devicePixelRatio || 1);
    setSize(this.cursor, this.wide, cell);
    for (const context of [this.context, this.above]) {
      const { canvas } = context;
      setSize(canvas, this.#whole(width), this.#whole(height)); // or it would be scaled
      [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)]; // it is empty then
      context.setTransform(ratio, 0, 0, ratio, MARGIN.l * ratio, MARGIN.t * ratio);
    }
    this.grid.setUp(this.plan, this.wide, cell);
    this.#states = undefined;
    this.#marks = undefined;
    this.rounds = this.fills = false;
  }

  /** Paint the cells that are not as they were painted last. */
  paint() {
    const { array } = this;
    const { cells } = array;
    let isVeilMoved = !this.#states;
    const states = (this.#states ??= this.#begin());
    const values = this.#values;
    for (let flat = 0; flat < cells.length; flat++) {
      const state = !array.isKnown(flat) ? UNKNOWN : array.isFilled(flat) ? FILLED : KNOWN;
      const value = cells[flat];
      if (state === states[flat] && (state === UNKNOWN || Object.is(value, values[flat]))) continue;
      isVeilMoved ||= (state === UNKNOWN) !== (states[flat] === UNKNOWN);
      states[flat] = state;
      values[flat] = value;
      this.#paintCell(flat, state);
    }
    if (isVeilMoved) this.#veil = this.plan.rectangles(this.plan.grid((flat) => states[flat] === UNKNOWN));
  }

  /** On the edge of a pixel of the screen. @param {number} at */
  #whole(at) {
    return Math.round(at * this.#ratio) / this.#ratio;
  }

  /** Make room below the numbers of some cells for what lies on them. @param {number[]} flats */
  cover(flats) {
    const before = this.#covered;
    this.#covered = new Set(flats);
    for (const flat of new Set([...before, ...flats]))
      if (before.has(flat) !== this.#covered.has(flat) && this.#states?.[flat])
        this.#paintCell(flat, this.#states[flat]);
  }

  /** Paint what stands around the cells. @returns {Uint8Array} the states of cells of which none is painted */
  #begin() {
    this.#paintLabels();
    this.#paintNumbers();
    this.#values = new Float64Array(this.array.cells.length);
    return new Uint8Array(this.array.cells.length);
  }

  /** The indices of each map: before the numbers of its columns, in their place, or in the free row above it. */
  #paintLabels() {
    const { context, plan, size, look, wide } = this;
    context.font = `${NUMBERS}px ${LETTERS}`;
    context.fillStyle = look.theme.faint;
    context.textBaseline = "alphabetic";
    const isNamed = plan.shape.length > 3;
    for (const map of plan.maps) {
      if (!this.isLabelled(map)) continue;
      const { x, y, label } = map;
      const isTop = y === 0;
      context.textAlign = isTop && !isNamed ? "right" : "left";
      context.fillText(label, isTop && !isNamed ? x * wide - 4 : x * wide, isTop ? -4.5 : (y - 0.2) * size.cell);
    }
  }

  #paintNumbers() {
    const { context, plan, size, look, wide } = this;
    const { columns, rows } = plan.numbers(size.cell);
    context.font = `${NUMBERS}px ${LETTERS}`;
    context.fillStyle = look.theme.faint;
    context.textBaseline = "alphabetic";
    context.textAlign = "center";
    const end = plan.columns * wide + MARGIN.r;
    for (const { at, text } of columns)
      if (at * wide + (widthOf(text) * NUMBERS) / 2 <= end) context.fillText(text, at * wide, -4.5);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const { at, text } of rows) context.fillText(text, -5, at * size.cell + 1);
  }

  /** @param {number} flat @param {number} state */
  #paintCell(flat, state) {
    const { context, plan, size, look, array, wide } = this;
    const x = plan.xs[flat] * wide;
    const y = plan.ys[flat] * size.cell;
    // Or the ground would be seen between cells.
    const left = this.#whole(x);
    const top = this.#whole(y);
    const right = this.#whole(x + wide);
    const bottom = this.#whole(y + size.cell);
    if (state === UNKNOWN) return context.clearRect(left, top, right - left, bottom - top);
    const value = array.cells[flat];
    context.fillStyle = look.of(value).fill;
    context.fillRect(left, top, right - left, bottom - top);
    if (size.cell >= (look.isGrey ? 14 : 8)) {
      context.strokeStyle = look.theme.veil;
      context.lineWidth = 0.5;
      context.strokeRect(x + 0.25, y + 0.25, wide - 0.5, size.cell - 0.5);
    }
    if (!size.texts) return;
    const { text, rounded, size: share } = this.textOf(tidy(value));
    const filled = state === FILLED;
    this.rounds ||= rounded;
    this.fills ||= filled;
    const isCovered = this.#covered.has(flat);
    const font = isCovered ? Math.max(12, Math.min(size.letters * share, size.cell * 0.46)) : size.letters * share;
    context.font = `${rounded ? "italic " : ""}${font}px ${LETTERS}`;
    context.fillStyle = look.inkOf(value, filled);
    context.textAlign = "center";
    context.textBaseline = "middle"; // of a line: the middle of a digit is a little higher
    const [middle, line] = [x + wide / 2, y + size.cell * (isCovered ? COVERED : 0.5)];
    context.fillText(text, middle, line + font * 0.06);
    if (filled && !isCovered)
      context.fillRect(middle - font * 0.28, line + font * 0.5, font * 0.56, Math.max(1, font / 14));
  }

  /** Paint the marks, if they are not where they were. @param {Lit} lit @param {LinkMarks} [links] */
  mark(lit, links) {
    const [old, now] = [this.#marks, { ...lit, veil: this.#veil, unread: this.unread, links }];
    const isLitAlike = (/** @type {keyof Lit} */ name) => old?.[name].join() === lit[name].join();
    const isSame = old?.veil === now.veil && old.unread === now.unread && old.links === links;
    if (isSame && isLitAlike("before") && isLitAlike("read") && isLitAlike("write")) return;
    this.#marks = now;
    this.above.clearRect(-MARGIN.l, -MARGIN.t, this.above.canvas.width, this.above.canvas.height);
    paintMarks(this.above, now, this.look, this.wide, this.size.cell);
  }

  /** Frame the cell that the reader looks at, name it and tell its value in full, above it or else below; or none. The
   * style sheet holds the name within the window, for to ask how wide it is would have the page laid out.
   * @param {Cell|undefined} cell @param {HTMLElement} scrolled what the cell is seen in */
  name(cell, scrolled) {
    const { cursor, hint } = this;
    if (cursor.hidden && !cell) return;
    cursor.hidden = hint.hidden = !cell;
    if (!cell) return write(hint, "");
    const [{ x, y, bottom }, room] = [this.boxOf(cell.flat), scrolled.getBoundingClientRect()];
    write(hint, told(this.array, cell.flat, this.grid.hand.number(this.array, cell.flat)));
    for (const each of [cursor, hint]) each.classList.toggle("pinned", cell.pinned);
    const [left, top] = this.placeOf(cell.flat);
    cursor.style.translate = `${left}px ${top}px`;
    const middle = x + this.wide / 2;
    hint.hidden = middle < room.left || middle > room.right || bottom < Math.max(0, room.top) || y > room.bottom;
    const isBelow = y < NEAR && y < hint.offsetHeight + 16;
    const head = this.board.getBoundingClientRect().y; // above it a name that stays covers none of the numbers
    const above = cell.pinned && head > room.top + NAME ? head + 8 : y;
    const line = isBelow ? `${bottom + 8}px` : `calc(${Math.min(above, window.innerHeight) - 8}px - 100%)`;
    hint.style.translate = `clamp(8px, ${middle}px - 50%, 100vw - 100% - 8px) ${line}`;
  }

  /** The cell at a point of the screen, or -1. @param {number} x @param {number} y */
  flatAt(x, y) {
    const bounds = this.board.getBoundingClientRect();
    const [across, down] = [x - bounds.x - MARGIN.l, y - bounds.y - MARGIN.t];
    return this.plan.at(Math.floor(across / this.wide), Math.floor(down / this.size.cell));
  }

  /** Where the board has no room the panel is as wide as there is, and the board is scrolled in it.
   * @param {number} room */
  reachTo(room) {
    this.root.classList.toggle("wide", this.board.offsetWidth > room);
  }

  /** Scroll to a cell, no further than has to be. @param {number} flat */
  bring(flat) {
    const { reach, wide } = this;
    const [left] = this.placeOf(flat);
    const spare = Math.min(WAY * wide, reach.clientWidth / 4);
    if (left + wide > reach.scrollLeft + reach.clientWidth) reach.scrollLeft = left + wide + spare - reach.clientWidth;
    else if (left < reach.scrollLeft) reach.scrollLeft = left - spare;
  }

  /** Where a cell is on the board, in pixels. @param {number} flat */
  placeOf(flat) {
    return [MARGIN.l + this.plan.xs[flat] * this.wide, MARGIN.t + this.plan.ys[flat] * this.size.cell];
  }

  /** Lay an element over a cell, on the board. @param {HTMLElement} element @param {number} flat */
  layOver(element, flat) {
    const [left, top] = this.placeOf(flat);
    const size = { width: `${this.wide}px`, height: `${this.size.cell}px` };
    Object.assign(element.style, { translate: `${left}px ${top}px`, ...size });
    if (element.parentElement !== this.board) this.board.append(element);
  }

  /** Where a cell is on the screen. @param {number} flat */
  boxOf(flat) {
    const { x, y } = this.board.getBoundingClientRect();
    const [left, top] = this.placeOf(flat);
    return new DOMRect(x + left, y + top, this.wide, this.size.cell);
  }
}
