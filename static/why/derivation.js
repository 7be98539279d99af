// @ts-check
// How a cell came by its number: the statement that wrote it, as a tree with the cells that it read and what stood in
// them. All of it comes from the recorded accesses and the trees of the source; it knows no layer and no page.

import { cellAt, countOf, placeIn } from "../run/box.js";
import { placeOf } from "../run/trace.js";

/** @typedef {import("../run/trace.js").Trace} Trace */
/** @typedef {import("../run/trace.js").NamedArray} NamedArray */
/** @typedef {import("../run/trace.js").Access} Access */
/** @typedef {any[]} Tree of a statement, as the source has it: its kind, then its parts */
/** @typedef {{array: NamedArray, flat: number, value: number, before: number}} CellRead what a cell held before an access,
 *   by the access's number */
/** @typedef {{array: NamedArray, flat: number, value: number, moment: number}} Stood in a scratch array: the result of an
 *   expression, from a moment on */
/** @typedef {{minus: boolean, expr: Expr}} Term */
/** @typedef {{op: string, cell?: CellRead, via?: Stood, value?: number, text?: string, parts?: Expr[], terms?: Term[],
 *   over?: NamedArray, among?: Expr[]}} Expr
 *   - cell: one that was read; pick: one that was chosen among others; number; name, with its value if it is known
 *   - +: terms, the cells of the array `over` if it sums up those; any other operator, neg, if, call: its parts
 *   - text: what has no tree; array: one that was taken as a whole */
/** @typedef {"given"|"filled"|"awaited"|"never"|"copy"|"pick"|"sum"|"formula"} Kind */
/** @typedef {{word: "padding"|"inserted"|"filled"|"begun", step: number, again?: number}} Filling how a cell came by a
 *   constant in a step, counted from 0: to stay, for what its array says or for nothing that it says; or as a beginning,
 *   which another step of the same function writes over
 * @typedef {{array: NamedArray, flat: number, kind: Kind, value?: number, moment?: number, path: CellRead[], expr?: Expr,
 *   sum?: Expr, filling?: Filling}} Derivation
 *   - moment: after which the cell holds its value; of one that is awaited, after which it will
 *   - path: the cells that it is a copy of, one of the other; the expression is that of the last
 *   - sum: the part of the expression that adds up cells or products */

const FUNCTIONS = /** @type {Record<string, (...numbers: number[]) => number>} */ ({
  maximum: Math.max, minimum: Math.min, max: Math.max, min: Math.min, abs: Math.abs,
  exp: Math.exp, tanh: Math.tanh, sqrt: Math.sqrt, neg: (a) => -a,
  "*": (a, b) => a * b, "/": (a, b) => a / b, "**": (a, b) => a ** b,
  "<": (a, b) => +(a < b), ">": (a, b) => +(a > b), "<=": (a, b) => +(a <= b), ">=": (a, b) => +(a >= b),
  "==": (a, b) => +(a === b), "!=": (a, b) => +(a !== b), if: (test, one, other) => (test ? one : other),
}); // prettier-ignore

const CONSTANTS = /** @type {Record<string, number>} */ ({ pi: Math.PI, inf: Infinity, nan: NaN });

/** The number that an expression comes to: what was recorded, where it stood in a cell; undefined where it cannot be told.
 * @param {Expr} expr @returns {number|undefined} */
export function evaluate(expr) {
  if (expr.via) return expr.via.value;
  if (expr.terms) {
    let total = 0;
    for (const { minus, expr: term } of expr.terms) {
      const value = evaluate(term);
      if (value === undefined) return undefined;
      total += minus ? -value : value;
    }
    return total;
  }
  if (!expr.parts) return expr.cell?.value ?? expr.value;
  const values = expr.parts.map(evaluate);
  const name = expr.op === "call" ? (expr.text ?? "") : expr.op;
  const compute = name in FUNCTIONS ? FUNCTIONS[name] : undefined;
  return compute !== undefined && values.every((value) => value !== undefined) ? compute(.../** @type {number[]} */ (values)) : undefined;
}

