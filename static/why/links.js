// @ts-check
// What a cell has to do with others: where it came from, what it feeds, what it meets on the way. All of it is read off
// the accesses of the scene on the stage, so it holds for every layer; it knows nothing of the page.
// Scratch arrays, such as a patch, are passed through: a chain ends at the first array that lasts.

import { countBefore } from "../run/accesses.js";
import { cellAt, countOf, eachCell, placeIn } from "../run/box.js";
import { Dependencies } from "./dependencies.js";

/** @typedef {import("../run/trace.js").Trace} Trace */
/** @typedef {import("../run/trace.js").Scene} Scene */
/** @typedef {import("../run/trace.js").NamedArray} NamedArray */
/** @typedef {import("../run/trace.js").Access} Access */
/** @typedef {Map<string, Uint8Array>} Cells which cells of which arrays: DECIDING or CARRYING, or 0 */
/** @typedef {{from: Cells, feeds: Cells, meets: Cells}} Linked */

export const DECIDING = 1; // it only had a say: a cell that lost in a max pool
export const CARRYING = 2; // its value went on

/** Cells of one kind: those of arrays that last, and those of scratch arrays, by the write that put them there. */
class Found {
  /** @type {Map<NamedArray, Uint8Array>} */ lasting = new Map();
  /** @type {Map<Access, Map<number, number>>} */ passing = new Map();

  /** @param {NamedArray} array @param {number} flat @param {number} how */
  add(array, flat, how) {
    let cells = this.lasting.get(array);
    if (!cells) this.lasting.set(array, (cells = new Uint8Array(array.cells.length)));
    if (cells[flat] < how) cells[flat] = how;
  }

  /** @param {Access} write @param {number} flat @param {number} how @returns {boolean} whether that is news */
  pass(write, flat, how) {
    let cells = this.passing.get(write);
    if (!cells) this.passing.set(write, (cells = new Map()));
    if ((cells.get(flat) ?? 0) >= how) return false;
    cells.set(flat, how);
    return true;
  }
}

