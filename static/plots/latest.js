// @ts-check
// Which cell of an array a scene has written last. It knows the steps of a trace, and neither layers nor the page.

import { cellAt } from "../run/box.js";

/** @import { Frame } from "../board/stage.js" */
/** @import { NamedArray, Trace } from "../run/trace.js" */

/** @param {Trace} trace @param {NamedArray} of @param {Frame} frame @returns {number|undefined} its first one, where
 *   it wrote several at once */
export function writtenLast(trace, of, { k, scene }) {
  for (let at = k - 1; at >= scene.first; at--) {
    const write = trace.steps[at].accesses.findLast(({ array, values }) => values && array === of);
    if (write) return cellAt(write.box, of.strides, 0);
  }
  return undefined;
}
