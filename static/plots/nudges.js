// @ts-check
// Which cell a gradient check nudges at a moment, and what its nudges did to the loss, as it is recorded. It knows
// neither layers nor the page.

import { cellAt } from "../run/box.js";

/** @import { Frame } from "../board/stage.js" */
/** @import { Access, NamedArray, Trace } from "../run/trace.js" */
/** @import { Nudge } from "./slopes.js" */

/** The cell that was nudged last. @param {Trace} trace @param {NamedArray} nudged @param {Frame} frame */
export function nudgedAt(trace, nudged, { k, scene }) {
  for (let at = k - 1; at >= scene.first; at--) {
    const write = trace.steps[at].accesses.find((access) => isWrite(access, nudged));
    if (write) return placeOf(write);
  }
  return undefined;
}

/** The moment at which the check of a cell was over. @param {Trace} trace @param {NamedArray} numeric
 * @param {number} flat @param {number} k */
export function checkedBy(trace, numeric, flat, k) {
  const write = trace.accesses.lastWrite(numeric, flat, trace.accesses.upTo(k));
  return write ? write.step + 1 : k;
}

/** The nudges of a cell: its number was written, and what the loss made of it in the same step.
 * @param {Trace} trace @param {NamedArray} nudged @param {NamedArray} loss @param {number} flat @param {number} k
 * @returns {Nudge[]} */
export function nudgesOf(trace, nudged, loss, flat, k) {
  const { first } = trace.sceneAt(k);
  /** @type {{moved: Access, change: Access}[]} the latest first */ const found = [];
  for (let at = k - 1; at >= first; at--) {
    const { accesses } = trace.steps[at];
    const moved = accesses.find((access) => isWrite(access, nudged));
    if (moved && placeOf(moved) !== flat) break;
    const change = accesses.find((access) => isWrite(access, loss));
    if (moved && change) found.push({ moved, change });
  }
  const begun = found.at(-1);
  if (!begun) return [];
  const still = trace.accesses.valueBefore(nudged, flat, begun.moved.number);
  return found
    .map(({ moved, change }) => {
      const place = placeOf(change);
      const by = moved.written(flat) - still;
      return { by, change: change.written(place), cell: { array: loss.name, flat: place } };
    })
    .sort((one, other) => one.by - other.by);
}

/** The only cell that an access touches. @param {Access} access */
const placeOf = ({ box, array }) => cellAt(box, array.strides, 0);

/** @param {Access} access @param {NamedArray} of */
const isWrite = ({ array, values }, of) => array === of && values?.length === 1;
