// @ts-check
// What is worked out at a moment: the sum or the contest of the cell that is pinned, else of the one that is computed,
// else the latest of its scene; or, where a step computes many cells at once, what it has put into a scratch array.
// All of it comes from the recorded statements; it knows no layer and no page.

import { eachCell } from "../run/box.js";
import { current, written } from "./current.js";
import { exprNumber, readNumber } from "./decimal.js";
import { derivationsOf, isDone } from "./derivation.js";

/** @import { NamedArray, Scene, Trace } from "../run/trace.js" */
/** @import { Current } from "./current.js" */
/** @import { Derivation } from "./derivation.js" */
/** @import { CellRead, Expr, Term } from "./expression.js" */
/** The terms of a sum map by map, and those that are in none.
 * @typedef {{maps: Term[][], others: Term[]}} Maps */

/** What lies on an array: the cells that a statement reads together, each with the number that it meets there, or the
 * cells that it adds to (isAdded), each with what it is given, and once it has it with what it held before, or those
 * of a contest on the way back (isCompared), each with its number there; winner is the one that was picked, earlier
 * are the windows that it has won before.
 * @typedef {{flat: number, met?: {array: NamedArray|undefined, value: number, before?: number}}} Covered
 * @typedef {{array: NamedArray, cells: Covered[], isAdded?: boolean, isCompared?: boolean, winner?: number,
 *   earlier?: import("./home.js").Home[]}} Window */

/** The window that a sum or a contest has read. Of two factors it is the one whose cells were taken into a scratch
 * array, or else lie among others: a kernel is read whole. The winner is known after so many steps, or not yet.
 * @param {Derivation} derivation @param {number} k @returns {Window|undefined} */
export function windowOf(derivation, k) {
  const { expr, sum, kind } = derivation;
  if (kind === "pick" && expr?.among) {
    const cells = expr.among.flatMap(({ cell }) => cell ?? []);
    const winner = isDone(derivation, k) ? expr.cell?.flat : undefined;
    return cells.length ? { array: cells[0].array, cells, winner } : undefined;
  }
  // A sum begins with one product.
  const all = (sum ?? expr)?.terms ?? (expr ? [{ minus: false, expr }] : []);
  const terms = all.filter(
    ({ expr: { via, parts } }) => parts?.length === 2 || (sum?.over && via?.array === sum.over),
  );
  if (!areAlike(terms)) return undefined;
  const factors = factorsOf(terms[0].expr).map((_, nth) => terms.map((term) => factorsOf(term.expr)[nth]));
  const inScratch = factors.findIndex(([{ via }]) => via);
  const read = inScratch < 0 ? factors.findIndex((each) => !isKernel(each)) : inScratch;
  if (read < 0 || (factors.length > 1 && inScratch < 0 && !factors.some(isKernel))) return undefined;
  const met = factors[1 - read];
  const cellOf = (/** @type {Expr} */ each) => /** @type {CellRead} */ (each.cell);
  const cells = factors[read].map((each, nth) => {
    const other = met && cellOf(met[nth]);
    return { flat: cellOf(each).flat, met: other && { array: other.array, value: readNumber(other) } };
  });
  return { array: cellOf(factors[read][0]).array, cells };
}

/** Whether cells are weights, or all of some maps of their array. @param {Expr[]} read */
function isKernel(read) {
  const cells = read.flatMap(({ cell }) => cell ?? []);
  if (cells[0].array.role === "parameter") return true;
  const size = mapSize(cells[0].array);
  const maps = new Set(cells.map(({ flat }) => Math.floor(flat / size)));
  return new Set(cells.map(({ flat }) => flat)).size === maps.size * size;
}

/** The factors of a product, or a number alone. @param {Expr} expr */
export const factorsOf = (expr) => expr.parts ?? [expr];

/** How the terms of a sum form maps: those that stood in a scratch array, each map of it in its order, all of them
 * products of two cells, or cells alone. @param {Expr|undefined} sum
 * @returns {Maps|undefined} */
export function mapsOf(sum) {
  if (!sum?.over || !sum.terms) return undefined;
  const { over } = sum;
  const terms = sum.terms.filter(({ expr }) => expr.via?.array === over);
  const size = mapSize(over);
  const first = Number(terms[0]?.expr.via?.flat);
  const follow = terms.every(({ expr, minus }, at) => !minus && expr.via?.flat === first + at);
  if (!follow || terms.length % size || first % size || !areAlike(terms)) return undefined;
  return { maps: inMaps(terms, size), others: sum.terms.filter(({ expr }) => expr.via?.array !== over) };
}

/** @param {NamedArray} array */
const mapSize = ({ shape }) => shape.slice(-2).reduce((size, length) => size * length, 1);

/** @param {Term[]} terms @param {number} size of a map */
const inMaps = (terms, size) =>
  Array.from({ length: terms.length / size }, (_, map) => terms.slice(map * size, (map + 1) * size));

/** @param {Term[]} terms */
function areAlike(terms) {
  if (!terms.length) return false;
  const isProduct = terms[0].expr.op === "*";
  return terms.every(({ expr }) => {
    const { op, parts } = expr;
    return (isProduct ? op === "*" && parts?.length === 2 : !parts) && factorsOf(expr).every(({ cell }) => cell);
  });
}

