// @ts-check
// The terms of a cell's sum as the bars of a waterfall, each on what those before it come to, and the result. All of
// it is taken from the recorded statement. It knows derivations, and neither layers nor the page.

import { indicesOf, nameOf } from "../say/cell.js";
import { current, written } from "../why/current.js";
import { derivationsOf } from "../why/derivation.js";
import { cellsOf, evaluate } from "../why/expression.js";

/** @typedef {import("../why/derivation.js").Derivation} Derivation */
/** @import {Expr, Term} from "../why/expression.js" */
/** @import {Trace, NamedArray} from "../run/trace.js" */
/** @typedef {import("../board/stage.js").Frame} Frame */
/** @typedef {{array: string, flat: number}} Place
 * @typedef {{value: number|undefined, isDown: boolean, base: number, group: string, name: string, count: number,
 *   cells: Place[], cell?: Place, isTotal?: boolean}} Bar
 *   - value: how high it is; undefined while it is not computed. base: where it begins
 *   - isDown: whether it leads down from there, or will
 *   - group: what its neighbours have in common with it, for the axis. name: of what it is computed from
 *   - count: how many terms it stands for; cell: where its number stands; cells: all that it is computed from
 * @typedef {{derivation: Derivation, bars: Bar[], isDone: boolean, low: number, high: number}} Waterfall
 *   isDone: whether the terms are added up; low and high: how far its bars reach, finite ones */

const MOST = 64; // bars of terms: of more terms, as many form one bar as have a row, a map, … in common
const BACK = 24; // steps that a sum stays to be seen, where steps after it add up nothing

/** The sum to show at a moment: of the cell that is pinned, else of the one that is computed, else the latest of the
 * scene. @param {Trace} trace @param {Frame} frame @returns {Derivation|undefined} */
export function sumAt(trace, { k, scene, cell }) {
  /** @param {string} array @param {number} flat @param {number} moment */
  const sumOf = (array, flat, moment) => {
    const found = derivationsOf(trace).of(array, flat, moment);
    return found.sum && !found.path.length ? found : undefined;
  };
  /** @param {import("../why/current.js").Current|undefined} found several cells at once are not one sum */
  const alone = (found) => (found?.count === 1 ? sumOf(found.array, found.flat, found.moment) : undefined);
  let sum = (cell?.pinned && sumOf(cell.array, cell.flat, k)) || alone(current(trace, { k }));
  for (let at = k; !sum && at > Math.max(scene.first, k - BACK); at--) sum = alone(written(trace, at - 1, at, 1));
  return sum;
}

/** @param {Derivation} derivation of a sum @param {number} k what comes after so many steps is left open
 * @returns {Waterfall} */
export function waterfallOf(derivation, k) {
  const { array, flat, expr, value, moment } = derivation;
  const sum = /** @type {Expr} */ (derivation.sum);
  const isDone = value !== undefined && Number(moment) <= k;
  const terms = /** @type {Term[]} */ (sum.terms);
  const size = sizeOf(sum);
  /** @type {Bar[]} */ const bars = [];
  // A bar stands on 0 until all are added up. How far they reach is told for both, so that the axis stays as it is.
  const reached = [0, value ?? 0];
  for (let at = 0, running = 0; at < terms.length;) {
    let stop = at + 1;
    while (stop < terms.length && stop < at + size && isAlike(terms[at], terms[stop])) stop++;
    const some = terms.slice(at, stop);
    let height = 0;
    for (const { expr: term, minus } of some) height += (evaluate(term) ?? NaN) * (minus ? -1 : 1);
    const isKnown = isDone || some.every(({ expr: { via } }) => via !== undefined && via.moment <= k);
    const shown = { value: isKnown ? height : undefined, base: isDone ? running : 0 };
    bars.push({ ...told(some), ...shown, isDown: height < 0 });
    running += height;
    reached.push(height, running);
    at = stop;
  }
  /** @param {number|undefined} of @param {{group: string, name: string, cells: Place[], cell?: Place}} as */
  const total = (of, as) => {
    const shown = { value: isDone ? of : undefined, isDown: Number(of) < 0 };
    bars.push({ ...as, ...shown, base: 0, count: 1, isTotal: true });
  };
  if (expr !== sum) total(evaluate(sum), { group: "Σ", name: "Σ", cells: [] });
  const cell = { array: array.name, flat };
  total(value, { group: array.name, name: nameOf(array, flat), cells: [cell], cell });
  const finite = reached.filter(Number.isFinite);
  return { derivation, bars, isDone, low: Math.min(...finite), high: Math.max(...finite) };
}

/** How many terms form one bar. @param {Expr} sum */
function sizeOf({ terms = [], over }) {
  if (terms.length <= MOST) return 1;
  let size = 1;
  for (const length of [...(over?.shape ?? [])].reverse()) {
    size *= length;
    if (terms.length <= MOST * size) return size;
  }
  return Math.ceil(terms.length / MOST);
}

/** Whether two terms are of one kind: cells of the same array, or products in the same.
 * @param {Term} one @param {Term} other */
const isAlike = ({ expr: { via, op, cell } }, { expr: other }) =>
  via?.array === other.via?.array && op === other.op && cell?.array === other.cell?.array;

/** What there is to tell of a bar. @param {Term[]} terms that it stands for */
function told(terms) {
  const [{ expr, minus }] = terms;
  const place = expr.via ?? expr.cell;
  const parts = (expr.parts ?? [expr]).map(({ cell }) => cell);
  const weight = parts.at(-1) ?? place;
  return {
    group: weight ? mapOf(weight) : "",
    name: (minus ? "−" : "") + parts.map((cell) => (cell ? nameOf(cell.array, cell.flat) : "…")).join(" × "),
    count: terms.length,
    cells: terms.flatMap(({ expr }) => [expr.via ?? [], ...cellsOf(expr)].flat().map(placeOf)),
    cell: place && terms.length === 1 ? { array: place.array.name, flat: place.flat } : undefined,
  };
}

/** @param {{array: NamedArray, flat: number}} cell @returns {Place} */
const placeOf = ({ array, flat }) => ({ array: array.name, flat });

/** Such as w[0, 1]: the map that a cell lies in, or its array. @param {{array: NamedArray, flat: number}} cell */
function mapOf({ array, flat }) {
  const outer = indicesOf(array, flat).slice(0, -2);
  return outer.length ? `${array.name}[${outer.join(", ")}]` : array.name;
}
