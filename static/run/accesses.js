// @ts-check
// The one index of a run's accesses: who wrote a cell, who read at a place of the source, and when. It reaches as far
// as somebody has asked: how a cell came about is found without a look at the thousands of steps after it. It knows
// the steps of a trace and nothing of the page.

import { eachCell } from "./box.js";

/** @import {Trace, NamedArray, Access} from "./trace.js" */

const AHEAD = 64; // steps that are taken in for the next write at first; then twice as many

export class Accesses {
  #taken = 0; // how many steps are in the index
  /** @type {Map<NamedArray, Access[]>} those of each array */ #uses;
  /** @type {Map<NamedArray, Access[]>} those that write to it */ #writes;
  /** @type {Map<string, Access[]>} the reads at each place of a source */ #reads = new Map();
  /** @type {Map<NamedArray, {upTo: number, cells: Access[][]}>} for each cell its writes */ #byCell = new Map();

  /** @param {Trace} trace */
  constructor(trace) {
    this.trace = trace;
    this.#uses = new Map(trace.arrays.map((array) => [array, []]));
    this.#writes = new Map(trace.arrays.map((array) => [array, []]));
  }

  /** Take in the steps whose accesses have lower numbers, of those that have arrived. @param {number} before */
  #takeIn(before) {
    const { steps } = this.trace;
    for (; this.#taken < steps.length && steps[this.#taken].begins < before; this.#taken++)
      for (const access of steps[this.#taken].accesses) {
        this.#uses.get(access.array)?.push(access);
        if (access.values) this.#writes.get(access.array)?.push(access);
        else this.#readsAt(access.source, access.place).push(access);
      }
  }

  /** How many accesses have been made after k steps, of those that have arrived: the number of the next one.
   * @param {number} k */
  upTo(k) {
    return this.trace.steps[k]?.begins ?? this.trace.count;
  }

  /** All accesses of an array, in their order, as far as the run has arrived. @param {NamedArray} array */
  of(array) {
    this.#takeIn(Infinity);
    return /** @type {Access[]} */ (this.#uses.get(array));
  }

  /** The access that wrote a cell last, of those with a lower number.
   * @param {NamedArray} array @param {number} flat @param {number} before @returns {Access|undefined} */
  lastWrite(array, flat, before) {
    this.#takeIn(before);
    const writes = this.#writesOf(array, flat);
    let at = countBefore(writes, before) - 1;
    // A scratch array is written whole again and again: the latest write is nearly always the one that is looked for.
    if (array.role === "scratch") while (at >= 0 && !writes[at].has(flat)) at--;
    return writes[at];
  }

  /** The first access that writes a cell, of those from a number on, as far as the run has arrived.
   * @param {NamedArray} array @param {number} flat @param {number} from @returns {Access|undefined} */
  nextWrite(array, flat, from) {
    for (let ahead = AHEAD; ; ahead *= 2) {
      const writes = this.#writesOf(array, flat);
      let at = countBefore(writes, from);
      if (array.role === "scratch") while (at < writes.length && !writes[at].has(flat)) at++;
      if (at < writes.length || this.upTo(this.#taken) === this.trace.count) return writes[at];
      this.#takeIn(Math.max(from, this.upTo(this.#taken + ahead)));
    }
  }

  /** What a cell held before the access of a number.
   * @param {NamedArray} array @param {number} flat @param {number} before */
  valueBefore(array, flat, before) {
    return this.lastWrite(array, flat, before)?.written(flat) ?? array.start[flat];
  }

  /** The latest read at a place of a source, of those with a lower number.
   * @param {number} source @param {string} place @param {number} before @returns {Access|undefined} */
  lastRead(source, place, before) {
    this.#takeIn(before);
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
    const writes = /** @type {Access[]} */ (this.#writes.get(array));
    if (array.role === "scratch" || !writes.length) return writes;
    const sorted = this.#byCell.get(array) ?? { upTo: 0, cells: Array.from(array.cells, () => []) };
    this.#byCell.set(array, sorted);
    for (; sorted.upTo < writes.length; sorted.upTo++) {
      const write = writes[sorted.upTo];
      eachCell(write.box, array.strides, (flat) => sorted.cells[flat].push(write));
    }
    return sorted.cells[flat];
  }
}

/** How many of some accesses, which are in their order, have a lower number.
 * @param {Access[]} accesses @param {number} number */
export function countBefore(accesses, number) {
  let [low, high] = [0, accesses.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (accesses[middle].number < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