export class Derivations {
  /** @type {WeakMap<Tree, {write: Access, read: Access|undefined}>} what a node has read, when it was asked for last */
  #latest = new WeakMap();
  /** @type {Map<number, Map<string, Tree>>} of each source, the trees by the place that they are written to */ #trees = new Map();
  /** @type {Expr[]} the names in the expression being built that are taken for the settings of that name */ #supposed = [];

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
      return next ? { array, flat, kind: "awaited", moment: next.step + 1, path } : { array, flat, kind: "never", path };
    }
    const found = { array, flat, value: write.written(flat), moment: write.step + 1, path };
    let filled = this.#isFill(write);
    let expr = this.#expand(write, flat);
    while (expr.op === "cell" && expr.cell && !filled) {
      path.push(expr.cell);
      const { array: from, flat: at, before } = expr.cell;
      write = accesses.lastWrite(from, at, before);
      if (!write) return { ...found, kind: "copy", expr };
      filled = this.#isFill(write);
      expr = this.#expand(write, at);
    }
    if (filled) {
      const { array: from, flat: at } = path.at(-1) ?? found;
      return { ...found, kind: "filled", expr, filling: this.#fillingOf(write, from, at) };
    }
    if (expr.op === "pick") return { ...found, kind: "pick", expr };
    const sum = sumIn(expr);
    return { ...found, kind: sum ? "sum" : "formula", expr, sum };
  }

  /** Where the number in a cell was first: the end of a chain of copies, and how it was filled in there, if it was not
   * computed from anything. @param {CellRead} cell @returns {{array: NamedArray, flat: number, filling?: Filling}} */
  origin({ array, flat, before }) {
    for (;;) {
      const write = this.trace.accesses.lastWrite(array, flat, before);
      if (!write) return { array, flat };
      if (this.#treeOf(write)?.[0] !== "read")
        return { array, flat, filling: this.#isFill(write) ? this.#fillingOf(write, array, flat) : undefined };
      const read = this.#readOf(write, this.#treeOf(write) ?? []);
      const cell = read && this.#cellOf(read, placeIn(write.box, array.strides, flat), countOf(write.box));
      if (!cell) return { array, flat };
      ({ array, flat, before } = cell);
    }
  }

  // --- trees with their cells ---------------------------------------------------------------------------------------

  /** @param {Access} write @returns {Tree|undefined} */
  #treeOf({ source, place }) {
    let trees = this.#trees.get(source);
    if (!trees) {
      const { statements } = this.trace.header.sources[source];
      trees = new Map(statements.map((/** @type {any[]} */ [line, first, end, tree]) => [placeOf(line, first, end), tree]));
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

  /** What it means that a constant was written to a cell: the array says it of a cell that stays as it is.
   * @param {Access} write @param {NamedArray} array @param {number} flat @returns {Filling} */
  #fillingOf(write, array, flat) {
    const { step } = write;
    const { stop } = this.trace.sceneAt(step + 1);
    const next = array.role === "scratch" ? undefined : this.trace.accesses.nextWrite(array, flat, write.number + 1);
    const again = next?.step ?? Infinity;
    if (again < stop) return { word: "begun", step, again };
    const stays = this.trace.steps.length >= stop; // as far as the run has arrived, one cannot know
    return { word: (stays && array.fill) || "filled", step };
  }

  /** The latest read, before a write, at the place that a node of its tree names. @param {Access} write @param {Tree} node */
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

  /** What was added to a cell again and again is one sum. @param {Access} write @param {number} flat @returns {Expr} */
  #unrolled(write, flat) {
    /** @type {Term[][]} */ const added = [];
    for (let at = write; ; ) {
      const { source, line, array, box } = at;
      const tree = this.#treeOf(at);
      if (!tree) return { op: "text", text: this.trace.header.sources[source].lines[line - this.trace.header.sources[source].first].trim() };
      const place = { write: at, flat, nth: placeIn(box, array.strides, flat), count: countOf(box) };
      const isAdded = (tree[0] === "+" || tree[0] === "-") && isSelf(tree[1], at);
      if (!isAdded) {
        const begun = this.#build(tree, place);
        if (!added.length) return begun;
        const terms = this.#isFill(at) && evaluate(begun) === 0 ? [] : [{ minus: false, expr: begun }];
        return summed(terms, added);
      }
      added.push([{ minus: tree[0] === "-", expr: this.#build(tree[2], place) }]);
      const earlier = this.trace.accesses.lastWrite(array, flat, at.number);
      if (!earlier) {
        const terms = [{ minus: false, expr: { op: "cell", cell: { array, flat, value: array.start[flat], before: at.number } } }];
        return summed(terms, added);
      }
      at = earlier;
    }
  }

  /** Put its cells into a tree. @param {Tree} tree
   * @param {{write: Access, flat: number, nth: number, count: number}} place which write it belongs to, and which of the
   * cells that are computed is meant @returns {Expr} */
  #build(tree, place) {
    const [kind, ...parts] = tree;
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
      case "sum": {
        const count = this.#sizeOf(parts[0], place.write);
        const terms = Array.from({ length: count }, (_, nth) => ({
          minus: false,
          expr: this.#build(parts[0], { ...place, nth, count }),
        }));
        const over = terms[0]?.expr.via?.array;
        return { op: "+", terms, over: over && terms.every(({ expr }) => expr.via?.array === over) ? over : undefined };
      }
      case "@": {
        const count = this.#sizeOf(parts[0], place.write);
        if (count !== this.#sizeOf(parts[1], place.write)) return { op: "text", text: "@" };
        const terms = Array.from({ length: count }, (_, nth) => ({
          minus: false,
          expr: { op: "*", parts: parts.map((part) => this.#build(part, { ...place, nth, count })) },
        }));
        return { op: "+", terms };
      }
      case "+":
      case "-":
        return summed([{ minus: false, expr: this.#build(parts[0], place) }],
          [[{ minus: kind === "-", expr: this.#build(parts[1], place) }]]); // prettier-ignore
      case "call":
        return { op: "call", text: parts[0], parts: parts.slice(1).map((part) => this.#build(part, place)) };
      default:
        return { op: kind, parts: parts.map((part) => this.#build(part, place)) };
    }
  }

  /** What a node has read. A scratch array holds what was computed for this cell alone, so that is shown in its place.
   * @param {Tree} node @param {{write: Access, flat: number, nth: number, count: number}} place @returns {Expr} */
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
    return Array.from({ length: count }, (_, nth) => this.#shown(/** @type {CellRead} */ (this.#cellOf(read, nth, count))));
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

  /** The length of an axis of what the running function calls by a name. @param {string} parameter @param {number} axis
   * @param {Access} write */
  #size(parameter, axis, write) {
    const { arrays } = this.trace.sceneAt(write.step + 1);
    return this.trace.byName.get(arrays.find(([name]) => name === parameter)?.[1] ?? "")?.shape[axis];
  }
}

/** Whether a node reads what its statement writes. @param {Tree} node @param {Access} write */
const isSelf = ([kind, line, first, end], { place }) => kind === "read" && placeOf(line, first, end) === place;

/** One sum of what stood there first and of what was added, the latest first. @param {Term[]} terms @param {Term[][]} added
 * @returns {Expr} */
function summed(terms, added) {
  const all = [...terms, ...added.reverse().flat()];
  if (all.length === 1 && !all[0].minus) return all[0].expr;
  // A sum within a sum is one sum, unless it stood in a cell of its own.
  const isOpen = (/** @type {Term} */ { minus, expr }) => expr.op === "+" && !expr.via && !minus;
  return {
    op: "+",
    terms: all.flatMap((term) => (isOpen(term) ? (term.expr.terms ?? []) : [term])),
    over: all.map(({ expr }) => expr.over).find(Boolean),
  };
}

/** The sum that makes an expression worth a list, all of it or a part: of a scratch array, or of more than two terms.
 * @param {Expr} expr @returns {Expr|undefined} */
function sumIn(expr) {
  if (expr.terms && (expr.over || expr.terms.length > 2)) return expr;
  for (const part of expr.parts ?? []) {
    const found = part.via ? undefined : sumIn(part);
    if (found) return found;
  }
  return undefined;
}

/** Every cell in an expression, from left to right. @param {Expr} expr @returns {CellRead[]} */
export function cellsOf(expr) {
  const inner = expr.terms ? expr.terms.map((term) => term.expr) : (expr.parts ?? []);
  return expr.cell && expr.op !== "array" ? [expr.cell] : inner.flatMap(cellsOf);
}

/** How a contest ended, seen from its winner: how many took part, how many are equal to it.
 * @param {Expr} expr @returns {{count: number, equal: number, first: boolean, word: "largest"|"smallest"|"one"}} */
export function contest(expr) {
  const winner = Number(expr.cell?.value);
  const values = (expr.among ?? []).map((each) => Number(each.cell?.value));
  const same = (/** @type {number} */ value) => Object.is(value, winner) || value === winner;
  const at = (expr.among ?? []).findIndex((each) => each.via ? each.via.flat === expr.via?.flat : each.cell?.flat === expr.cell?.flat);
  const word = values.every((value) => value <= winner || Number.isNaN(winner)) ? "largest"
    : values.every((value) => value >= winner) ? "smallest" : "one"; // prettier-ignore
  return { count: values.length, equal: values.filter(same).length, first: values.findIndex(same) === at, word };
}

/** @type {WeakMap<Trace, Derivations>} */ const known = new WeakMap();

/** The derivations of a trace, which keep what they find. @param {Trace} trace */
export function derivationsOf(trace) {
  let found = known.get(trace);
  if (!found) known.set(trace, (found = new Derivations(trace)));
  return found;
}
