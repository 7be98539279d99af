// @ts-check
// What the writes of one scene depend on: who read what for which write. It knows the steps of a trace and nothing of
// the page, and it takes every cell from a recorded box.

import { eachCell, placeIn } from "../run/box.js";
import { PACES } from "../run/trace.js";

/** @import { Access, NamedArray, Scene, Trace } from "../run/trace.js" */
/** @typedef {{access: Access, own: boolean}} Read what a write depends on; its own are those of the same statement */

const lineOf = (/** @type {Access} */ { source, line }) => source * 65536 + line;

export class Dependencies {
  /** Of each array that lasts, for each cell the number of the write with which what it holds at last began; -1 if
   * there is none. @type {Map<NamedArray, Int32Array>} */
  begun;
  stop; // the first step that has not arrived, or is of another scene
  /** @type {Map<number, boolean>} whether a line writes */ #lines = new Map();
  #silent = 0; // how many lines only read: conditions, an argmax, a number that is kept for the next line
  /** @type {Map<Access, Read[]>} */ #reads = new Map();

  /** @param {Trace} trace @param {Scene} scene */
  constructor(trace, scene) {
    this.trace = trace;
    this.scene = scene;
    this.stop = scene.first;
    const lasting = trace.arrays.filter(({ role }) => role !== "scratch");
    this.begun = new Map(lasting.map((array) => [array, new Int32Array(array.cells.length).fill(-1)]));
  }

  /** Take in the steps that have arrived. @returns {boolean} whether there were any */
  grow() {
    const stop = Math.min(this.scene.stop, this.trace.steps.length);
    if (stop <= this.stop) return false;
    const arrived = this.trace.steps.slice(this.stop, stop).flatMap((step) => step.accesses);
    this.stop = stop;
    for (const access of arrived) {
      const line = lineOf(access);
      this.#lines.set(line, access.values !== undefined || this.#lines.get(line) === true);
    }
    this.#silent = [...this.#lines.values()].filter((writes) => !writes).length;
    this.#reads.clear(); // a line may turn out to write
    for (const access of arrived) if (access.values) this.#begin(access);
    return true;
  }

  /** A write begins what its cells hold, unless it adds to what they held. @param {Access} write */
  #begin(write) {
    const begun = this.begun.get(write.array);
    if (!begun) return;
    const { array, box, number } = write;
    const before = this.#readsBefore(write).filter(({ access }) => access.array === array);
    eachCell(box, array.strides, (flat) => {
      if (!before.some(({ access }) => placeIn(access.box, array.strides, flat) >= 0)) begun[flat] = number;
    });
  }

  /** What a write depends on: the reads of its own statement; and those of lines that write nothing, since the cell
   * before was finished, each as it ran last. @param {Access} write @returns {Read[]} */
  readsOf(write) {
    let found = this.#reads.get(write);
    if (!found) this.#reads.set(write, (found = this.#readsBefore(write)));
    return found;
  }

  /** @param {Access} write */
  #readsBefore(write) {
    const others = this.#silent > 0;
    const line = lineOf(write);
    /** @type {Read[]} */ const found = [];
    /** @type {Set<number>} */ const seen = new Set();
    let [begun, ended] = [false, false]; // the statement, from its last read to its first
    for (let step = write.step; step >= this.scene.first; step--) {
      const { accesses } = this.trace.steps[step];
      /** @type {Set<number>} */ const here = new Set();
      for (let at = (step === write.step ? write.nth : accesses.length) - 1; at >= 0; at--) {
        const access = accesses[at];
        const its = lineOf(access);
        if (its === line) {
          if (access.values) ended ||= begun;
          else if (!ended && step === write.step) (found.push({ access, own: true }), (begun = true));
        } else if (others && !access.values && !this.#lines.get(its) && !seen.has(its)) {
          found.push({ access, own: false });
          here.add(its);
        }
      }
      for (const its of here) seen.add(its);
      if (!others || seen.size === this.#silent || this.#beginsIteration(step)) break;
    }
    return found;
  }

  /** The writes that depend on a read: just those whose reads it is among. @param {Access} read
   * @returns {{write: Access, own: boolean}[]} */
  writesOf(read) {
    const line = lineOf(read);
    const own = this.#lines.get(line) === true;
    /** @type {{write: Access, own: boolean}[]} */ const found = [];
    for (let step = read.step; step < this.stop; step++) {
      const later = step > read.step;
      const { accesses } = this.trace.steps[step];
      for (let at = later ? 0 : read.nth + 1; at < accesses.length; at++) {
        const access = accesses[at];
        const its = lineOf(access);
        if (access.values) (!own || its === line) && found.push({ write: access, own });
        else if (its === line && (own ? found.length : later)) return found; // it runs again
      }
      if (own || this.#beginsIteration(step + 1)) return found;
    }
    return found;
  }

  /** Whether a cell was finished just before a step. @param {number} step */
  #beginsIteration(step) {
    return step === this.scene.first || this.trace.steps[step - 1].level <= PACES.cell;
  }
}
