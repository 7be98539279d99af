// @ts-check
// The terms of a sum as small grids: for each map the patch, the kernel and their products, and what they come to; or
// the cells of a contest. It knows terms and how numbers look, and nothing of where on the page it stands.

import { lastName, nameOf } from "../say/cell.js";
import { exprNumber, readNumber, Sum } from "../why/decimal.js";
import { isDone } from "../why/derivation.js";
import { cellOf, contest } from "../why/expression.js";
import { about, short } from "../say/look.js";
import { element, write } from "../page/page.js";
import { extentOf, longestProduct, widthOf } from "../board/width.js";

/** @import { Extent } from "../board/width.js" */
/** @import { NamedArray, Scene } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Look, Looks } from "../say/look.js" */
/** @import { Derivation, Derivations } from "../why/derivation.js" */
/** @import { Expr, Term } from "../why/expression.js" */
/** The terms of a sum map by map, how wide those are, and the terms that are in none.
 * @typedef {{maps: Term[][], width: number, others: Term[]}} Maps */
/** @typedef {{root: HTMLElement, label: HTMLElement, grid: HTMLElement, cells: HTMLElement[]}} Block */
/** The grids of a map, or the name of a term that is in none; what it comes to, and all so far.
 * @typedef {{blocks: Block[], name: HTMLElement, total: HTMLElement, far: HTMLElement}} Row */
/** How many characters a number has at most, whether cells are no wider, whether the sums stand beside the grids.
 * @typedef {{most: number, tight: boolean, beside?: boolean}} Fit */

const WIDEST = 5; // columns of a map whose three grids stand beside each other
const MOST = 150; // terms
const SHORTEST = 2; // characters for which there is room in every cell
const LONG = 3; // characters: more are long
/** @type {Fit[]} tried in this order, until the grids of a map stand side by side; a longer number is rounded */
const FITS = [
  { most: 6, tight: false, beside: true }, { most: 6, tight: true, beside: true },
  { most: 6, tight: false }, { most: 6, tight: true }, { most: 5, tight: true },
]; // prettier-ignore
const WRAPPED = { most: 6, tight: true }; // where none does, and the grids of a map wrap
const SMALLEST = { most: 4, tight: true }; // and where there is only one, which is scrolled

/** The factors of a product, or a number alone. @param {Expr} expr */
const factorsOf = (expr) => expr.parts ?? [expr];

/** How the terms of a sum form maps whose grids can stand beside each other; undefined where a list tells more.
 * @param {Expr|undefined} sum @returns {Maps|undefined} */
export function mapsOf(sum) {
  if (!sum?.over || !sum.terms) return undefined;
  const { over } = sum;
  const terms = sum.terms.filter(({ expr }) => expr.via?.array === over);
  const [height, width] = over.shape.length > 1 ? over.shape.slice(-2) : [1, over.shape[0]];
  const size = height * width;
  const first = Number(terms[0].expr.via?.flat);
  const follow = terms.every(({ expr, minus }, at) => !minus && expr.via?.flat === first + at);
  if (!follow || width > WIDEST || terms.length > MOST || terms.length % size || first % size) return undefined;
  const isProduct = terms[0].expr.op === "*";
  const isAlike = (/** @type {Expr} */ { op, parts }) => (isProduct ? op === "*" && parts?.length === 2 : !parts);
  const isOfCells = (/** @type {Expr} */ expr) => factorsOf(expr).every(({ cell }) => cell);
  if (!terms.every(({ expr }) => isAlike(expr) && isOfCells(expr))) return undefined;
  const maps = Array.from({ length: terms.length / size }, (_, map) => terms.slice(map * size, (map + 1) * size));
  return { maps, width, others: sum.terms.filter(({ expr }) => expr.via?.array !== over) };
}

/** How many columns the cells of a contest stand in. @param {Expr[]} among */
export const columnsOf = (among) => Math.min(among.map(cellOf)[0]?.array.shape.at(-1) ?? 1, among.length);

