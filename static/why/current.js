// @ts-check
// Which cell is being computed at a moment. It knows the steps of a trace and nothing of the page.

import { cellAt, countOf } from "../run/box.js";
import { PACES } from "../run/trace.js";

/** @import { Trace } from "../run/trace.js" */
/** The first of so many cells, which hold their values after the moment.
 * @typedef {{array: string, flat: number, moment: number, count: number}} Current */

/** The cell that the iteration under way has written last, or else the one that it will write. Of several at once
 * there is the count. @param {Trace} trace @param {{k: number}} frame @returns {Current|undefined} */
export function current(trace, { k }) {
  if (!k) return undefined;
  // In a loop over the cells of a single map the beats of a cell are as coarse as cells are elsewhere.
  const { level, accesses } = trace.steps[k - 1];
  const pace = accesses.length ? Math.min(PACES.cell, level - 1) : PACES.cell;
  const end = Math.min(trace.steps.length, trace.sceneAt(k).stop);
  let stop = k;
  while (stop < end && trace.steps[stop - 1].level > pace) stop++;
  let first = trace.iterationAt(k);
  let found = written(trace, first, k, -1) ?? written(trace, k, stop, 1);
  // A step that only ends a map writes nothing: what was there stays.
  for (let tries = 0; !found && first > 0 && tries < 3; tries++) {
    found = written(trace, (first = trace.iterationAt(first)), k, -1);
  }
  return found;
}

/** The first result that some steps have written, or the last.
 * @param {Trace} trace @param {number} from @param {number} to @param {1|-1} by the direction in which to look
 * @returns {Current|undefined} */
export function written(trace, from, to, by) {
  for (let step = by < 0 ? to - 1 : from; step >= from && step < to; step += by) {
    const results = trace.steps[step].accesses.filter(({ values, array }) => values && array.role !== "scratch");
    const access = results.find(({ array }) => array.role !== "count") ?? results[0];
    if (!access) continue;
    const { array, box } = access;
    return { array: array.name, flat: cellAt(box, array.strides, 0), moment: step + 1, count: countOf(box) };
  }
  return undefined;
}
