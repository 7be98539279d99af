// @ts-check
// How a cell came by its number: the statement that wrote it, as a tree with the cells that it read and what stood in
// them. All of it comes from the recorded accesses and the trees of the source; it knows no layer and no page.
//
// Who draws a sum reads the terms of `sum`: products of two cells, or cells alone, each with the scratch cell that it
// stood in and since when (`via`); a bias is a term without one. The result is `value`, and `isDone` says whether it
// stands there yet. What to show of any of these numbers, decimal.js says, so that shown terms make the shown sum.

import { cellAt, countOf, placeIn } from "../run/box.js";
import { placeOf } from "../run/trace.js";
import { evaluate, summed, sumIn } from "./expression.js";

/** @import { Access, NamedArray, Trace } from "../run/trace.js" */
/** @import { CellRead, Expr, Term } from "./expression.js" */

/** @typedef {any[]} Tree of a statement, as the source has it: its kind, then its parts */
/** Which write a tree belongs to, and which of so many cells that are computed is meant.
 * @typedef {{write: Access, flat: number, nth: number, count: number}} Place */
/** @typedef {"given"|"filled"|"awaited"|"never"|"copy"|"pick"|"sum"|"formula"} Kind */
/** How a cell came by a constant in a step, counted from 0: to stay, for what its array says or for nothing that it
 * says; or as a beginning, which another step of the same function writes over.
 * @typedef {{word: "padding"|"inserted"|"filled"|"begun", step: number, again?: number}} Filling */
/** @typedef {{array: NamedArray, flat: number, kind: Kind, value?: number, moment?: number, path: CellRead[],
 *   expr?: Expr, sum?: Expr, filling?: Filling}} Derivation
 *   - moment: after which the cell holds its value; of one that is awaited, after which it will
 *   - path: the cells that it is a copy of, one of the other; the expression is that of the last
 *   - sum: the part of the expression that adds up cells or products */

const CONSTANTS = /** @type {Record<string, number>} */ ({ pi: Math.PI, inf: Infinity, nan: NaN });

/** Whether a cell holds its value after k steps. @param {Derivation} derivation @param {number} k */
export const isDone = ({ value, moment = 0 }, k) => value !== undefined && moment <= k;

const plus = (/** @type {Expr} */ expr) => ({ minus: false, expr });

export class Derivations {
  /** @type {WeakMap<Tree, {write: Access, read?: Access}>} what a node has read, when it was asked for last */
  #latest = new WeakMap();
  /** @type {Map<number, Map<string, Tree>>} of each source, the trees by the place that they are written to */
  #trees = new Map();
  /** @type {Expr[]} the names in the expression being built that are taken for the settings of that name */
  #supposed = [];

  /** @param {Trace} trace */
  constructor(trace) {
    this.trace = trace;
  }

  /** How a cell came by what it holds after k steps. @param {string} name @param {number} flat @param {number} k
   * @returns {Derivation} */
  of(name, flat, k) {
    const array = /** @type {NamedArray} */ (this.trace.byName.get(name));
    const { accesses } = this.trace;
    const now = accesses.upTo(k);
    let write = accesses.lastWrite(array, flat, now);
    /** @type {CellRead[]} */ const path = [];
    if (!write) {
      if (array.known) return { array, flat, kind: "given", value: array.start[flat], path };
      const next = accesses.nextWrite(array, flat, now);
      return { array, flat, path, ...(next ? { kind: "awaited", moment: next.step + 1 } : { kind: "never" }) };
    }
    const found = { array, flat, value: write.written(flat), moment: write.step + 1, path };
    for (let at = { array, flat }; ;) {
      const expr = this.#expand(write, at.flat);
      const filling = this.#fillingOf(write, at.array, at.flat, path.length > 0);
      if (filling) return { ...found, kind: "filled", expr, filling };
      if (expr.op === "pick") return { ...found, kind: "pick", expr };
      if (expr.op !== "cell" || !expr.cell) {
        const sum = sumIn(expr);
        return { ...found, kind: sum ? "sum" : "formula", expr, sum };
      }
      path.push(expr.cell);
      at = expr.cell;
      write = accesses.lastWrite(at.array, at.flat, expr.cell.before);
      if (!write) return { ...found, kind: "copy", expr };
    }
  }

  /** Where the number in a cell was first: the end of a chain of copies, and how it was filled in there, if it was not
   * computed from anything. @param {CellRead} cell @param {boolean} [copied] whether another cell is a copy of it
   * @returns {{array: NamedArray, flat: number, filling?: Filling}} */
  origin({ array, flat, before }, copied = false) {
    const write = this.trace.accesses.lastWrite(array, flat, before);
    if (!write) return { array, flat };
    const tree = this.#treeOf(write) ?? [];
    if (tree[0] !== "read") return { array, flat, filling: this.#fillingOf(write, array, flat, copied) };
    const read = this.#readOf(write, tree);
    const cell = read && this.#cellOf(read, placeIn(write.box, array.strides, flat), countOf(write.box));
    return cell ? this.origin(cell, true) : { array, flat };
  }

  // --- trees with their cells ---------------------------------------------------------------------------------------

  /** @param {Access} write @returns {Tree|undefined} */
  #treeOf({ source, place }) {
    let trees = this.#trees.get(source);
    if (!trees) {
      const { statements } = this.trace.header.sources[source];
      trees = new Map();
      for (const [line, first, end, tree] of statements) trees.set(placeOf(line, first, end), tree);
      this.#trees.set(source, trees);
    }
    return trees.get(place);
  }