/** @typedef {{k: number, scene: Scene, cell?: {array: string, flat: number, pinned: boolean}}} Moment */

export class Work {
  #asked = ""; // for which moment and cell, and
  /** @type {Derivation|undefined} */ #found; // what was found
  /** @type {Scene|undefined} */ #scene;
  /** @type {Map<number, Derivation|undefined>} what was worked out last in it, by its moments */ #latest = new Map();

  /** @param {Trace} trace */
  constructor(trace) {
    this.trace = trace;
    this.derivations = derivationsOf(trace);
  }

  /** The same object as long as the moment, the pinned cell and what has arrived are: it is asked for at every draw.
   * @param {Moment} moment @returns {Derivation|undefined} */
  at({ k, scene, cell }) {
    const key = [k, this.trace.steps.length, ...(cell?.pinned ? [cell.array, cell.flat] : [])].join(" ");
    if (this.#asked !== key) this.#found = this.#search({ k, scene, cell });
    this.#asked = key;
    return this.#found;
  }

  /** @param {Moment} moment @returns {Derivation|undefined} */
  #search({ k, scene, cell }) {
    if (this.#scene !== scene) this.#latest.clear();
    this.#scene = scene;
    const pinned = cell?.pinned ? this.#of(cell.array, cell.flat, k) : undefined;
    return pinned ?? this.#alone(current(this.trace, { k })) ?? this.#latestAt(scene, k);
  }

  /** The array whose cells the steps of an iteration compute as products of two, and these by map: a δ times its
   * kernel. @param {Scene} scene @param {number} k @returns {{array: NamedArray, maps: Term[][]}|undefined} */
  stampAt(scene, k) {
    for (const [, name] of scene.arrays) {
      const array = this.trace.byName.get(name);
      if (array?.role !== "scratch") continue;
      const terms = [...array.cells.keys()].map((flat) => this.#product(array, flat, k));
      if (terms.every((term) => term !== undefined) && areAlike(terms) && terms[0].expr.parts)
        return { array, maps: inMaps(terms, mapSize(array)) };
    }
    return undefined;
  }

  /** The cells that a step adds to all at once, around a moment, and what each is given: a stamp where it falls. From
   * the moment on at which the cells hold the sums, what they held before is told too.
   * @param {number} k @returns {Window|undefined} */
  scatterAt(k) {
    const found = current(this.trace, { k });
    if (!found || found.count === 1) return undefined;
    const { accesses } = this.trace.steps[found.moment - 1];
    const write = accesses.find(({ values, array }) => values && array.name === found.array);
    if (!write || found.count === write.array.cells.length) return undefined;
    const { array, box } = write;
    if (!accesses.some((one) => !one.values && one.array === array && one.box.join() === box.join())) return undefined;
    /** @type {Covered[]} */ const cells = [];
    eachCell(box, array.strides, (flat) => {
      const { expr, path } = this.derivations.of(array.name, flat, found.moment);
      const { expr: last, minus } = expr?.terms?.at(-1) ?? { expr, minus: false };
      if (path.length || !last || !(last.via || last.parts)) return;
      const value = exprNumber(last) * (minus ? -1 : 1);
      const held = () => readNumber({ array, value: this.trace.accesses.valueBefore(array, flat, write.number) });
      cells.push({ flat, met: { array: last.via?.array, value, before: found.moment <= k ? held() : undefined } });
    });
    return cells.length === found.count ? { array, cells, isAdded: true } : undefined;
  }

  /** @param {NamedArray} array @param {number} flat @param {number} k @returns {Term|undefined} */
  #product(array, flat, k) {
    let found = this.derivations.of(array.name, flat, k);
    if (found.kind === "awaited") found = this.derivations.of(array.name, flat, Number(found.moment));
    const { expr, value, moment, path } = found;
    if (expr?.op !== "*" || path.length || value === undefined || moment === undefined) return undefined;
    return { minus: false, expr: { ...expr, via: { array, flat, value, moment } } };
  }

  /** How a cell came by its number, if that is a sum, the beginning of one or a contest, computed in its own place.
   * @param {string} array @param {number} flat @param {number} moment @returns {Derivation|undefined} */
  #of(array, flat, moment) {
    const found = this.derivations.of(array, flat, moment);
    const isPick = found.kind === "pick" && (found.expr?.among ?? []).length > 0;
    return !found.path.length && (isPick || found.sum || windowOf(found, moment)) ? found : undefined;
  }

  /** @param {Current|undefined} cell several of them are worked out by none */
  #alone = (cell) => (cell?.count === 1 ? this.#of(cell.array, cell.flat, cell.moment) : undefined);

  /** What was worked out last, at or before a moment of a scene: a step that copies many cells leaves it there.
   * @param {Scene} scene @param {number} k */
  #latestAt(scene, k) {
    let at = k;
    /** @type {Derivation|undefined} */ let found;
    while (at > scene.first && !this.#latest.has(at) && !(found = this.#alone(written(this.trace, at - 1, at, 1))))
      at--;
    found ??= this.#latest.get(at);
    for (let moment = at; moment <= k; moment++) this.#latest.set(moment, found);
    return found;
  }
}