export class TermGrids {
  /** @type {Derivations} of the run that is shown */ derivations;
  /** @type {number|undefined} how many characters a sum has room for, if that is limited */ figures;
  /** @type {number|undefined} how many a cell has room for; else cells are as wide as their numbers need */ room;
  /** @type {number[]} how many characters the cells of each grid of a map have room for */ #rooms = [];
  #fitted = ""; // what the rooms were found for
  /** @type {(() => void)|undefined} shows the same once more */ #again;
  #width = 0; // of the room for the grids
  /** @type {Scene|undefined} of which the arrays are known: */ #scene;
  /** @type {Map<NamedArray, Extent>} */ #extents = new Map();
  #built = "";
  #letters = 0; // of the longest label
  /** @type {Row[]} */ #rows = [];
  /** @type {WeakMap<HTMLElement, string>} what each cell shows, and the notes */ #shown = new WeakMap();
  #k = 0; // what comes after so many steps is left open
  /** @type {Pick<Looks, "of">} */ #looks;
  /** @type {Map<string, number>} how many cells were filled in, by their word */ #zeros = new Map();

  /** @param {HTMLElement} root @param {Say} say */
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

  /** Show how a cell came by its number, if the terms form grids; what comes after k steps is left open.
   * @param {Derivation} derivation @param {number} k @param {Pick<Looks, "of">} looks */
  show(derivation, k, looks) {
    this.#again = () => this.show(derivation, k, looks);
    this.#k = k;
    this.#looks = looks;
    this.#zeros = new Map();
    const { kind, expr, sum } = derivation;
    const maps = mapsOf(sum);
    if (maps) this.#showSum(maps, isDone(derivation, k));
    else if (expr && kind === "pick") this.#showContest(expr, isDone(derivation, k));
    else return this.clear();
    this.#note();
  }

  /** @param {Maps} sum @param {boolean} finished whether the sum itself is known */
  #showSum(sum, finished) {
    const { maps, others } = sum;
    const extents = factorsOf(maps[0][0].expr).flatMap(({ cell }) => (cell ? [this.#extentOf(cell.array)] : []));
    const [one, other] = extents;
    const isAlone = maps.length + others.length === 1; // then the sum of the map is all there is
    const key = [maps.length, maps[0].length, sum.width, extents.length, others.length];
    this.#build(`sum ${key.join(" ")}`, () => this.#sumRows(sum, other ? 3 : 1, isAlone));
    this.#fit([...extents.map(({ longest }) => longest), ...(other ? [longestProduct(one, other)] : [])]);
    const running = new Sum();
    this.#rows.forEach(({ blocks, name, total, far }, nth) => {
      const terms = maps[nth] ?? [others[nth - maps.length]];
      const [{ expr, minus }] = terms;
      const subtotal = new Sum();
      for (const term of terms) for (const each of [subtotal, running]) each.add(term.expr, term.minus);
      const text = about(blocks.length ? subtotal.value : exprNumber(expr) * (minus ? -1 : 1), this.figures);
      const isNear = text.startsWith("≈"); // a sign that takes the place of "="
      write(total, finished || !blocks.length ? `${isAlone ? (isNear ? "Σ " : "Σ = ") : ""}${text}` : "");
      write(far, finished ? about(running.value, this.figures) : "");
      if (blocks.length) {
        total.classList.toggle("near", isNear);
        this.#showMap(blocks, terms);
      } else {
        write(name, expr.cell ? nameOf(expr.cell.array, expr.cell.flat) : "");
        if (expr.cell) name.style.minWidth = `${lastName(expr.cell.array).length}ch`;
      }
    });
  }

  /** @param {Block[]} blocks @param {Term[]} terms */
  #showMap(blocks, terms) {
    terms.forEach(({ expr }, at) => {
      factorsOf(expr).forEach((factor, nth) => this.#setRead(blocks[nth].cells[at], factor, nth));
      if (!expr.parts || !expr.via) return;
      const value = expr.via.moment <= this.#k ? exprNumber(expr) : undefined;
      this.#set(blocks[2].cells[at], value, this.#looks.of(expr.via.array), "", 2);
    });
    const { expr } = terms[0];
    this.#label(blocks, [...factorsOf(expr).map(({ cell }) => cell), expr.via]);
  }

