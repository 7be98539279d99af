// @ts-check
// The terms of a sum as small grids: for each map the patch, the kernel and their products, and what they come to; or the
// cells of a contest. It knows terms and how numbers look, and nothing of where on the page it stands.

import { lastName, nameOf } from "./cell.js";
import { exprNumber, readNumber, Sum } from "./decimal.js";
import { about, short } from "./look.js";
import { element, write } from "./page.js";

/** @typedef {import("./derivation.js").Expr} Expr */
/** @typedef {import("./derivation.js").Term} Term */
/** @typedef {import("./derivation.js").Derivations} Derivations */
/** @typedef {import("./look.js").Look} Look */
/** @typedef {{root: HTMLElement, label: HTMLElement, cells: HTMLElement[]}} Block */
/** @typedef {{blocks: Block[], total: HTMLElement, running: HTMLElement}} Row */

const WIDEST = 5; // columns of a map whose three grids stand beside each other
const MOST = 150; // terms

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

export class Grids {
  /** @type {number|undefined} how many characters a sum has room for, if that is limited */ figures;
  #built = "";
  #letters = 0; // of the longest label
  /** @type {Row[]} */ #rows = [];
  /** @type {{name: HTMLElement, total: HTMLElement, running: HTMLElement}[]} */ #others = [];
  /** @type {WeakMap<HTMLElement, string>} what each cell shows */ #shown = new WeakMap();

  /** @param {HTMLElement} root @param {Derivations} derivations @param {(text: string) => string} say */
  constructor(root, derivations, say) {
    this.root = root;
    this.derivations = derivations;
    this.say = say;
    this.notes = element("p", { class: "grid-notes" });
  }

  clear() {
    if (!this.#built) return;
    this.#built = "";
    this.root.replaceChildren();
  }

  /** A sum that forms maps; what comes after k steps is left open. @param {NonNullable<ReturnType<typeof mapsOf>>} maps
   * @param {number} k @param {boolean} finished whether the sum itself is known @param {Look} look */
  showSum({ terms, size, width, isProduct, others }, k, finished, look) {
    const count = terms.length / size;
    this.#build(`sum ${count} ${size} ${width} ${isProduct} ${others.length}`, () => this.#sumRows(count, size, width, isProduct, others.length));
    const running = new Sum();
    /** @type {Map<string, number>} */ const zeros = new Map();
    this.#rows.forEach(({ blocks, total, running: sum }, map) => {
      const subtotal = new Sum();
      for (let at = 0; at < size; at++) {
        const { expr } = terms[map * size + at];
        const isKnown = Number(expr.via?.moment) <= k;
        const parts = isProduct ? /** @type {Expr[]} */ (expr.parts) : [expr];
        parts.forEach((part, nth) => this.#setRead(blocks[nth].cells[at], part, k, look, zeros));
        if (isProduct) this.#set(blocks[2].cells[at], isKnown ? exprNumber(expr) : undefined, look, "");
        subtotal.add(expr);
        running.add(expr);
        if (at === 0) this.#label(blocks, expr, isProduct);
      }
      write(total, finished ? `${this.#rows.length + this.#others.length === 1 ? "Σ = " : ""}${about(subtotal.value, this.figures)}` : "");
      write(sum, finished ? about(running.value, this.figures) : "");
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
   * @param {boolean} finished whether the winner is known @param {Look} look */
  showContest(pick, k, finished, look) {
    const among = pick.among ?? [];
    const shape = (among[0]?.via?.array ?? among[0]?.cell?.array)?.shape ?? [1];
    const width = Math.min(shape[shape.length - 1], among.length);
    this.#build(`contest ${among.length} ${width}`, () => {
      const block = blockOf(among.length, width);
      this.#rows = [{ blocks: [block], total: element("b"), running: element("b") }];
      return [element("div", { class: "grid-row" }, block.root)];
    });
    /** @type {Map<string, number>} */ const zeros = new Map();
    const winner = (/** @type {Expr} */ one) => one.via ? one.via.flat === pick.via?.flat : one.cell?.flat === pick.cell?.flat;
    among.forEach((one, at) => {
      const cell = this.#rows[0].blocks[0].cells[at];
      this.#setRead(cell, one, k, look, zeros);
      cell.classList.toggle("winner", finished && winner(one));
    });
    if (among[0]) this.#label(this.#rows[0].blocks, among[0], false);
    this.#note(zeros);
  }

  /** @param {string} key @param {() => HTMLElement[]} rows */
  #build(key, rows) {
    if (this.#built === key) return;
    this.#built = key;
    this.#letters = 0;
    this.#others = [];
    this.root.replaceChildren(...rows(), this.notes);
  }

  /** @param {number} count @param {number} size @param {number} width @param {boolean} isProduct @param {number} others */
  #sumRows(count, size, width, isProduct, others) {
    const sign = (/** @type {string} */ text) => element("span", { class: "sign" }, text);
    this.#rows = Array.from({ length: count }, () => ({
      blocks: Array.from({ length: isProduct ? 3 : 1 }, () => blockOf(size, width)),
      total: element("span", { class: "total" }),
      running: element("b", { class: "running" }),
    }));
    this.#others = Array.from({ length: others }, () => ({
      name: element("code"),
      total: element("span", { class: "total" }),
      running: element("b", { class: "running" }),
    }));
    const head = element("div", { class: "grid-row grid-head" }, element("span", { class: "total" }, "Σ"),
      element("span", { class: "running" }, this.say("inspector.so.far"))); // prettier-ignore
    const isOne = count + others === 1; // then the sum of the map is all there is
    for (const { running } of this.#rows) running.hidden = isOne;
    head.hidden = isOne;
    const rows = this.#rows.map(({ blocks, total, running }) => {
      const [patch, kernel, product] = blocks.map((block) => block.root);
      const grids = isProduct ? [patch, sign("×"), kernel, sign("="), product] : [patch];
      return element("div", { class: "grid-row" }, ...grids, total, running);
    });
    const more = this.#others.map(({ name, total, running }) =>
      element("div", { class: "grid-row grid-other" }, sign("+"), name, total, running));
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
   * @param {Expr} part @param {number} k @param {Look} look @param {Map<string, number>} zeros to count it in */
  #setRead(where, part, k, look, zeros) {
    const cell = part.cell;
    if (!cell || (part.via && part.via.moment > k)) return this.#set(where, undefined, look, "");
    let filled = "";
    if (cell.value === 0 || !Number.isFinite(cell.value)) {
      filled = this.derivations.origin(cell).filling?.word ?? "";
    }
    if (filled) zeros.set(filled, (zeros.get(filled) ?? 0) + 1);
    this.#set(where, cell.value, look, filled, `${cell.array.name}:${cell.flat}`);
  }

  /** @param {HTMLElement} where @param {number|undefined} value @param {Look} look @param {string} filled why it was
   * @param {string} [name] of the cell that it stands for */
  #set(where, value, look, filled, name) {
    const key = `${value} ${filled} ${name} ${look.limit} ${look.theme.ink}`;
    if (this.#shown.get(where) === key) return;
    this.#shown.set(where, key);
    if (name) where.dataset.cell = name;
    else delete where.dataset.cell;
    where.className = value === undefined ? "open" : filled ? `filled ${filled}` : "";
    const { text, rounded } = value === undefined ? { text: "", rounded: false } : short(value, 5);
    write(where, text);
    where.classList.toggle("rounded", rounded);
    where.classList.toggle("crowded", text.length > 3 || text.includes("∞"));
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
  return { root, label, cells };
}
