// @ts-check
// The one index of a run's accesses: who wrote a cell, who read at a place of the source, and when. It knows the steps of
// a trace and nothing of the page.

import { cellAt, countOf, placeIn } from "./box.js";

/** @typedef {import("./trace.js").Trace} Trace */
/** @typedef {import("./trace.js").NamedArray} NamedArray */
/** @typedef {import("./trace.js").Access} Access */

export class Accesses {
  /** @type {number[]} how many accesses the first k steps have */ #begins = [0];
  /** @type {Map<NamedArray, Access[]>} those of each array */ #uses;
  /** @type {Map<NamedArray, Access[]>} those that write to it */ #writes;
  /** @type {Map<string, Access[]>} the reads at each place of a source */ #reads = new Map();
  /** @type {Map<NamedArray, {upTo: number, cells: Access[][]}>} of an array, for each cell its writes */ #byCell = new Map();

  /** @param {Trace} trace */
  constructor(trace) {
    this.trace = trace;
    this.#uses = new Map(trace.arrays.map((array) => [array, []]));
    this.#writes = new Map(trace.arrays.map((array) => [array, []]));
  }

  /** Take in what has arrived since. It is done when somebody asks, for the first picture needs none of it. */
  #arrive() {
    const { steps } = this.trace;
    for (let step = this.#begins.length - 1; step < steps.length; step++) {
      for (const access of steps[step].accesses) {
        this.#uses.get(access.array)?.push(access);
        if (access.values) this.#writes.get(access.array)?.push(access);
        else this.#readsAt(access.source, access.place).push(access);
      }
      this.#begins.push(this.#begins[step] + steps[step].accesses.length);
    }
  }

  /** How many accesses have been made after k steps: the number of the next one. @param {number} k */
  upTo(k) {
    this.#arrive();
    return this.#begins[Math.min(k, this.#begins.length - 1)];
  }

  /** All accesses of an array, in their order, as far as the run has arrived. @param {NamedArray} array */
  of(array) {
    this.#arrive();
    return /** @type {Access[]} */ (this.#uses.get(array));
  }

  /** The access that wrote a cell last, of those with a lower number.
   * @param {NamedArray} array @param {number} flat @param {number} before @returns {Access|undefined} */
  lastWrite(array, flat, before) {
    const writes = this.#writesOf(array, flat);
    let at = countBefore(writes, before) - 1;
    // A scratch array is written whole again and again: the latest write is as good as always the one that is looked for.
    if (array.role === "scratch") while (at >= 0 && placeIn(writes[at].box, array.strides, flat) < 0) at--;
    return writes[at];
  }

  /** The first access that writes a cell, of those from a number on, as far as the run has arrived.
   * @param {NamedArray} array @param {number} flat @param {number} from @returns {Access|undefined} */
  nextWrite(array, flat, from) {
    const writes = this.#writesOf(array, flat);
    let at = countBefore(writes, from);
    if (array.role === "scratch") while (at < writes.length && placeIn(writes[at].box, array.strides, flat) < 0) at++;
    return writes[at];
  }

  /** What a cell held before the access of a number. @param {NamedArray} array @param {number} flat @param {number} before */
  valueBefore(array, flat, before) {
    return this.lastWrite(array, flat, before)?.written(flat) ?? array.start[flat];
  }

  /** The latest read at a place of a source, of those with a lower number.
   * @param {number} source @param {string} place @param {number} before @returns {Access|undefined} */
  lastRead(source, place, before) {
    const reads = this.#readsAt(source, place);
    return reads[countBefore(reads, before) - 1];
  }

  /** @param {number} source @param {string} place */
  #readsAt(source, place) {
    const key = `${source} ${place}`;
    let reads = this.#reads.get(key);
    if (!reads) this.#reads.set(key, (reads = []));
    return reads;
  }

  /** The accesses that write to a cell, in their order; for a scratch array, to any of its cells.
   * @param {NamedArray} array @param {number} flat */
  #writesOf(array, flat) {
    this.#arrive();
    const writes = /** @type {Access[]} */ (this.#writes.get(array));
    if (array.role === "scratch" || !writes.length) return writes;
    let sorted = this.#byCell.get(array);
    if (!sorted) this.#byCell.set(array, (sorted = { upTo: 0, cells: Array.from(array.cells, () => []) }));
    for (; sorted.upTo < writes.length; sorted.upTo++) {
      const write = writes[sorted.upTo];
      for (let nth = countOf(write.box) - 1; nth >= 0; nth--) sorted.cells[cellAt(write.box, array.strides, nth)].push(write);
    }
    return sorted.cells[flat];
  }
}

/** How many of some accesses, which are in their order, have a lower number. @param {Access[]} accesses @param {number} number */
export function countBefore(accesses, number) {
  let [low, high] = [0, accesses.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (accesses[middle].number < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
