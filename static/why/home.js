// @ts-check
// Where a gradient goes home to: the winner of a contest on the way forward. A step of the way back looks up a place,
// and the step that wrote this place down has picked a winner among the cells of a window. All of it comes from the
// recorded accesses; it knows no layer and no page.

import { cellAt, countOf } from "../run/box.js";
import { current } from "./current.js";
import { derivationsOf } from "./derivation.js";

/** @import { Access, NamedArray, Trace } from "../run/trace.js" */
/** @import { Covered, Window } from "./work.js" */
/** A gradient's way: what it is written to and by which step, counted from 0; and the window that it was won in, cell
 * for cell where it lies there, with the numbers that were compared.
 * @typedef {{array: NamedArray, flat: number, step: number, cells: Covered[]}} Home */

const first = (/** @type {Access} */ { array, box }) => cellAt(box, array.strides, 0);
const isLone = (/** @type {Access} */ { box }) => countOf(box) === 1;

/** The window whose winner gets a gradient at a moment, laid on what that is written to; and those whose gradients it
 * has got before, which add up there. @param {Trace} trace @param {number} k @returns {Window|undefined} */
export function homeAt(trace, k) {
  const found = current(trace, { k });
  const home = found?.count === 1 && found.moment <= k ? homeOf(trace, found.moment - 1) : undefined;
  if (!home) return undefined;
  const { array, flat, cells, step } = home;
  const { first: begin } = trace.sceneAt(k);
  /** @type {Home[]} */ const earlier = [];
  for (let at = trace.steps[step].begins; ;) {
    const write = trace.accesses.lastWrite(array, flat, at);
    const before = write && write.step >= begin ? homeOf(trace, write.step) : undefined;
    if (!write || before?.array !== array || before.flat !== flat) break;
    earlier.push(before);
    at = write.number;
  }
  return { array, cells, winner: flat, isCompared: true, earlier };
}

/** Where the gradient of a step goes. @param {Trace} trace @param {number} step @returns {Home|undefined} */
function homeOf(trace, step) {
  const { accesses } = trace.steps[step];
  const isResult = (/** @type {Access} */ { values, array }) => values && !["count", "scratch"].includes(array.role);
  const [write, ...others] = accesses.filter(isResult);
  const place = accesses.find(({ values, array }) => !values && array.role === "count");
  const kept = place && isLone(place) && trace.accesses.lastWrite(place.array, first(place), place.number);
  if (!write || others.length || !isLone(write) || !kept) return undefined;
  const [array, flat] = [write.array, first(write)];
  const derivations = derivationsOf(trace);
  for (const result of trace.steps[kept.step].accesses.filter((each) => isResult(each) && isLone(each))) {
    const { kind, expr } = derivations.of(result.array.name, first(result), kept.step + 1);
    const won = kind === "pick" && expr?.cell && derivations.origin(expr.cell);
    // The cells of the window lie in an array of the same shape, and the winner where the gradient goes.
    if (!won || won.flat !== flat || won.array.shape.join() !== array.shape.join()) continue;
    const cells = (expr?.among ?? []).flatMap(({ cell }) => {
      const at = cell && derivations.origin(cell);
      const isInside = cell && at && !at.filling && at.array === won.array;
      return isInside ? [{ flat: at.flat, met: { array: at.array, value: cell.value } }] : [];
    });
    return { array, flat, step, cells };
  }
  return undefined;
}
