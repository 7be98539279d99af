// @ts-check
// Which cell is being computed at a moment. It knows the steps of a trace and nothing of the page.

import { countOf } from "./box.js";
import { PACES } from "./trace.js";

/** @typedef {{array: string, flat: number, moment: number, count: number}} Current the first of so many cells, which hold
 *   their values after the moment */

/** The cell that the iteration under way has written last, or else the one that it will write. Of several at once there
 * is the count. @param {import("./trace.js").Trace} trace @param {{k: number}} frame @returns {Current|undefined} */
export function current(trace, { k }) {
  if (!k) return undefined;
  let stop = k;
  while (stop < trace.steps.length && trace.steps[stop - 1][1] > PACES.cell) stop++;
  let first = trace.iterationAt(k);
  let found = written(trace, first, k, -1) ?? written(trace, k, stop, 1);
  // A step that only ends a map writes nothing: what was there stays.
  for (let tries = 0; !found && first > 0 && tries < 3; tries++) {
    found = written(trace, (first = trace.iterationAt(first)), k, -1);
  }
  return found;
}

/** The first result that some steps have written, or the last. @param {import("./trace.js").Trace} trace
 * @param {number} from @param {number} to @param {1|-1} by the direction in which to look @returns {Current|undefined} */
export function written(trace, from, to, by) {
  for (let step = by < 0 ? to - 1 : from; step >= from && step < to; step += by) {
    const results = trace.steps[step][4].filter((access) => access[6] && trace.arrays[access[4]].role !== "scratch");
    const access = results.find((each) => trace.arrays[each[4]].role !== "count") ?? results[0];
    if (!access) continue;
    const array = trace.arrays[access[4]];
    let flat = 0;
    array.strides.forEach((stride, axis) => (flat += access[5][3 * axis] * stride));
    return { array: array.name, flat, moment: step + 1, count: countOf(access[5]) };
  }
  return undefined;
}
