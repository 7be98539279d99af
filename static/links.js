// @ts-check
// What a cell has to do with others: where it came from, what it feeds, what it meets on the way. All of it is read off
// the accesses of the scene on the stage, so it holds for every layer; it knows nothing of the page.
// Scratch arrays, such as a patch, are passed through: a chain ends at the first array that lasts.

import { Accesses } from "./accesses.js";
import { cellAt, countOf, placeIn, placeOf } from "./box.js";
import { eachCell } from "./trace.js";

/** @typedef {import("./trace.js").Trace} Trace */
/** @typedef {import("./trace.js").Scene} Scene */
/** @typedef {Map<string, Uint8Array>} Cells which cells of which arrays: DECIDING or CARRYING, or 0 */
/** @typedef {{from: Cells, feeds: Cells, meets: Cells}} Linked */

export const DECIDING = 1; // it only had a say: a cell that lost in a max pool
export const CARRYING = 2; // its value went on

/** Cells of one kind: those of arrays that last, and those of scratch arrays, by the write that put them there. */
class Found {
  /** @type {Map<number, Uint8Array>} */ lasting = new Map();
  /** @type {Map<number, Map<number, number>>} */ passing = new Map();

  /** @param {Trace} trace */
  constructor(trace) {
    this.trace = trace;
  }

  /** @param {number} number of the array @param {number} flat @param {number} how */
  add(number, flat, how) {
    let cells = this.lasting.get(number);
    if (!cells) this.lasting.set(number, (cells = new Uint8Array(this.trace.arrays[number].cells.length)));
    if (cells[flat] < how) cells[flat] = how;
  }

  /** @param {number} write @param {number} flat @param {number} how @returns {boolean} whether that is news */
  pass(write, flat, how) {
    let cells = this.passing.get(write);
    if (!cells) this.passing.set(write, (cells = new Map()));
    if ((cells.get(flat) ?? 0) >= how) return false;
    cells.set(flat, how);
    return true;
  }
}

export class Links {
  /** @type {Accesses} */ #accesses;
  /** @type {{from: Found, feeds: Found, meets: Found}} */ #found;
  /** @type {Linked} */ #linked;
  #key = "";
  #moment = -1;

  /** @param {Trace} trace */
  constructor(trace) {
    this.trace = trace;
  }

  /** The links of a cell in a scene, as far as its steps have arrived. What a scratch array has to do with it is told of
   * the moment after k steps. The same object comes back as long as nothing has changed.
   * @param {Scene} scene @param {string} name of the array @param {number} flat @param {number} k @returns {Linked} */
  of(scene, name, flat, k) {
    if (this.#accesses?.scene !== scene) {
      this.#accesses = new Accesses(this.trace, scene);
      this.#key = "";
    }
    const grown = this.#accesses.grow();
    const number = this.trace.arrays.findIndex((array) => array.name === name);
    const scratch = this.trace.arrays[number].role === "scratch";
    const version = scratch ? this.#versionAt(number, flat, k) : -1;
    const key = `${name} ${flat} ${version}`;
    if (grown || key !== this.#key) {
      this.#key = key;
      this.#found = this.#linksOf(number, flat, scratch, version);
      this.#moment = -1;
    }
    if (this.#moment !== k) {
      this.#moment = k;
      this.#linked = this.#at(k);
    }
    return this.#linked;
  }

  /** The write that put into a scratch array what it holds after k steps, or else will hold first.
   * @param {number} number @param {number} flat @param {number} k */
  #versionAt(number, flat, k) {
    const accesses = this.#accesses;
    const last = accesses.lastWrite(number, flat, this.#eventAt(k));
    if (last >= 0) return last;
    const { strides } = this.trace.arrays[number];
    const first = accesses.uses[number].find(
      (event) => accesses.isWrite(event) && placeIn(accesses.list[event][5], strides, flat) >= 0,
    );
    return first ?? -1;
  }

