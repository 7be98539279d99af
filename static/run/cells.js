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

/** The next work at an array, or at a cell of it, from a moment on: the first cell that is written to, and the moment
 * at which it is finished. Undefined where none has arrived. @param {Trace} trace @param {string} name
 * @param {number} from @param {number[]} [cell] @returns {{place: number[], stop: number}|undefined} */
export function nextWrite({ steps, chapters }, name, from, cell) {
  for (let step = from; step < steps.length; step++)
    for (const access of steps[step].accesses) {
      const { array, box, values } = access;
      if (array.name !== name || !values) continue;
      const place = cell ?? array.shape.map((_, axis) => box[3 * axis]);
      const flat = place.reduce((sum, at, axis) => sum + at * array.strides[axis], 0);
      if (place.length !== array.shape.length || !access.has(flat)) continue;
      const end = chapters.find(({ stop }) => stop > step)?.stop ?? steps.length;
      const last = steps.findIndex(({ level }, at) => at >= step && (level <= PACES.cell || at + 1 >= end));
      return last < 0 ? undefined : { place, stop: last + 1 };
    }
  return undefined;
}

/** The last cell that steps write to which is no scratch, and no count if there is any other; of several at once the
 * first. @param {Trace} trace @param {number} first @param {number} last step, included */
function writtenBy({ steps }, first, last) {
  for (const others of [["scratch", "count"], ["scratch"]])
    for (let step = last; step >= first; step--) {
      const written = steps[step].accesses.findLast(({ array, values }) => values && !others.includes(array.role));
      if (!written) continue;
      const { array, box } = written;
      return `${array.name}[${array.shape.map((_, axis) => box[3 * axis]).join(", ")}]`;
    }
  return "";
}
