// @ts-check
// The terms of a sum as small grids: for each map the patch, the kernel and their products, and what they come to; or the
// cells of a contest. It knows terms and how numbers look, and nothing of where on the page it stands.

import { lastName, nameOf } from "../say/cell.js";
import { exprNumber, readNumber, Sum } from "../why/decimal.js";
import { about, short } from "../say/look.js";
import { element, write } from "../page/page.js";
import { extentOf, longestProduct, widthOf } from "../board/width.js";

/** @typedef {import("../why/derivation.js").Expr} Expr */
/** @typedef {import("../why/derivation.js").Term} Term */
/** @typedef {import("../why/derivation.js").Derivations} Derivations */
/** @typedef {import("../say/look.js").Look} Look */
/** @typedef {Pick<import("../say/look.js").Looks, "of">} Looks */
/** @typedef {import("../run/trace.js").NamedArray} NamedArray */
/** @typedef {{root: HTMLElement, label: HTMLElement, grid: HTMLElement, cells: HTMLElement[]}} Block */
/** @typedef {{blocks: Block[], total: HTMLElement, running: HTMLElement}} Row */
/** @typedef {{most: number, tight: boolean, beside?: boolean}} Fit how many characters a number has at most, whether cells are no
 *   wider than it, and whether the sums stand beside the grids */

const WIDEST = 5; // columns of a map whose three grids stand beside each other
const MOST = 150; // terms
const SHORTEST = 2; // characters for which there is room in every cell
const LONG = 3; // characters: more are long
/** @type {Fit[]} What is tried in this order, until the grids of a map stand side by side; a longer number is rounded. */
const FITS = [
  { most: 6, tight: false, beside: true }, { most: 6, tight: true, beside: true },
  { most: 6, tight: false }, { most: 6, tight: true }, { most: 5, tight: true },
]; // prettier-ignore
const WRAPPED = { most: 6, tight: true }; // where none does, and the grids of a map wrap
const SMALLEST = { most: 4, tight: true }; // and where there is only one, which is scrolled

/** How the terms of a sum form maps: how many of them are one map, how wide it is, and the grids beside each other; or
 * undefined, where a list tells more. @param {Expr|undefined} sum */
export function mapsOf(sum) {
  if (!sum?.over || !sum.terms) return undefined;
  const { over } = sum;
  const terms = sum.terms.filter(({ expr }) => expr.via?.array === over);
  const [height, width] = over.shape.length > 1 ? over.shape.slice(-2) : [1, over.shape[0]];
  const size = height * width;
  const first = Number(terms[0].expr.via?.flat);
  const follow = terms.every(({ expr, minus }, at) => !minus && expr.via?.flat === first + at);
  if (!follow || width > WIDEST || terms.length > MOST || terms.length % size || first % size) return undefined;
  const isProduct = terms.every(({ expr }) => expr.op === "*" && expr.parts?.length === 2 && expr.parts.every((part) => part.cell));
  if (!isProduct && !terms.every(({ expr }) => expr.cell)) return undefined;
  return { terms, size, width, isProduct, others: sum.terms.filter(({ expr }) => expr.via?.array !== over) };
}

export class TermGrids {
  /** @type {Derivations} of the run that is shown */ derivations;
  /** @type {number|undefined} how many characters a sum has room for, if that is limited */ figures;
  /** @type {number|undefined} how many a cell has room for; without it, cells are as wide as their numbers need */ room;
  /** @type {number[]} how many the cells of each grid of a map need */ #needs = [];
  /** @type {number[]} how many they have room for */ #rooms = [];
  #fitted = ""; // what the rooms were found for
  /** @type {(() => void)|undefined} shows the same once more */ #again;
  #width = 0; // of the room for the grids
  /** @type {import("../run/trace.js").Scene|undefined} of which the arrays are known: */ #scene;
  /** @type {Map<NamedArray, import("../board/width.js").Extent>} */ #extents = new Map();
  #built = "";
  #letters = 0; // of the longest label
  /** @type {Row[]} */ #rows = [];
  /** @type {{name: HTMLElement, total: HTMLElement, running: HTMLElement}[]} */ #others = [];
  /** @type {WeakMap<HTMLElement, string>} what each cell shows */ #shown = new WeakMap();