  /** The first event that has not happened after k steps. @param {number} k */
  #eventAt(k) {
    const { firstOf, scene } = this.#accesses;
    return firstOf[Math.max(0, Math.min(k - scene.first, firstOf.length - 1))];
  }

  /** @param {number} number @param {number} flat @param {boolean} scratch @param {number} version */
  #linksOf(number, flat, scratch, version) {
    const found = { from: new Found(this.trace), feeds: new Found(this.trace), meets: new Found(this.trace) };
    const itself = { number, flat };
    const accesses = this.#accesses;
    if (scratch) {
      if (version < 0) return found;
      this.#back(version, flat, CARRYING, itself, found.from);
    } else {
      const begun = /** @type {Int32Array} */ (accesses.begun[number])[flat];
      const events = accesses.uses[number];
      for (let at = placeOf(events, Math.max(0, begun)); at < events.length; at++)
        if (accesses.isWrite(events[at]) && placeIn(accesses.list[events[at]][5], this.trace.arrays[number].strides, flat) >= 0)
          this.#back(events[at], flat, CARRYING, itself, found.from);
    }
    this.#on(number, flat, version, CARRYING, itself, found.feeds, found.meets);
    return found;
  }

  /** What a cell that was written came from. @param {number} write @param {number} flat @param {number} how
   * @param {{number: number, flat: number}} itself the cell that is asked about @param {Found} found */
  #back(write, flat, how, itself, found) {
    const { list } = this.#accesses;
    const [, , , , number, box] = list[write];
    const place = placeIn(box, this.trace.arrays[number].strides, flat);
    for (const { event, own } of this.#accesses.readsOf(write)) {
      const [, , , , source, read] = list[event];
      const { strides } = this.trace.arrays[source];
      const visit = (/** @type {number} */ cell) => this.#origin(source, cell, event, own ? how : DECIDING, itself, found);
      if (own && countOf(read) === countOf(box)) visit(cellAt(read, strides, place));
      else eachCell(read, strides, visit);
    }
  }

  /** A cell that was read: itself, if its array lasts, else what it came from. @param {number} number
   * @param {number} flat @param {number} event of the read @param {number} how
   * @param {{number: number, flat: number}} itself @param {Found} found */
  #origin(number, flat, event, how, itself, found) {
    if (this.trace.arrays[number].role !== "scratch") {
      if (number !== itself.number || flat !== itself.flat) found.add(number, flat, how);
      return;
    }
    const write = this.#accesses.lastWrite(number, flat, event);
    if (write >= 0 && found.pass(write, flat, how)) this.#back(write, flat, how, itself, found);
  }

  /** What is computed from a cell, and what it is combined with. @param {number} number @param {number} flat
   * @param {number} since the write that a scratch cell has its value from @param {number} how
   * @param {{number: number, flat: number}} itself @param {Found} feeds @param {Found} meets */
  #on(number, flat, since, how, itself, feeds, meets) {
    const { list, uses, begun } = this.#accesses;
    const { role, strides } = this.trace.arrays[number];
    const events = uses[number];
    for (let at = placeOf(events, since + 1); at < events.length; at++) {
      const event = events[at];
      const [, , , , , read] = list[event];
      const place = placeIn(read, strides, flat);
      if (place < 0) continue;
      if (this.#accesses.isWrite(event)) {
        if (role === "scratch") return; // overwritten
        continue;
      }
      for (const { write, own } of this.#accesses.writesOf(event)) {
        const [, , , , target, box] = list[write];
        const array = this.trace.arrays[target];
        const kind = own ? how : DECIDING;
        const visit = (/** @type {number} */ cell) => {
          const ends = begun[target];
          if (!ends) {
            if (feeds.pass(write, cell, kind)) this.#on(target, cell, write, kind, itself, feeds, meets);
          } else if (write >= ends[cell] && (target !== itself.number || cell !== itself.flat)) feeds.add(target, cell, kind);
        };
        if (own && countOf(read) === countOf(box)) visit(cellAt(box, array.strides, place));
        else eachCell(box, array.strides, visit);
        this.#meet(event, place, write, itself, meets);
      }
    }
  }

  /** The cells that a cell is combined with by a statement: its partners, cell by cell, in arrays of as many cells, as
   * in a product of arrays and in a sum of products; one cell alone is combined with each that is written.
   * @param {number} event of its read @param {number} place in what is read @param {number} write
   * @param {{number: number, flat: number}} itself @param {Found} found */
  #meet(event, place, write, itself, found) {
    const { list } = this.#accesses;
    const [target, written] = [list[write][4], countOf(list[write][5])];
    if (list[event][4] === target) return; // what is added to is no partner
    const reads = this.#accesses.readsOf(write);
    const mine = countOf(list[event][5]);
    const many = reads.filter((read) => countOf(list[read.event][5]) > 1).length;
    for (const other of reads) {
      const [, , , , number, box] = list[other.event];
      if (other.event === event || number === target) continue;
      const { strides } = this.trace.arrays[number];
      const theirs = countOf(box);
      const visit = (/** @type {number} */ cell) => this.#origin(number, cell, other.event, CARRYING, itself, found);
      if (mine === theirs && (mine === written || mine === 1 || many === 2)) visit(cellAt(box, strides, place));
      else if ((mine === 1 && theirs === written) || (theirs === 1 && mine === written)) eachCell(box, strides, visit);
    }
  }

  /** What was found, as it is to be seen after k steps: of the scratch arrays just what they hold then, since the cell
   * before was finished. @param {number} k @returns {Linked} */
  #at(k) {
    const { list, firstOf, scene } = this.#accesses;
    const [first, stop] = [this.#eventAt(Math.max(scene.first, this.trace.iterationAt(k))), this.#eventAt(k)];
    const shown = (/** @type {Found} */ { lasting, passing }) => {
      const seen = new Map([...lasting].map(([number, cells]) => [this.trace.arrays[number].name, cells]));
      for (let event = passing.size && k > scene.first ? first : stop; event < stop; event++) {
        const { name, role, strides, cells } = this.trace.arrays[list[event][4]];
        if (role !== "scratch" || !this.#accesses.isWrite(event)) continue;
        const passed = passing.get(event);
        let mask = seen.get(name);
        if (!mask && passed) seen.set(name, (mask = new Uint8Array(cells.length)));
        if (mask) eachCell(list[event][5], strides, (flat) => (mask[flat] = passed?.get(flat) ?? 0));
      }
      return seen;
    };
    return { from: shown(this.#found.from), feeds: shown(this.#found.feeds), meets: shown(this.#found.meets) };
  }
}
