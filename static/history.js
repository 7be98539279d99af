// @ts-check
// Who wrote a cell, and when: every access of a run in one row, each with its number. It knows the steps of a trace and
// nothing of the page; it leaves the arrays of the trace where they stand.

import { cellAt, countOf, placeIn, placeOf } from "./box.js";

/** @typedef {import("./trace.js").Trace} Trace */
/** @typedef {import("./trace.js").NamedArray} NamedArray */
/** @typedef {import("./trace.js").Access} Access */

export class History {
  /** @type {Access[]} */ accesses = [];
  /** @type {number[]} of each access, the step it belongs to, counted from 0 */ stepOf = [];
  /** @type {number[]} how many accesses the first k steps have */ #begins = [0];
  /** @type {number[][]} of each array, the accesses that write to it */ #writes;
  /** @type {Map<string, number[]>} of each place in a source, the accesses that read there */ #reads = new Map();
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
        else this.#readsAt(access[0], access[1], access[2], access[3]).push(this.accesses.length);
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
    let at = placeOf(writes, before) - 1;
    // A scratch array is written whole again and again: the latest write is as good as always the one that is looked for.
    if (this.#isScratch(array)) while (at >= 0 && this.#place(array, flat, writes[at]) < 0) at--;
    return at < 0 ? -1 : writes[at];
  }

  /** The first access that writes a cell, of those from one on; -1 if none does, as far as the run has arrived.
   * @param {number} array @param {number} flat @param {number} from */
  nextWrite(array, flat, from) {
    const writes = this.#writesOf(array, flat);
    let at = placeOf(writes, from);
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
    const reads = this.#readsAt(source, line, first, end);
    return reads[placeOf(reads, before) - 1] ?? -1;
  }

  /** @param {number} source @param {number} line @param {number} first @param {number} end */
  #readsAt(source, line, first, end) {
    const place = `${source} ${line} ${first} ${end}`;
    let reads = this.#reads.get(place);
    if (!reads) this.#reads.set(place, (reads = []));
    return reads;
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
      for (let nth = countOf(box) - 1; nth >= 0; nth--) cells[cellAt(box, strides, nth)].push(writes[sorted.upTo]);
    }
    return cells[flat];
  }
}
