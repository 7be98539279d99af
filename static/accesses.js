// @ts-check
// The accesses of one scene, in the order in which they ran: who read what for which write. It knows the steps of a
// trace and nothing of the page, and it takes every cell from a recorded box.

import { placeIn, placeOf } from "./box.js";
import { eachCell, PACES } from "./trace.js";

/** @typedef {import("./trace.js").Trace} Trace */
/** @typedef {import("./trace.js").Scene} Scene */
/** @typedef {import("./trace.js").Access} Access */
/** @typedef {{event: number, own: boolean}} Read what a write depends on; its own are those of the same statement */

const NEVER = -1;

const isWrite = (/** @type {Access} */ access) => access.length === 7;
const lineOf = (/** @type {Access} */ access) => access[0] * 65536 + access[1];

export class Accesses {
  /** @type {Access[]} */ list = []; // an event is a place in this list
  /** @type {number[]} */ stepOf = []; // of each event, counted from the scene's first
  /** @type {number[]} */ firstOf = [0]; // the first event of each step, and of the one that has not arrived
  /** @type {number[][]} */ uses; // the events of each array
  /** @type {(Int32Array|undefined)[]} */ begun; // the write with which what a cell holds at last began, of each array
  /** @type {Map<number, boolean>} whether a line writes */ #lines = new Map();
  #silent = 0; // how many lines only read: conditions, an argmax, a number that is kept for the next line
  /** @type {Map<number, Read[]>} */ #reads = new Map();

  /** @param {Trace} trace @param {Scene} scene */
  constructor(trace, scene) {
    this.trace = trace;
    this.scene = scene;
    this.uses = trace.arrays.map(() => []);
    this.begun = trace.arrays.map((array) =>
      array.role === "scratch" ? undefined : new Int32Array(array.cells.length).fill(NEVER),
    );
  }

  /** Take in the steps that have arrived. @returns {boolean} whether there were any */
  grow() {
    const { list, firstOf, stepOf, uses } = this;
    const [known, begin] = [firstOf.length - 1, list.length];
    const arrived = Math.min(this.scene.stop, this.trace.steps.length) - this.scene.first;
    if (arrived <= known) return false;
    for (let step = known; step < arrived; step++) {
      for (const access of this.trace.steps[this.scene.first + step][4]) {
        uses[access[4]].push(list.push(access) - 1);
        stepOf.push(step);
        const line = lineOf(access);
        if (isWrite(access) || !this.#lines.has(line)) this.#lines.set(line, isWrite(access));
      }
      firstOf.push(list.length);
    }
    this.#silent = [...this.#lines.values()].filter((writes) => !writes).length;
    this.#reads.clear(); // a line may turn out to write
    for (let event = begin; event < list.length; event++) if (isWrite(list[event])) this.#begin(event);
    return true;
  }

  /** A write begins what its cells hold, unless it adds to what they held. @param {number} write */
  #begin(write) {
    const [, , , , number, box] = this.list[write];
    const begun = this.begun[number];
    if (!begun) return;
    const { strides } = this.trace.arrays[number];
    const before = this.#readsBefore(write).filter(({ event }) => this.list[event][4] === number);
    eachCell(box, strides, (flat) => {
      if (!before.some(({ event }) => placeIn(this.list[event][5], strides, flat) >= 0)) begun[flat] = write;
    });
  }

  /** @param {number} event */
  isWrite(event) {
    return isWrite(this.list[event]);
  }

  /** What a write depends on: the reads of its own statement; and those of lines that write nothing, since the cell
   * before was finished, each as it ran last. @param {number} write @returns {Read[]} */
  readsOf(write) {
    let found = this.#reads.get(write);
    if (!found) this.#reads.set(write, (found = this.#readsBefore(write)));
    return found;
  }

  /** @param {number} write */
  #readsBefore(write) {
    const { list, firstOf } = this;
    const others = this.#silent > 0;
    const line = lineOf(list[write]);
    /** @type {Read[]} */ const found = [];
    /** @type {Set<number>} */ const seen = new Set();
    let [begun, ended] = [false, false]; // the statement, from its last read to its first
    const last = this.stepOf[write];
    for (let step = last; step >= 0; step--) {
      /** @type {Set<number>} */ const here = new Set();
      for (let event = step === last ? write - 1 : firstOf[step + 1] - 1; event >= firstOf[step]; event--) {
        const its = lineOf(list[event]);
        if (its === line) {
          if (isWrite(list[event])) ended ||= begun;
          else if (!ended && step === last) found.push({ event, own: true }), (begun = true);
        } else if (others && !isWrite(list[event]) && !this.#lines.get(its) && !seen.has(its)) {
          found.push({ event, own: false });
          here.add(its);
        }
      }
      for (const its of here) seen.add(its);
      if (!others || seen.size === this.#silent || this.#beginsIteration(step)) break;
    }
    return found;
  }

  /** The writes that depend on a read: just those whose reads it is among. @param {number} read
   * @returns {{write: number, own: boolean}[]} */
  writesOf(read) {
    const { list, firstOf, stepOf } = this;
    const line = lineOf(list[read]);
    const own = this.#lines.get(line) === true;
    /** @type {{write: number, own: boolean}[]} */ const found = [];
    for (let step = stepOf[read]; step < firstOf.length - 1; step++) {
      const later = step > stepOf[read];
      for (let event = later ? firstOf[step] : read + 1; event < firstOf[step + 1]; event++) {
        const its = lineOf(list[event]);
        if (isWrite(list[event])) (!own || its === line) && found.push({ write: event, own });
        else if (its === line && (own ? found.length : later)) return found; // it runs again
      }
      if (own || this.#beginsIteration(step + 1)) return found;
    }
    return found;
  }

  /** Whether a cell was finished just before a step. @param {number} step */
  #beginsIteration(step) {
    return step === 0 || this.trace.steps[this.scene.first + step - 1][1] <= PACES.cell;
  }

  /** The last write of a cell before an event, or -1. @param {number} number of the array @param {number} flat
   * @param {number} before */
  lastWrite(number, flat, before) {
    const { strides } = this.trace.arrays[number];
    const events = this.uses[number];
    for (let at = placeOf(events, before) - 1; at >= 0; at--) {
      const access = this.list[events[at]];
      if (isWrite(access) && placeIn(access[5], strides, flat) >= 0) return events[at];
    }
    return NEVER;
  }
}
