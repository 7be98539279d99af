// @ts-check
// Who takes part in a contest, and who has won it, as the recorded statement has it. It knows neither layers nor the
// page.

import { cellAt, countOf } from "../run/box.js";
import { nameOf } from "../say/cell.js";
import { derivationsOf } from "../why/derivation.js";
import { contest as ended } from "../why/expression.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Expr } from "../why/expression.js" */
/** @import { Place } from "./picture.js" */

/** @typedef {{name: string, value: number, cells: Place[]}} Rival
 * @typedef {{rivals: Rival[], to: NamedArray, flat?: number, winner?: number, lead?: number, equal: number,
 *   count: number, size: number}} Contest
 *   - count: how many took part; size: of how many a bar is the largest
 *   - winner: its place, once one has won; lead: how far it is ahead of the next; equal: how many stand as high */

const MOST = 64; // bars: of more numbers, the largest of so many beside each other

/** @param {Trace} trace @param {NamedArray} of @param {NamedArray} to @param {number} flat @param {number} k
 * @returns {Contest|undefined} */
export function contestOf(trace, of, to, flat, k) {
  const derivations = derivationsOf(trace);
  const { kind, expr } = derivations.of(to.name, flat, k);
  if (kind === "pick" && expr?.among) {
    const { at, equal, lead } = leadOf(expr);
    return { ...thinned(expr.among.map(rivalOf), at), to, flat, equal, lead };
  }
  // Nobody has won yet: those who take part are the cells that were written or read for it last.
  const steps = trace.steps.slice(trace.iterationAt(k), k);
  const access = steps
    .flatMap(({ accesses }) => accesses)
    .findLast(({ array, box }) => array === of && countOf(box) > 1);
  if (!access) return undefined;
  const rivals = Array.from({ length: countOf(access.box) }, (_, nth) => {
    const at = cellAt(access.box, of.strides, nth);
    const [from] = derivations.of(of.name, at, k).path;
    const value = of.cells[at];
    return rivalOf({ op: "cell", cell: from ?? { array: of, flat: at, value, before: 0 },
      via: { array: of, flat: at, value, moment: k } }); // prettier-ignore
  });
  return { ...thinned(rivals), to, flat, equal: 0 };
}

/** @param {Expr} expr of one number that takes part @returns {Rival} */
function rivalOf({ cell, via }) {
  const cells = [via, cell].flatMap((each) => (each ? [{ array: each.array.name, flat: each.flat }] : []));
  return { name: cell ? nameOf(cell.array, cell.flat) : "…", value: Number(via?.value ?? cell?.value), cells };
}

/** As many as there is room for: of some beside each other the largest, and the winner.
 * @param {Rival[]} rivals @param {number} [winner] */
function thinned(rivals, winner) {
  const size = Math.ceil(rivals.length / MOST);
  const count = rivals.length;
  if (size === 1) return { rivals, winner, count, size };
  /** @type {Rival[]} */ const kept = [];
  /** @type {number|undefined} */ let place;
  for (let first = 0; first < rivals.length; first += size) {
    const some = rivals.slice(first, first + size);
    const hasWon = winner !== undefined && winner >= first && winner < first + size;
    if (hasWon) place = kept.length;
    kept.push(hasWon ? rivals[winner] : some.reduce((best, each) => (each.value > best.value ? each : best)));
  }
  return { rivals: kept, winner: place, count, size };
}

/** How a contest ended: the winner's place, how many stand as high, and how far it is ahead of the next.
 * @param {Expr} pick @returns {{at: number, equal: number, lead?: number}} */
export function leadOf(pick) {
  const { at, equal } = ended(pick);
  const values = (pick.among ?? []).map(({ via, cell }) => Number(via?.value ?? cell?.value));
  const others = values.filter((_, place) => place !== at).map((value) => values[at] - value);
  return { at, equal, lead: others.length ? Math.min(...others) : undefined };
}