  /** The cells that one was picked from. @param {Expr} pick @param {boolean} finished whether the winner is known */
  #showContest(pick, finished) {
    const among = pick.among ?? [];
    const width = columnsOf(among);
    this.#build(`contest ${among.length} ${width}`, () => {
      this.#rows = [this.#rowOf([blockOf(among.length, width)])];
      return [element("div", { class: "grid-row" }, this.#rows[0].blocks[0].root)];
    });
    const { cell, via } = among[0] ?? {};
    this.#fit([cell ? this.#extentOf(cell.array).longest : 1]);
    const { blocks } = this.#rows[0];
    const { at: winner } = contest(pick);
    among.forEach((one, at) => {
      this.#setRead(blocks[0].cells[at], one, 0);
      blocks[0].cells[at].classList.toggle("winner", finished && at === winner);
    });
    this.#label(blocks, [cell ?? via]);
  }

  /** @param {string} key @param {() => HTMLElement[]} rows */
  #build(key, rows) {
    if (this.#built === key) return;
    this.#built = key;
    this.#fitted = "";
    this.#letters = 0;
    this.root.replaceChildren(...rows(), this.notes);
  }

  /** @param {Block[]} blocks @returns {Row} */
  #rowOf(blocks) {
    const far = element("b", { class: "running", "data-label": this.say("inspector.so.far") });
    return { blocks, name: element("code"), total: element("span", { class: "total" }), far };
  }

  /** @param {Maps} sum @param {number} count of the grids of a map @param {boolean} isAlone */
  #sumRows({ maps, width, others }, count, isAlone) {
    const blocks = () => Array.from({ length: count }, () => blockOf(maps[0].length, width));
    this.#rows = [...maps.map(() => this.#rowOf(blocks())), ...others.map(() => this.#rowOf([]))];
    const sign = (/** @type {string} */ text) => element("span", { class: "sign" }, text);
    const sums = (/** @type {HTMLElement[]} */ ...both) => element("span", { class: "grid-sums" }, ...both);
    const titles = [["total", "Σ"], ["running", this.say("inspector.so.far")]]; // prettier-ignore
    const named = titles.map(([name, text]) => element("span", { class: name }, text));
    const head = element("div", { class: "grid-row grid-head" }, sums(...named));
    head.hidden = isAlone;
    const rows = this.#rows.map(({ blocks: [first, ...others], name, total, far }) => {
      far.hidden = isAlone;
      if (!first) return element("div", { class: "grid-row grid-other" }, sign("+"), name, sums(total, far));
      const more = others.map(({ root }, at) => element("span", { class: "grid-part" }, sign("×="[at]), root));
      return element("div", { class: "grid-row" }, first.root, ...more, sums(total, far));
    });
    return [head, ...rows];
  }

  /** What the numbers of an array need, which does not change while a scene runs, or cells would.
   * @param {NamedArray} array */
  #extentOf(array) {
    const { trace } = this.derivations;
    const scene = trace.sceneAt(trace.at);
    if (scene !== this.#scene) this.#extents.clear();
    this.#scene = scene;
    const extent = this.#extents.get(array) ?? extentOf(array);
    this.#extents.set(array, extent);
    return extent;
  }

  /** Give each grid of a map as much room as its numbers need, side by side if they can be: else numbers lose digits,
   * and at last the grids wrap. @param {number[]} needs characters of their longest numbers */
  #fit(needs) {
    const key = needs.join();
    if (this.room !== undefined) this.#rooms = Array(needs.length).fill(this.room);
    if (this.room !== undefined || this.#fitted === key) return;
    this.#fitted = key;
    const { blocks, total } = this.#rows[0];
    const [first, last] = [blocks[0].root, blocks[blocks.length - 1].root];
    const isBelow = (/** @type {HTMLElement} */ one) => one.offsetTop >= first.offsetTop + first.offsetHeight - 2;
    const isApart = () => total.isConnected && isBelow(total);
    const fits = (/** @type {Fit} */ each) => {
      this.#give(needs, each);
      return !(each.beside && isApart()) && !isBelow(last) && this.root.scrollWidth <= this.root.clientWidth;
    };
    this.root.classList.remove("apart");
    if (!FITS.some(fits)) this.#give(needs, blocks.length > 1 ? WRAPPED : SMALLEST);
    this.root.classList.toggle("apart", isApart());
    this.#width = this.root.clientWidth;
  }

  /** @param {number[]} needs @param {Fit} fit */
  #give(needs, { most, tight }) {
    this.#rooms = needs.map((need) => Math.max(SHORTEST, Math.min(need, most)));
    this.root.classList.toggle("tight", tight);
    this.root.classList.toggle(
      "figures",
      this.#rooms.some((room) => room > LONG),
    );
    for (const { blocks } of this.#rows)
      blocks.forEach(({ grid }, nth) => grid.style.setProperty("--room", String(this.#rooms[nth])));
  }

  /** Name the maps of a row by the first of their cells.
   * @param {Block[]} blocks @param {ReturnType<typeof cellOf>[]} cells */
  #label(blocks, cells) {
    blocks.forEach(({ label }, nth) => {
      const cell = cells[nth];
      if (!cell) return;
      const outer = nameOf(cell.array, cell.flat).split(", ").slice(0, -2).join(", ");
      const text = cell.array.shape.length > 2 ? `${outer}]` : cell.array.name;
      write(label, text);
      if (text.length > this.#letters) this.root.style.setProperty("--letters", String((this.#letters = text.length)));
    });
  }

  /** Show what was read: greyed, with a sign of its own, where it was filled in.
   * @param {HTMLElement} where @param {Expr} read @param {number} nth of the grids of a map */
  #setRead(where, { cell, via }, nth) {
    const look = this.#looks.of(cell?.array ?? { scale: null });
    if (!cell || (via && via.moment > this.#k)) return this.#set(where, undefined, look, "", nth);
    const isSpecial = cell.value === 0 || !Number.isFinite(cell.value);
    const filled = (isSpecial && this.derivations.origin(cell).filling?.word) || "";
    if (filled) this.#zeros.set(filled, (this.#zeros.get(filled) ?? 0) + 1);
    this.#set(where, readNumber(cell), look, filled, nth, `${cell.array.name}:${cell.flat}`);
  }

  /** @param {HTMLElement} where @param {number|undefined} value @param {Look} look @param {string} filled why it was
   * @param {number} nth of the grids of a map @param {string} [name] of the cell that it stands for */
  #set(where, value, look, filled, nth, name) {
    const room = this.#rooms[nth];
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
    const { fill, ink } = filled || value === undefined ? { fill: "", ink: "" } : look.of(value);
    where.style.backgroundColor = fill;
    where.style.color = ink;
  }

  /** Name what was filled in. */
  #note() {
    const text = [...this.#zeros].join();
    if (this.#shown.get(this.notes) === text) return;
    this.#shown.set(this.notes, text);
    const notes = [...this.#zeros].map(([word, count]) => {
      const swatch = element("i", { class: `swatch filled ${word}` });
      return element("span", {}, swatch, `${count} × ${this.say(`inspector.${word}`)}`);
    });
    this.notes.replaceChildren(...notes);
  }
}

/** @param {number} size @param {number} width @returns {Block} */
function blockOf(size, width) {
  const cells = Array.from({ length: size }, () => element("span"));
  const label = element("code", { class: "grid-label" });
  const grid = element("div", { class: "grid-cells" }, ...cells);
  const root = element("div", { class: "grid-block" }, label, grid);
  for (const each of [grid, root]) each.style.setProperty("--columns", String(width));
  return { root, label, grid, cells };
}
