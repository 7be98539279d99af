// @ts-check
// Who wrote a cell, and when: every access of a run in one row, each with its number. It knows the steps of a trace and
// nothing of the page; it leaves the arrays of the trace where they stand.

/** @typedef {import("./trace.js").Trace} Trace */
/** @typedef {import("./trace.js").NamedArray} NamedArray */
/** @typedef {import("./trace.js").Access} Access */

/** How many cells a box has. @param {number[]} box */
export function countIn(box) {
  let count = 1;
  for (let axis = 0; axis < box.length; axis += 3)
    count *= Math.max(0, Math.ceil((box[axis + 1] - box[axis]) / box[axis + 2]));
  return count;
}

/** The flat index of the nth cell of a box, in row-major order. @param {number[]} box @param {number[]} strides
 * @param {number} nth */
export function cellIn(box, strides, nth) {
  let flat = 0;
  for (let axis = strides.length - 1; axis >= 0; axis--) {
    const start = box[3 * axis], stop = box[3 * axis + 1], step = box[3 * axis + 2];
    const size = Math.ceil((stop - start) / step);
    flat += (start + (nth % size) * step) * strides[axis];
    nth = Math.floor(nth / size);
  }
  return flat;
}

/** Which cell of a box a flat index is, or -1. @param {number[]} box @param {number[]} strides @param {number} flat */
export function placeIn(box, strides, flat) {
  let nth = 0;
  for (let axis = 0; axis < strides.length; axis++) {
    const start = box[3 * axis], stop = box[3 * axis + 1], step = box[3 * axis + 2];
    const at = (Math.floor(flat / strides[axis]) - start) / step;
    flat %= strides[axis];
    const size = Math.ceil((stop - start) / step);
    if (!Number.isInteger(at) || at < 0 || at >= size) return -1;
    nth = nth * size + at;
  }
  return nth;
}

export class History {
  /** @type {Access[]} */ accesses = [];
  /** @type {number[]} of each access, the step it belongs to, counted from 0 */ stepOf = [];
  /** @type {number[]} how many accesses the first k steps have */ #begins = [0];
  /** @type {number[][]} of each array, the accesses that write to it */ #writes;
  /** @type {Map<number, {upTo: number, cells: number[][]}>} of an array, for each cell the accesses that write to it */
  #byCell = new Map();

  /** @param {Trace} trace */
  constructor(trace) {
    this.trace = trace;
    this.#writes = trace.arrays.map(() => []);
  }

  /** Take in what has arrived since. */
  #arrive() {
    const { steps } = this.trace;
    for (let step = this.#begins.length - 1; step < steps.length; step++) {
      for (const access of steps[step][4]) {
        if (access[6]) this.#writes[access[4]].push(this.accesses.length);
        this.accesses.push(access);
        this.stepOf.push(step);
      }
      this.#begins.push(this.accesses.length);
    }
  }

  /** How many accesses have been made after k steps. @param {number} k */
  upTo(k) {
    this.#arrive();
    return this.#begins[Math.min(k, this.#begins.length - 1)];
  }

  /** The access that wrote a cell last, of those before another; -1 if none has.
   * @param {number} array @param {number} flat @param {number} before */
  lastWrite(array, flat, before) {
    const writes = this.#writesOf(array, flat);
    let at = under(writes, before) - 1;
    // A scratch array is written whole again and again: the latest write is as good as always the one that is looked for.
    if (this.#isScratch(array)) while (at >= 0 && this.#place(array, flat, writes[at]) < 0) at--;
    return at < 0 ? -1 : writes[at];
  }

  /** The first access that writes a cell, of those from one on; -1 if none does, as far as the run has arrived.
   * @param {number} array @param {number} flat @param {number} from */
  nextWrite(array, flat, from) {
    const writes = this.#writesOf(array, flat);
    let at = under(writes, from);
    if (this.#isScratch(array)) while (at < writes.length && this.#place(array, flat, writes[at]) < 0) at++;
    return writes[at] ?? -1;
  }

  /** What a cell held before an access was made. @param {number} array @param {number} flat @param {number} before */
  valueBefore(array, flat, before) {
    const write = this.lastWrite(array, flat, before);
    return write < 0 ? this.trace.arrays[array].start[flat] : this.written(write, flat);
  }

  /** The number that an access wrote to a cell. @param {number} write @param {number} flat */
  written(write, flat) {
    const [, , , , array, , values] = this.accesses[write];
    return Number(values?.[this.#place(array, flat, write)]);
  }

  /** The latest read at the place of an expression before another access; -1 if there was none.
   * @param {number} source @param {number[]} place its line, first and end column @param {number} before */
  lastRead(source, [line, first, end], before) {
    for (let at = before - 1; at >= 0; at--) {
      const access = this.accesses[at];
      if (access[1] === line && access[2] === first && access[3] === end && access[0] === source && !access[6]) return at;
    }
    return -1;
  }

  /** @param {number} array */
  #isScratch = (array) => this.trace.arrays[array].role === "scratch";

  /** @param {number} array @param {number} flat @param {number} write */
  #place = (array, flat, write) => placeIn(this.accesses[write][5], this.trace.arrays[array].strides, flat);

  /** The accesses that write to a cell, in their order; for a scratch array, to any of its cells.
   * @param {number} array @param {number} flat */
  #writesOf(array, flat) {
    this.#arrive();
    const writes = this.#writes[array];
    if (this.#isScratch(array)) return writes;
    let sorted = this.#byCell.get(array);
    if (!sorted) {
      sorted = { upTo: 0, cells: Array.from(this.trace.arrays[array].cells, () => []) };
      this.#byCell.set(array, sorted);
    }
    const { cells } = sorted;
    const { strides } = this.trace.arrays[array];
    for (; sorted.upTo < writes.length; sorted.upTo++) {
      const box = this.accesses[writes[sorted.upTo]][5];
      for (let nth = countIn(box) - 1; nth >= 0; nth--) cells[cellIn(box, strides, nth)].push(writes[sorted.upTo]);
    }
    return cells[flat];
  }
}

/** How many of some ascending numbers are less than another. @param {number[]} ascending @param {number} limit */
function under(ascending, limit) {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