export class Links {
  /** @type {Dependencies} */ #dependencies;
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
    if (this.#dependencies?.scene !== scene) {
      this.#dependencies = new Dependencies(this.trace, scene);
      this.#key = "";
    }
    const grown = this.#dependencies.grow();
    const array = /** @type {NamedArray} */ (this.trace.byName.get(name));
    const version = array.role === "scratch" ? this.#versionAt(array, flat, k) : undefined;
    const key = `${name} ${flat} ${version?.number}`;
    if (grown || key !== this.#key) {
      this.#key = key;
      this.#found = this.#linksOf(array, flat, version);
      this.#moment = -1;
    }
    if (this.#moment !== k) {
      this.#moment = k;
      this.#linked = this.#at(k);
    }
    return this.#linked;
  }

  /** A moment, or the nearest to it of the scene as far as that has arrived. @param {number} k */
  #within(k) {
    const { scene, stop } = this.#dependencies;
    return Math.max(scene.first, Math.min(k, stop));
  }

  /** The accesses of an array in the scene, from a number on. @param {NamedArray} array @param {number} from */
  #uses(array, from = 0) {
    const { accesses } = this.trace;
    const { scene, stop } = this.#dependencies;
    const uses = accesses.of(array);
    return uses.slice(countBefore(uses, Math.max(from, accesses.upTo(scene.first))), countBefore(uses, accesses.upTo(stop)));
  }

  /** The last write of a cell in the scene, of those with a lower number.
   * @param {NamedArray} array @param {number} flat @param {number} before */
  #lastWrite(array, flat, before) {
    const write = this.trace.accesses.lastWrite(array, flat, before);
    return write && write.step >= this.#dependencies.scene.first ? write : undefined;
  }

  /** The write that put into a scratch array what it holds after k steps, or else will hold first.
   * @param {NamedArray} array @param {number} flat @param {number} k */
  #versionAt(array, flat, k) {
    return this.#lastWrite(array, flat, this.trace.accesses.upTo(this.#within(k))) ?? this.#uses(array).find((access) => isWriteOf(access, flat));
  }

  /** @param {NamedArray} array @param {number} flat @param {Access} [version] the write that a scratch cell has its value from */
  #linksOf(array, flat, version) {
    const found = { from: new Found(), feeds: new Found(), meets: new Found() };
    const itself = { array, flat };
    const begun = this.#dependencies.begun.get(array);
    if (!begun && !version) return found;
    const writes = begun ? this.#uses(array, begun[flat]).filter((access) => isWriteOf(access, flat)) : version ? [version] : [];
    for (const write of writes) this.#back(write, flat, CARRYING, itself, found.from);
    this.#on(array, flat, version?.number ?? -1, CARRYING, itself, found.feeds, found.meets);
    return found;
  }

  /** What a cell that was written came from. @param {Access} write @param {number} flat @param {number} how
   * @param {{array: NamedArray, flat: number}} itself the cell that is asked about @param {Found} found */
  #back(write, flat, how, itself, found) {
    const place = placeIn(write.box, write.array.strides, flat);
    for (const { access, own } of this.#dependencies.readsOf(write)) {
      const visit = (/** @type {number} */ cell) => this.#origin(access, cell, own ? how : DECIDING, itself, found);
      if (own && countOf(access.box) === countOf(write.box)) visit(cellAt(access.box, access.array.strides, place));
      else eachCell(access.box, access.array.strides, visit);
    }
  }

  /** A cell that was read: itself, if its array lasts, else what it came from. @param {Access} read
   * @param {number} flat @param {number} how @param {{array: NamedArray, flat: number}} itself @param {Found} found */
  #origin({ array, number }, flat, how, itself, found) {
    if (array.role !== "scratch") {
      if (array !== itself.array || flat !== itself.flat) found.add(array, flat, how);
      return;
    }
    const write = this.#lastWrite(array, flat, number);
    if (write && found.pass(write, flat, how)) this.#back(write, flat, how, itself, found);
  }

  /** What is computed from a cell, and what it is combined with. @param {NamedArray} array @param {number} flat
   * @param {number} since the write that a scratch cell has its value from, by its number @param {number} how
   * @param {{array: NamedArray, flat: number}} itself @param {Found} feeds @param {Found} meets */
  #on(array, flat, since, how, itself, feeds, meets) {
    for (const access of this.#uses(array, since + 1)) {
      const place = placeIn(access.box, array.strides, flat);
      if (place < 0) continue;
      if (access.values) {
        if (array.role === "scratch") return; // overwritten
        continue;
      }
      for (const { write, own } of this.#dependencies.writesOf(access)) {
        const { array: target, box } = write;
        const kind = own ? how : DECIDING;
        const visit = (/** @type {number} */ cell) => {
          const begun = this.#dependencies.begun.get(target);
          if (!begun) {
            if (feeds.pass(write, cell, kind)) this.#on(target, cell, write.number, kind, itself, feeds, meets);
          } else if (write.number >= begun[cell] && (target !== itself.array || cell !== itself.flat)) feeds.add(target, cell, kind);
        };
        if (own && countOf(access.box) === countOf(box)) visit(cellAt(box, target.strides, place));
        else eachCell(box, target.strides, visit);
        this.#meet(access, place, write, itself, meets);
      }
    }
  }

  /** The cells that a cell is combined with by a statement: its partners, cell by cell, in arrays of as many cells, as
   * in a product of arrays and in a sum of products; one cell alone is combined with each that is written.
   * @param {Access} read @param {number} place in what is read @param {Access} write
   * @param {{array: NamedArray, flat: number}} itself @param {Found} found */
  #meet(read, place, write, itself, found) {
    if (read.array === write.array) return; // what is added to is no partner
    const reads = this.#dependencies.readsOf(write).map(({ access }) => access);
    const [mine, written] = [countOf(read.box), countOf(write.box)];
    const many = reads.filter(({ box }) => countOf(box) > 1).length;
    for (const other of reads) {
      const { array, box } = other;
      if (other === read || array === write.array) continue;
      const theirs = countOf(box);
      const visit = (/** @type {number} */ cell) => this.#origin(other, cell, CARRYING, itself, found);
      if (mine === theirs && (mine === written || mine === 1 || many === 2)) visit(cellAt(box, array.strides, place));
      else if ((mine === 1 && theirs === written) || (theirs === 1 && mine === written)) eachCell(box, array.strides, visit);
    }
  }

  /** What was found, as it is to be seen after k steps: of the scratch arrays just what they hold then, since the cell
   * before was finished. @param {number} k @returns {Linked} */
  #at(k) {
    const { scene } = this.#dependencies;
    const steps = k > scene.first ? this.trace.steps.slice(this.#within(this.trace.iterationAt(k)), this.#within(k)) : [];
    const writes = steps.flatMap(({ accesses }) => accesses).filter(({ array, values }) => values && array.role === "scratch");
    const shown = (/** @type {Found} */ { lasting, passing }) => {
      const seen = new Map([...lasting].map(([{ name }, cells]) => [name, cells]));
      for (const write of passing.size ? writes : []) {
        const { name, strides, cells } = write.array;
        const passed = passing.get(write);
        let mask = seen.get(name);
        if (!mask && passed) seen.set(name, (mask = new Uint8Array(cells.length)));
        if (mask) eachCell(write.box, strides, (flat) => (mask[flat] = passed?.get(flat) ?? 0));
      }
      return seen;
    };
    return { from: shown(this.#found.from), feeds: shown(this.#found.feeds), meets: shown(this.#found.meets) };
  }
}

/** @param {Access} access @param {number} flat */
const isWriteOf = ({ array, box, values }, flat) => values !== undefined && placeIn(box, array.strides, flat) >= 0;
