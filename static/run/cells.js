// @ts-check
// A walk cell by cell: which cell each group of its steps works on. It knows steps and writes, and nothing of a page.

import { PACES } from "./trace.js";

/** @import { Trace } from "./trace.js" */
/** The chapter's name, the cell as z[0, 1, 2] or "" where nothing lasting is written, and the moment at which it is
 * finished; it begins where the one before has ended.
 * @typedef {{chapter: string, cell: string, stop: number}} Cell */

/** Every cell of the steps that have arrived, in their order, and how coarse each step is.
 * @param {Trace} trace @returns {{cells: Cell[], levels: number[]}} */
export function cellsOf(trace) {
  const { steps, chapters } = trace;
  /** @type {Cell[]} */ const cells = [];
  let first = 0;
  chapters.forEach(({ name, apart, stop }) => {
    for (let step = first; step < Math.min(stop, steps.length); step++) {
      if (steps[step].level > PACES.cell && step + 1 < stop) continue;
      cells.push({ chapter: apart ? `${name} ${apart}` : name, cell: writtenBy(trace, first, step), stop: step + 1 });
      first = step + 1;
    }
  });
  return { cells, levels: steps.map(({ level }) => level) };
}

/** The last cell that steps write to which is no scratch; of several at once the first. @param {Trace} trace
 * @param {number} first @param {number} last step, included */
function writtenBy({ steps }, first, last) {
  for (let step = last; step >= first; step--) {
    const written = steps[step].accesses.findLast(({ array, values }) => values && array.role !== "scratch");
    if (!written) continue;
    const { array, box } = written;
    return `${array.name}[${array.shape.map((_, axis) => box[3 * axis]).join(", ")}]`;
  }
  return "";
}
