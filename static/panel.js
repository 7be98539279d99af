// @ts-check
// One array on the stage: its name, its figure, the canvas below the figure for the numbers that change, and a label
// for the cell that the reader looks at. It knows how to show an array, and nothing of where in the run it stands.

import { told } from "./cell.js";
import { Grid } from "./grid.js";
import { isLong } from "./look.js";
import { afterPicture, element, write } from "./page.js";
import { Plan } from "./plan.js";
import * as plot from "./plot.js";
import { fitted } from "./width.js";

/** @typedef {import("./trace.js").NamedArray} NamedArray */
/** @typedef {import("./look.js").Look} Look */
/** @typedef {import("./look.js").Looks} Looks */

/** On the edge of a pixel of the screen. @param {number} at */
const whole = (at) => Math.round(at * (window.devicePixelRatio || 1)) / (window.devicePixelRatio || 1);

const INSIDE = 0.88; // of the width of a cell: its number keeps two pixels off the lines
const LEAST = 9; // pixels of a letter: numbers of many digits that would be smaller do not stand in square cells

export class Panel {
  // Given by setUp, which comes before any drawing.
  /** @type {Look} */ look;
  pictured = false; // whether there is a picture beside it, or it is one
  isLong = false; // whether its numbers need more room than a square cell has
  /** @type {CanvasRenderingContext2D} */ context;
  /** @type {plot.Size} */ size;
  /** @type {number} */ wide; // of a cell, in pixels
  /** @type {boolean} */ constant;
  stretch = 1; // how many times as wide as high a cell is drawn
  /** @type {number[][]} */ veil = []; // rectangles over the cells that are not known yet
  /** @type {number[][]} */ unread = []; // a stroke through each cell that the scene never reads
  #shapes = "";
  /** @type {Map<number, import("./width.js").Fitted>} what stands in a cell of that value */ #texts = new Map();
  #painted = ""; // the marks that the canvas shows, where the figure does not
  rounds = false; // whether it has shown a number that is rounded
  fills = false; // whether it has shown a cell that was filled in
  due = false; // whether it is this panel's turn to draw its figure
  #drawn = false; // whether the figure is drawn, as it should be for what was set up last