  /** Whether a statement writes what is written there always, whatever the arrays hold. @param {Access} write */
  #isFill(write) {
    /** @param {Tree} tree @returns {boolean} */
    const constant = ([kind, ...parts]) =>
      kind === "number" || (kind === "name" && parts[0] in CONSTANTS) || (kind === "neg" && constant(parts[0]));
    const tree = this.#treeOf(write);
    return tree !== undefined && constant(tree);
  }

  /** What it means if a constant was written to a cell: the array says it of a cell that stays as it is. What was
   * copied stays in the copy, whatever is written to the cell later.
   * @param {Access} write @param {NamedArray} array @param {number} flat @param {boolean} copied
   * @returns {Filling|undefined} */
  #fillingOf(write, array, flat, copied) {
    if (!this.#isFill(write)) return undefined;
    const { step } = write;
    const { stop } = this.trace.sceneAt(step + 1);
    const isKept = copied || array.role === "scratch";
    const next = isKept ? undefined : this.trace.accesses.nextWrite(array, flat, write.number + 1);
    const again = next?.step ?? Infinity;
    if (again < stop) return { word: "begun", step, again };
    const stays = this.trace.steps.length >= stop; // as far as the run has arrived, one cannot know
    return { word: (stays && array.fill) || "filled", step };
  }

  /** The latest read, before a write, at the place that a node of its tree names.
   * @param {Access} write @param {Tree} node */
  #readOf(write, node) {
    const found = this.#latest.get(node);
    if (found?.write === write) return found.read; // each cell of a write asks for the same
    const read = this.trace.accesses.lastRead(write.source, placeOf(node[1], node[2], node[3]), write.number);
    this.#latest.set(node, { write, read });
    return read;
  }

  /** The cell that a read gives to the nth of so many that are computed: its nth, or the only one that it has.
   * @param {Access} read @param {number} nth @param {number} count @returns {CellRead|undefined} */
  #cellOf(read, nth, count) {
    const { array, box, number: before } = read;
    const cells = countOf(box);
    if (cells !== 1 && cells !== count) return undefined;
    const flat = cellAt(box, array.strides, cells === 1 ? 0 : nth);
    return { array, flat, value: this.trace.accesses.valueBefore(array, flat, before), before };
  }

  /** The expression that a write computed for one of its cells. A function can be called with another value than the
   * setting of that name: what does not come to the recorded number was not computed with it.
   * @param {Access} write @param {number} flat @returns {Expr} */
  #expand(write, flat) {
    const outer = this.#supposed;
    this.#supposed = [];
    const expr = this.#unrolled(write, flat);
    if (this.#supposed.length) {
      const [found, wanted] = [evaluate(expr), write.written(flat)];
      if (found === undefined || Math.abs(found - wanted) > 1e-9 * Math.max(1, Math.abs(wanted)))
        for (const name of this.#supposed) name.value = undefined;
    }
    this.#supposed = outer;
    return expr;
  }

  /** What was added to a cell time and again is one sum. @param {Access} write @param {number} flat @returns {Expr} */
  #unrolled(write, flat) {
    const { array } = write;
    /** @type {Term[]} the latest first */ const added = [];
    /** @type {Access|undefined} */ let at = write;
    for (; at; at = this.trace.accesses.lastWrite(array, flat, at.number)) {
      const tree = this.#treeOf(at);
      if (!tree) return { op: "text", text: this.#textOf(at) };
      const place = { write: at, flat, nth: placeIn(at.box, array.strides, flat), count: countOf(at.box) };
      if ((tree[0] === "+" || tree[0] === "-") && isSelf(tree[1], at)) {
        added.push({ minus: tree[0] === "-", expr: this.#build(tree[2], place) });
        continue;
      }
      const begun = this.#build(tree, place);
      const isNothing = added.length > 0 && this.#isFill(at) && evaluate(begun) === 0;
      return summed([...(isNothing ? [] : [plus(begun)]), ...added.reverse()]);
    }
    const start = { array, flat, value: array.start[flat], before: 0 };
    return summed([plus({ op: "cell", cell: start }), ...added.reverse()]);
  }

  /** The line of the source that a write stands on. @param {Access} write */
  #textOf({ source, line }) {
    const { first, lines } = this.trace.header.sources[source];
    return lines[line - first].trim();
  }

  /** Put its cells into a tree. @param {Tree} tree @param {Place} place @returns {Expr} */
  #build(tree, place) {
    const [kind, ...parts] = tree;
    const built = (/** @type {Tree} */ part) => this.#build(part, place);
    switch (kind) {
      case "read":
      case "pick":
        return this.#leaf(tree, place);
      case "number":
        return { op: "number", value: parts[0] };
      case "name":
        return this.#named(parts[0], place.write);
      case "size":
        return { op: "name", text: parts[0], value: this.#size(parts[1], parts[2], place.write) };
      case "text":
        return { op: "text", text: parts[0] };
      case "sum":
      case "@": {
        const count = this.#sizeOf(parts[0], place.write);
        if (parts.some((part) => this.#sizeOf(part, place.write) !== count)) return { op: "text", text: kind };
        const terms = Array.from({ length: count }, (_, nth) => {
          const factors = parts.map((part) => this.#build(part, { ...place, nth, count }));
          return plus(kind === "@" ? { op: "*", parts: factors } : factors[0]);
        });
        const over = terms[0]?.expr.via?.array;
        return { op: "+", terms, over: terms.every(({ expr }) => expr.via?.array === over) ? over : undefined };
      }
      case "+":
      case "-":
        return summed([plus(built(parts[0])), { minus: kind === "-", expr: built(parts[1]) }]);
      case "call":
        return { op: "call", text: parts[0], parts: parts.slice(1).map(built) };
      default:
        return { op: kind, parts: parts.map(built) };
    }
  }

  /** What a node has read. A scratch array holds what was computed for this cell alone, so that is shown in its place.
   * @param {Tree} node @param {Place} place @returns {Expr} */
  #leaf(node, place) {
    const read = this.#readOf(place.write, node);
    if (!read) return { op: "text", text: "…" };
    const cell = this.#cellOf(read, place.nth, place.count);
    if (!cell) return { op: "array", cell: { array: read.array, flat: 0, value: NaN, before: read.number } };
    if (node[0] === "pick") {
      const among = node.slice(4).flatMap((at) => this.#cellsAt([0, ...at], place.write));
      return { ...this.#shown(cell), op: "pick", among };
    }
    if (isSelf(node, place.write)) {
      const earlier = this.trace.accesses.lastWrite(read.array, cell.flat, read.number);
      if (earlier) return this.#expand(earlier, cell.flat);
    }
    return this.#shown(cell);
  }

  /** Every cell that the node has read. @param {Tree} node @param {Access} write @returns {Expr[]} */
  #cellsAt(node, write) {
    const read = this.#readOf(write, node);
    if (!read) return [];
    const count = countOf(read.box);
    const cell = (/** @type {number} */ nth) => /** @type {CellRead} */ (this.#cellOf(read, nth, count));
    return Array.from({ length: count }, (_, nth) => this.#shown(cell(nth)));
  }

  /** A cell, or, in its place, the expression that a scratch cell holds. @param {CellRead} cell @returns {Expr} */
  #shown(cell) {
    const { array, flat, value, before } = cell;
    if (array.role !== "scratch") return { op: "cell", cell };
    const write = this.trace.accesses.lastWrite(array, flat, before);
    if (!write || this.#isFill(write)) return { op: "cell", cell };
    const via = { array, flat, value, moment: write.step + 1 };
    const expr = this.#expand(write, flat);
    return expr.op === "text" ? { op: "cell", cell, via } : { ...expr, via };
  }

  /** How many cells a tree computes. @param {Tree} tree @param {Access} write @returns {number} */
  #sizeOf(tree, write) {
    if (tree[0] !== "read") return Math.max(1, ...tree.filter(Array.isArray).map((part) => this.#sizeOf(part, write)));
    const read = this.#readOf(write, tree);
    return read ? countOf(read.box) : 0;
  }

  /** A name, with its value if the trace tells it. @param {string} text @param {Access} write @returns {Expr} */
  #named(text, write) {
    const told = { ...CONSTANTS, ...this.trace.steps[write.step].loop }[text];
    const setting = this.trace.header.settings[text];
    /** @type {Expr} */ const name = { op: "name", text, value: typeof told === "number" ? told : undefined };
    if (told === undefined && typeof setting === "number") {
      name.value = setting;
      this.#supposed.push(name);
    }
    return name;
  }

  /** The length of an axis of what the running function calls by a name.
   * @param {string} parameter @param {number} axis @param {Access} write */
  #size(parameter, axis, write) {
    const { arrays } = this.trace.sceneAt(write.step + 1);
    return this.trace.byName.get(arrays.find(([name]) => name === parameter)?.[1] ?? "")?.shape[axis];
  }
}

/** Whether a node reads what its statement writes. @param {Tree} node @param {Access} write */
const isSelf = ([kind, line, first, end], { place }) => kind === "read" && placeOf(line, first, end) === place;

/** @type {WeakMap<Trace, Derivations>} */ const known = new WeakMap();

/** The derivations of a trace, which keep what they find. @param {Trace} trace */
export function derivationsOf(trace) {
  let found = known.get(trace);
  if (!found) known.set(trace, (found = new Derivations(trace)));
  return found;
}