  /** @param {HTMLElement} root @param {(text: string) => string} say */
  constructor(root, say) {
    this.root = root;
    this.say = say;
    this.notes = element("p", { class: "grid-notes" });
    this.resized = new ResizeObserver(() => this.#refit());
    this.resized.observe(root);
  }

  /** Where there is another width for the grids, they are fitted to it. */
  #refit() {
    if (!this.#built || this.root.clientWidth === this.#width) return;
    this.#fitted = "";
    this.#again?.();
  }

  close() {
    this.resized.disconnect();
  }

  clear() {
    if (!this.#built) return;
    this.#built = "";
    this.root.replaceChildren();
  }

  /** A sum that forms maps; what comes after k steps is left open. @param {NonNullable<ReturnType<typeof mapsOf>>} maps
   * @param {number} k @param {boolean} finished whether the sum itself is known @param {Looks} looks */
  showSum(maps, k, finished, looks) {
    const { terms, size, width, isProduct, others } = maps;
    const count = terms.length / size;
    this.#again = () => this.showSum(maps, k, finished, looks);
    this.#build(`sum ${count} ${size} ${width} ${isProduct} ${others.length}`, () => this.#sumRows(count, size, width, isProduct, others.length));
    const factors = (isProduct ? /** @type {Expr[]} */ (terms[0].expr.parts) : [terms[0].expr]).map(({ cell }) => cell && this.#extentOf(cell.array));
    this.#fit([...factors.map((extent) => extent?.longest ?? 1), ...(isProduct && factors[0] && factors[1] ? [longestProduct(factors[0], factors[1])] : [])]);
    const running = new Sum();
    /** @type {Map<string, number>} */ const zeros = new Map();
    this.#rows.forEach(({ blocks, total, running: far }, map) => {
      const subtotal = new Sum();
      for (let at = 0; at < size; at++) {
        const { expr } = terms[map * size + at];
        const isKnown = Number(expr.via?.moment) <= k;
        const parts = isProduct ? /** @type {Expr[]} */ (expr.parts) : [expr];
        parts.forEach((part, nth) => this.#setRead(blocks[nth].cells[at], part, k, looks, zeros, this.#rooms[nth]));
        if (isProduct) this.#set(blocks[2].cells[at], isKnown ? exprNumber(expr) : undefined, looks.of(expr.via?.array ?? { scale: null }), "", this.#rooms[2]);
        subtotal.add(expr);
        running.add(expr);
        if (at === 0) this.#label(blocks, expr, isProduct);
      }
      const sum = about(subtotal.value, this.figures);
      const isNear = sum.startsWith("≈"); // a sign that takes the place of "="
      total.classList.toggle("near", isNear);
      write(total, finished ? `${this.#rows.length + this.#others.length === 1 ? (isNear ? "Σ " : "Σ = ") : ""}${sum}` : "");
      write(far, finished ? about(running.value, this.figures) : "");
    });
    this.#others.forEach((row, at) => {
      const { expr, minus } = others[at];
      running.add(expr, minus);
      write(row.name, expr.cell ? nameOf(expr.cell.array, expr.cell.flat) : "");
      if (expr.cell) row.name.style.minWidth = `${lastName(expr.cell.array).length}ch`;
      write(row.total, about(exprNumber(expr) * (minus ? -1 : 1), this.figures));
      write(row.running, finished ? about(running.value, this.figures) : "");
    });
    this.#note(zeros);
  }