  /** @param {NamedArray} array @param {(text: string) => string} say @param {import("./grid.js").Hand} hand */
  constructor(array, say, hand) {
    this.array = array;
    this.plan = new Plan(array.shape);
    /** @type {Map<import("./plan.js").Layout, Plan>} */ this.plans = new Map([["stack", this.plan]]);
    this.say = say;
    this.alias = element("em");
    this.canvas = element("canvas", { class: "cells", "aria-hidden": "true" });
    this.figure = element("div", { class: "figure", "aria-hidden": "true" });
    this.hint = element("div", { class: "hint", "aria-hidden": "true", hidden: "" });
    this.cursor = element("div", { class: "cursor", hidden: "" });
    this.board = element("div", { class: "board" }, this.canvas, this.figure, this.cursor, this.hint);
    this.root = element(
      "figure",
      { class: `panel role-${array.role}`, "data-array": array.name },
      element(
        "figcaption",
        {},
        element("span", { class: "name" }, element("code", {}, array.name), " ",
          element("span", { class: "shape" }, array.shape.join("×"), " ", this.alias)), // prettier-ignore
        element("span", { class: "label" }, say(array.label)),
      ),
      this.board,
    );
    this.grid = new Grid(this.board, array, this.plan, say, hand);
    this.board.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return; // a finger scrolls, and says with a tap what it means
      const flat = this.#under(event);
      if (flat < 0) hand.leave();
      else hand.point({ array: array.name, flat, pinned: false });
    });
    this.board.addEventListener("pointerleave", () => hand.leave());
    this.board.addEventListener("click", (event) => {
      const flat = this.#under(event);
      if (flat < 0) return;
      event.preventDefault(); // it is no click on empty ground
      hand.byKeyboard = false;
      hand.point({ array: array.name, flat, pinned: true });
      this.grid.focus(flat);
      if (event instanceof PointerEvent && event.pointerType === "touch") hand.leave(); // a finger points at nothing
    });
  }

  /** Tell what a scene does with the array, before its size is chosen.
   * @param {boolean} written by a step of the scene; if not, the figure holds its numbers
   * @param {string} alias what the function calls it @param {boolean} pictured whether a map of the scene is so large that it is
   * seen rather than read: then cells are square, as those of a picture are @param {Float64Array} cells as the scene begins */
  prepare(written, alias, pictured, cells) {
    this.constant = !written;
    this.pictured = pictured;
    const { array } = this;
    const ofScale = pictured && array.role === "scratch" ? (array.scale ?? []) : []; // what it will hold is not known
    this.isLong = cells.some(isLong) || (written && array.end.some(isLong)) || ofScale.some(isLong);
    this.stretch = array.shape.length === 1 ? 3 : this.isLong && !pictured ? 2 : 1;
    this.alias.textContent = alias === array.name ? "" : this.say("panel.alias").replace("{name}", alias);
  }

  /** Choose where the maps stand, before the size. @param {import("./plan.js").Layout} layout */
  arrange(layout) {
    this.plan = this.plans.get(layout) ?? new Plan(this.array.shape, layout);
    this.plans.set(layout, this.plan);
    this.plan.stretch = this.stretch;
    this.board.dataset.layout = layout;
  }

  /** Set the panel up for drawing. @param {Looks} looks @param {number} cell the height of a cell in pixels */
  setUp(looks, cell) {
    this.look = looks.of(this.array);
    const { columns, rows } = this.plan;
    const ratio = window.devicePixelRatio || 1;
    this.wide = cell * this.plan.stretch;
    const isCramped = this.isLong && this.plan.stretch === 1;
    const letters = isCramped ? Math.max(LEAST, Math.min(plot.fontSize(cell), Math.floor(this.wide * 0.31))) : plot.fontSize(cell);
    this.size = { cell, ticks: cell >= 5, texts: cell >= 14 && (!isCramped || this.wide * 0.31 >= LEAST), letters };
    const width = plot.MARGIN.l + plot.MARGIN.r + columns * this.wide;
    const height = plot.MARGIN.t + plot.MARGIN.b + rows * cell;
    Object.assign(this.board.style, { width: `${width}px`, height: `${height}px` });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.grid.setUp(this.plan, this.wide, cell);
    this.context.setTransform(ratio, 0, 0, ratio, plot.MARGIN.l * ratio, plot.MARGIN.t * ratio);
    this.#drawn = false;
    this.#painted = "";
    this.#texts.clear();
    this.due = this.rounds = this.fills = false;
  }

  /** Whether the figure stands as this scene wants it. */
  get drawn() {
    return this.#drawn;
  }

  /** Paint cells as they are now: those named, or all. Where the figure is not drawn, all of it is painted with the marks.
   * @param {Iterable<number>} [changed] flat indices */
  paint(changed) {
    if (this.#drawn) this.#paint(changed);
    else this.#painted = "";
  }

  /** @param {Iterable<number>} [changed] */
  #paint(changed) {
    const { context, plan } = this;
    if (!changed) {
      context.clearRect(-plot.MARGIN.l, -plot.MARGIN.t, this.canvas.width, this.canvas.height);
      this.#paintLabels();
      for (let flat = 0; flat < plan.xs.length; flat++) this.#paintCell(flat);
    } else for (const flat of changed) this.#paintCell(flat);
  }

  #paintLabels() {
    const { context, plan, size, look } = this;
    if (size.cell < 11) return;
    context.font = `${Math.min(size.cell >= 28 ? 13 : 12, size.cell * 0.62)}px ui-monospace, monospace`;
    context.fillStyle = look.theme.faint;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    for (const map of plan.maps) {
      // Above the first maps the column numbers stand next to the cells, and the label on top of them.
      const y = map.y === 0 ? -19 : (map.y - 0.2) * size.cell;
      context.fillText(map.label, map.x * this.wide, y);
    }
  }

  /** @param {number} flat */
  #paintCell(flat) {
    const { context, plan, size, look, array, wide } = this;
    if (!array.isKnown(flat)) return;
    const value = array.cells[flat];
    const { fill } = look.of(value);
    const [x, y] = [plan.xs[flat] * wide, plan.ys[flat] * size.cell];
    context.fillStyle = fill;
    const [left, top, right, bottom] = [x, y, x + wide, y + size.cell].map(whole); // or the ground would be seen between cells
    context.fillRect(left, top, right - left, bottom - top);
    if (size.cell >= (look.isGrey ? 14 : 8)) {
      context.strokeStyle = look.theme.veil;
      context.lineWidth = 0.5;
      context.strokeRect(x + 0.25, y + 0.25, wide - 0.5, size.cell - 0.5);
    }
    if (!size.texts) return;
    const { text, rounded, size: share } = this.#textOf(value);
    const filled = array.isFilled(flat);
    this.rounds ||= rounded;
    this.fills ||= filled;
    const font = size.letters * share;
    context.font = `${rounded ? "italic " : ""}${font}px system-ui, sans-serif`;
    context.fillStyle = look.inkOf(value, filled);
    context.textAlign = "center";
    context.textBaseline = "middle"; // of a line: the middle of a digit is a little higher
    context.fillText(text, x + wide / 2, y + size.cell / 2 + font * 0.06);
    if (filled) context.fillRect(x + wide / 2 - font * 0.28, y + size.cell / 2 + font * 0.5, font * 0.56, Math.max(1, font / 14));
  }

  /** A number as it fits in a cell, with some pixels on each side. @param {number} value */
  #textOf(value) {
    let found = this.#texts.get(value);
    if (!found) {
      found = fitted(value, (this.wide * INSIDE) / this.size.letters);
      if (!Number.isFinite(value)) found.size = Math.min(found.size, 0.72); // ∞ is a wide letter
      if (this.#texts.size > 5000) this.#texts.clear();
      this.#texts.set(value, found);
    }
    return found;
  }

  /** Show the marks: the veil over what is not computed yet, lines around what is read and written.
   * @param {plot.Marks} marks */
  mark(marks) {
    const { look } = this;
    if (!plot.isLoaded()) return this.#markOnCanvas(marks);
    if (!this.#drawn && !this.due) {
      this.figure.style.visibility = "hidden"; // it may still be that of another scene
      return this.#markOnCanvas(marks);
    }
    if (this.due) this.#paint(); // without the marks, which the figure shows from now on
    this.due = false;
    this.figure.style.visibility = "";
    if (!this.#drawn) {
      const valueOf = this.constant ? (/** @type {number} */ flat) => this.array.cells[flat] : () => undefined;
      const textOf = (/** @type {number} */ value, /** @type {number} */ flat) => {
        const { text, rounded, size } = this.#textOf(value);
        const filled = this.array.isFilled(flat);
        const small = size === 1 ? "" : `;font-size:${this.size.letters * size}px`;
        const inked = `<span style="color:${look.inkOf(value, filled)}${small}">${text}</span>`;
        return filled ? `<u>${inked}</u>` : rounded ? `<i>${inked}</i>` : inked;
      };
      const hasLines = this.constant && this.size.cell >= (look.isGrey ? 14 : 8); // on the canvas they lie below the figure's cells
      plot.draw(this.figure, plot.figureOf(this.plan, valueOf, textOf, marks, look, this.size, hasLines));
      this.#drawn = true;
      this.#shapes = JSON.stringify(marks);
      return;
    }
    const shapes = JSON.stringify(marks);
    if (shapes === this.#shapes) return;
    this.#shapes = shapes;
    plot.moveBoxes(this.figure, plot.shapesOf(marks, look));
  }

  /** The numbers of columns and rows, where Plotly would write them. */
  #paintNumbers() {
    const { context, plan, size, look, wide } = this;
    const { columns, rows } = plot.numbersOf(plan, size);
    context.font = `${plot.numberSize(plan, size)}px ${plot.NUMBERS}`;
    context.fillStyle = look.theme.faint;
    context.textBaseline = "alphabetic";
    context.textAlign = "center";
    for (const { at, text } of columns) context.fillText(text, at * wide, -4.5);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const { at, text } of rows) context.fillText(text, -5, at * size.cell + 1);
  }

  /** The first picture does not wait for Plotly. @param {plot.Marks} marks */
  #markOnCanvas(marks) {
    const painted = JSON.stringify(marks);
    if (painted === this.#painted) return;
    this.#painted = painted;
    const { veil, unread, before, read, write, links } = marks;
    const { context, look, size, wide } = this;
    this.#paint();
    this.#paintNumbers();
    context.fillStyle = look.theme.veil;
    context.strokeStyle = look.theme.faint;
    context.lineWidth = 0.5;
    context.setLineDash([3, 3]);
    for (const [x0, y0, x1, y1] of veil) {
      context.fillRect(x0 * wide, y0 * size.cell, (x1 - x0) * wide, (y1 - y0) * size.cell);
      context.strokeRect(x0 * wide, y0 * size.cell, (x1 - x0) * wide, (y1 - y0) * size.cell);
    }
    const walk = links ? plot.FADED : 1;
    const linked = links ? plot.linkStyles(links, look) : [];
    for (const { tint, colour } of linked) {
      context.globalAlpha = plot.TINT;
      context.fillStyle = colour;
      for (const [x0, y0, x1, y1] of tint)
        context.fillRect(x0 * wide, y0 * size.cell, (x1 - x0) * wide, (y1 - y0) * size.cell);
    }
    for (const [lines, width, colour, dashes, alpha] of /** @type {[number[][], number, string, number[], number][]} */ ([
      [unread, 1, look.theme.faint, [], 1],
      ...plot.casings(marks, look).map(([lines, width]) => [lines, width, look.theme.zero, [], walk]),
      [before, 1.5, look.theme.read, [3, 3], walk],
      [read, 2.5, look.theme.read, [], walk],
      [write, 4, look.theme.write, [], walk],
      ...linked.map(({ lines, width, colour, dash }) => [lines, width, colour, dash === "dot" ? [3, 3] : [], 1]),
    ])) {
      context.globalAlpha = alpha;
      context.setLineDash(dashes);
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      for (const [x0, y0, x1, y1] of lines) {
        context.moveTo(x0 * wide, y0 * size.cell);
        context.lineTo(x1 * wide, y1 * size.cell);
      }
      context.stroke();
    }
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  /** @param {MouseEvent} event @returns {number} the flat index of the cell under the pointer, or -1 */
  #under(event) {
    return this.flatAt(event.clientX, event.clientY);
  }

  /** Frame the cell that the reader looks at, name it and tell its value in full, above it or else below; or none.
   * @param {import("./cell.js").Cell|undefined} cell @param {HTMLElement} scrolled what the cell is seen in */
  name(cell, scrolled) {
    const { cursor, hint, plan, wide, size } = this;
    cursor.hidden = hint.hidden = !cell;
    if (!cell) return;
    write(hint, told(this.array, cell.flat, this.grid.hand.number(this.array, cell.flat)));
    for (const each of [cursor, hint]) each.classList.toggle("pinned", cell.pinned);
    const [left, top] = [plot.MARGIN.l + plan.xs[cell.flat] * wide, plot.MARGIN.t + plan.ys[cell.flat] * size.cell];
    Object.assign(cursor.style, { left: `${left}px`, top: `${top}px`, width: `${wide}px`, height: `${size.cell}px` });
    const [bounds, room] = [this.board, scrolled].map((each) => each.getBoundingClientRect());
    const [x, y] = [bounds.x + left + wide / 2, bounds.y + top];
    const [width, height] = [hint.offsetWidth, hint.offsetHeight];
    const within = (/** @type {number} */ at, /** @type {number} */ end) => Math.max(8, Math.min(at, end - 8));
    const above = y - height - 8;
    hint.hidden = x < room.left || x > room.right || y + size.cell < Math.max(0, room.top) || y > room.bottom; // scrolled away
    hint.style.left = `${within(x - width / 2, window.innerWidth - width)}px`;
    hint.style.top = `${within(above < 8 ? y + size.cell + 8 : above, window.innerHeight - height)}px`;
  }

  /** The cell at a point of the screen, or -1. @param {number} x @param {number} y */
  flatAt(x, y) {
    const bounds = this.board.getBoundingClientRect();
    const [across, down] = [x - bounds.x - plot.MARGIN.l, y - bounds.y - plot.MARGIN.t];
    return this.plan.at(Math.floor(across / this.wide), Math.floor(down / this.size.cell));
  }

  /** Where a cell is on the screen. @param {number} flat */
  boxOf(flat) {
    const { x, y } = this.board.getBoundingClientRect();
    const [left, top] = [this.plan.xs[flat] * this.wide, this.plan.ys[flat] * this.size.cell];
    return new DOMRect(x + plot.MARGIN.l + left, y + plot.MARGIN.t + top, this.wide, this.size.cell);
  }

  remove() {
    this.root.remove();
    afterPicture(() => plot.purge(this.figure));
  }
}