  /** The cells that one was picked from; what comes after k steps is left open. @param {Expr} pick @param {number} k
   * @param {boolean} finished whether the winner is known @param {Looks} looks */
  showContest(pick, k, finished, looks) {
    const among = pick.among ?? [];
    this.#again = () => this.showContest(pick, k, finished, looks);
    const shape = (among[0]?.via?.array ?? among[0]?.cell?.array)?.shape ?? [1];
    const width = Math.min(shape[shape.length - 1], among.length);
    this.#build(`contest ${among.length} ${width}`, () => {
      const block = blockOf(among.length, width);
      this.#rows = [{ blocks: [block], total: element("b"), running: element("b") }];
      return [element("div", { class: "grid-row" }, block.root)];
    });
    this.#fit([among[0]?.cell ? this.#extentOf(among[0].cell.array).longest : 1]);
    /** @type {Map<string, number>} */ const zeros = new Map();
    const winner = (/** @type {Expr} */ one) => one.via ? one.via.flat === pick.via?.flat : one.cell?.flat === pick.cell?.flat;
    among.forEach((one, at) => {
      const cell = this.#rows[0].blocks[0].cells[at];
      this.#setRead(cell, one, k, looks, zeros, this.#rooms[0]);
      cell.classList.toggle("winner", finished && winner(one));
    });
    if (among[0]) this.#label(this.#rows[0].blocks, among[0], false);
    this.#note(zeros);
  }

  /** @param {string} key @param {() => HTMLElement[]} rows */
  #build(key, rows) {
    if (this.#built === key) return;
    this.#built = key;
    this.#fitted = "";
    this.#letters = 0;
    this.#others = [];
    this.root.replaceChildren(...rows(), this.notes);
  }

  /** What the numbers of an array need, which does not change while a scene runs, or cells would. @param {NamedArray} array */
  #extentOf(array) {
    const { trace } = this.derivations;
    const scene = trace.sceneAt(trace.at);
    if (scene !== this.#scene) this.#extents.clear();
    this.#scene = scene;
    let extent = this.#extents.get(array);
    if (!extent) this.#extents.set(array, (extent = extentOf(array)));
    return extent;
  }

  /** Give each grid of a map as much room as its numbers need, side by side if they can be: else numbers lose digits, and
   * at last the grids wrap. @param {number[]} needs characters of their longest numbers */
  #fit(needs) {
    this.#needs = needs;
    if (this.room !== undefined) this.#rooms = needs.map(() => Number(this.room));
    const key = needs.join();
    if (this.room !== undefined || this.#fitted === key) return;
    this.#fitted = key;
    const [row] = this.#rows;
    const [first, last] = [row.blocks[0].root, row.blocks[row.blocks.length - 1].root];
    const isBelow = (/** @type {HTMLElement} */ one) => one.offsetTop >= first.offsetTop + first.offsetHeight - 2;
    const isApart = () => row.total.isConnected && isBelow(row.total);
    const fits = (/** @type {Fit} */ each) => {
      this.#give(each);
      return !(each.beside && isApart()) && !isBelow(last) && this.root.scrollWidth <= this.root.clientWidth;
    };
    this.root.classList.remove("apart");
    if (!FITS.some(fits)) this.#give(row.blocks.length > 1 ? WRAPPED : SMALLEST);
    this.root.classList.toggle("apart", isApart());
    this.#width = this.root.clientWidth;
  }

  /** @param {Fit} fit */
  #give({ most, tight }) {
    this.#rooms = this.#needs.map((need) => Math.max(SHORTEST, Math.min(need, most)));
    this.root.classList.toggle("tight", tight);
    this.root.classList.toggle("figures", this.#rooms.some((room) => room > LONG));
    for (const { blocks } of this.#rows)
      blocks.forEach(({ grid }, nth) => grid.style.setProperty("--room", String(this.#rooms[nth])));
  }

  /** @param {number} count @param {number} size @param {number} width @param {boolean} isProduct @param {number} others */
  #sumRows(count, size, width, isProduct, others) {
    const sign = (/** @type {string} */ text) => element("span", { class: "sign" }, text);
    this.#rows = Array.from({ length: count }, () => ({
      blocks: Array.from({ length: isProduct ? 3 : 1 }, () => blockOf(size, width)),
      total: element("span", { class: "total" }),
      running: element("b", { class: "running", "data-label": this.say("inspector.so.far") }),
    }));
    this.#others = Array.from({ length: others }, () => ({
      name: element("code"),
      total: element("span", { class: "total" }),
      running: element("b", { class: "running", "data-label": this.say("inspector.so.far") }),
    }));
    const head = element("div", { class: "grid-row grid-head" }, element("span", { class: "grid-sums" }, element("span", { class: "total" }, "Σ"),
      element("span", { class: "running" }, this.say("inspector.so.far")))); // prettier-ignore
    const isOne = count + others === 1; // then the sum of the map is all there is
    for (const { running } of this.#rows) running.hidden = isOne;
    head.hidden = isOne;
    const rows = this.#rows.map(({ blocks, total, running }) => {
      const [patch, kernel, product] = blocks.map((block) => block.root);
      const part = (/** @type {string} */ text, /** @type {HTMLElement} */ block) => element("span", { class: "grid-part" }, sign(text), block);
      const grids = isProduct ? [patch, part("×", kernel), part("=", product)] : [patch];
      return element("div", { class: "grid-row" }, ...grids, element("span", { class: "grid-sums" }, total, running));
    });
    const more = this.#others.map(({ name, total, running }) =>
      element("div", { class: "grid-row grid-other" }, sign("+"), name, element("span", { class: "grid-sums" }, total, running)));
    return [head, ...rows, ...more];
  }

  /** Name the maps of a row by the first of their cells. @param {Block[]} blocks @param {Expr} first
   * @param {boolean} isProduct */
  #label(blocks, first, isProduct) {
    const named = isProduct ? [...(first.parts ?? []), undefined] : [first];
    named.forEach((part, at) => {
      const cell = part?.cell ?? first.via;
      if (!cell) return;
      const outer = nameOf(cell.array, cell.flat).split(", ").slice(0, -2).join(", ");
      const label = cell.array.shape.length > 2 ? `${outer}]` : cell.array.name;
      write(blocks[at].label, label);
      if (label.length > this.#letters) this.root.style.setProperty("--letters", String((this.#letters = label.length)));
    });
  }

  /** Show what was read: greyed, with a sign of its own, where it was filled in. @param {HTMLElement} where
   * @param {Expr} part @param {number} k @param {Looks} looks @param {Map<string, number>} zeros to count it in
   * @param {number} room characters */
  #setRead(where, part, k, looks, zeros, room) {
    const cell = part.cell;
    const look = looks.of(cell?.array ?? { scale: null });
    if (!cell || (part.via && part.via.moment > k)) return this.#set(where, undefined, look, "", room);
    let filled = "";
    if (cell.value === 0 || !Number.isFinite(cell.value)) {
      filled = this.derivations.origin(cell).filling?.word ?? "";
    }
    if (filled) zeros.set(filled, (zeros.get(filled) ?? 0) + 1);
    this.#set(where, readNumber(cell), look, filled, room, `${cell.array.name}:${cell.flat}`);
  }

  /** @param {HTMLElement} where @param {number|undefined} value @param {Look} look @param {string} filled why it was
   * @param {number} room characters @param {string} [name] of the cell that it stands for */
  #set(where, value, look, filled, room, name) {
    const key = `${value} ${filled} ${room} ${name} ${look.low} ${look.limit} ${look.theme.ink}`;
    if (this.#shown.get(where) === key) return;
    this.#shown.set(where, key);
    if (name) where.dataset.cell = name;
    else delete where.dataset.cell;
    where.className = value === undefined ? "open" : filled ? `filled ${filled}` : "";
    const { text, rounded } = value === undefined ? { text: "", rounded: false } : short(value, room);
    write(where, text);
    where.classList.toggle("rounded", rounded);
    where.style.setProperty("--ems", String(widthOf(text)));
    const { fill, ink } = look.of(value ?? 0);
    where.style.backgroundColor = filled || value === undefined ? "" : fill;
    where.style.color = filled || value === undefined ? "" : ink;
  }

  /** Name what was filled in. @param {Map<string, number>} zeros */
  #note(zeros) {
    const text = [...zeros].join();
    if (this.#shown.get(this.notes) === text) return;
    this.#shown.set(this.notes, text);
    this.notes.replaceChildren(
      ...[...zeros].map(([word, count]) =>
        element("span", {}, element("i", { class: `swatch filled ${word}` }), `${count} × ${this.say(`inspector.${word}`)}`)),
    );
  }
}

/** @param {number} size @param {number} width @returns {Block} */
function blockOf(size, width) {
  const cells = Array.from({ length: size }, () => element("span"));
  const label = element("code", { class: "grid-label" });
  const grid = element("div", { class: "grid-cells" }, ...cells);
  grid.style.setProperty("--columns", String(width));
  const root = element("div", { class: "grid-block" }, label, grid);
  root.style.setProperty("--columns", String(width));
  return { root, label, grid, cells };
}
