// @ts-check
// What a cell has to do with others: where it came from, what it feeds, what it meets on the way. All of it is read
// off the accesses of the scene on the stage, so it holds for every layer; it knows nothing of the page.
// Scratch arrays, such as a patch, are passed through: a chain ends at the first array that lasts.

import { countBefore } from "../run/accesses.js";
import { cellAt, countOf, eachCell, placeIn } from "../run/box.js";
import { Dependencies } from "./dependencies.js";

/** @import { Access, NamedArray, Scene, Trace } from "../run/trace.js" */
/** @typedef {Map<string, Uint8Array>} Cells which cells of which arrays: DECIDING or CARRYING, or 0 */
/** @typedef {{from: Cells, feeds: Cells, meets: Cells}} Linked */
/** @typedef {{array: NamedArray, flat: number}} Cell */

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
  /** @type {Cell} that is asked about */ #itself;
  /** @type {{from: Found, feeds: Found, meets: Found}} */ #found;
  /** @type {Linked} */ #linked;
  #key = "";
  #moment = -1;

  /** @param {Trace} trace */
  constructor(trace) {
    this.trace = trace;
  }

  /** The links of a cell in a scene, as far as its steps have arrived. What a scratch array has to do with it is told
   * of the moment after k steps. The same object comes back as long as nothing has changed.
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
      this.#find(array, flat, version);
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
    const first = countBefore(uses, Math.max(from, accesses.upTo(scene.first)));
    return uses.slice(first, countBefore(uses, accesses.upTo(stop)));
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
    const last = this.#lastWrite(array, flat, this.trace.accesses.upTo(this.#within(k)));
    return last ?? this.#uses(array).find((access) => isWriteOf(access, flat));
  }

  /** Find all that a cell has to do with others.
   * @param {NamedArray} array @param {number} flat @param {Access} [version] the write that a scratch cell is of */
  #find(array, flat, version) {
    this.#itself = { array, flat };
    this.#found = { from: new Found(), feeds: new Found(), meets: new Found() };
    const begun = this.#dependencies.begun.get(array);
    if (!begun && !version) return;
    const writes = version ? [version] : this.#uses(array, begun?.[flat]).filter((access) => isWriteOf(access, flat));
    for (const write of writes) this.#back(write, flat, CARRYING, this.#found.from);
    this.#on(array, flat, version?.number ?? -1, CARRYING);
  }

  /** What a cell that was written came from.
   * @param {Access} write @param {number} flat @param {number} how @param {Found} found */
  #back(write, flat, how, found) {
    const place = placeIn(write.box, write.array.strides, flat);
    for (const { access, own } of this.#dependencies.readsOf(write)) {
      const visit = (/** @type {number} */ cell) => this.#origin(access, cell, own ? how : DECIDING, found);
      eachPartner(access, write, own, place, visit);
    }
  }

  /** A cell that was read: itself, if its array lasts, else what it came from.
   * @param {Access} read @param {number} flat @param {number} how @param {Found} found */
  #origin({ array, number }, flat, how, found) {
    if (array.role !== "scratch") {
      if (!this.#isItself(array, flat)) found.add(array, flat, how);
      return;
    }
    const write = this.#lastWrite(array, flat, number);
    if (write && found.pass(write, flat, how)) this.#back(write, flat, how, found);
  }

  /** @param {NamedArray} array @param {number} flat */
  #isItself = (array, flat) => array === this.#itself.array && flat === this.#itself.flat;

  /** What is computed from a cell, and what it is combined with. @param {NamedArray} array @param {number} flat
   * @param {number} since the number of the write that a scratch cell has its value from @param {number} how */
  #on(array, flat, since, how) {
    const { feeds } = this.#found;
    for (const access of this.#uses(array, since + 1)) {
      const place = placeIn(access.box, array.strides, flat);
      if (place < 0) continue;
      if (access.values) {
        if (array.role === "scratch") return; // overwritten
        continue;
      }
      for (const { write, own } of this.#dependencies.writesOf(access)) {
        const { array: target, number } = write;
        const begun = this.#dependencies.begun.get(target);
        const kind = own ? how : DECIDING;
        eachPartner(write, access, own, place, (cell) => {
          if (!begun) {
            if (feeds.pass(write, cell, kind)) this.#on(target, cell, number, kind);
          } else if (number >= begun[cell] && !this.#isItself(target, cell)) feeds.add(target, cell, kind);
        });
        this.#meet(access, place, write);
      }
    }
  }

  /** The cells that a cell is combined with by a statement: its partners, cell by cell, in arrays of as many cells, as
   * in a product of arrays and in a sum of products; one cell alone is combined with each that is written.
   * @param {Access} read @param {number} place in what is read @param {Access} write */
  #meet(read, place, write) {
    if (read.array === write.array) return; // what is added to is no partner
    const reads = this.#dependencies.readsOf(write).map(({ access }) => access);
    const [mine, written] = [countOf(read.box), countOf(write.box)];
    const many = reads.filter(({ box }) => countOf(box) > 1).length;
    for (const other of reads) {
      if (other === read || other.array === write.array) continue;
      const theirs = countOf(other.box);
      const isEach = mine === theirs && (mine === written || mine === 1 || many === 2);
      const isAll = (mine === 1 && theirs === written) || (theirs === 1 && mine === written);
      const visit = (/** @type {number} */ cell) => this.#origin(other, cell, CARRYING, this.#found.meets);
      if (isEach || isAll) eachPartner(other, read, isEach, place, visit);
    }
  }

  /** What was found, as it is to be seen after k steps: of the scratch arrays just what they hold then, since the cell
   * before was finished. @param {number} k @returns {Linked} */
  #at(k) {
    const [first, stop] = [this.trace.iterationAt(k), k].map((at) => this.#within(at));
    const accesses = this.trace.steps.slice(first, stop).flatMap((step) => step.accesses);
    const writes = accesses.filter(({ array, values }) => values && array.role === "scratch");
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
    const { from, feeds, meets } = this.#found;
    return { from: shown(from), feeds: shown(feeds), meets: shown(meets) };
  }
}

/** Visit the cells of one access that go with a cell of another, by its place in that: the one at the same place, if
 * both have as many cells and are of one statement, else all.
 * @param {Access} access @param {Access} other @param {boolean} own @param {number} place
 * @param {(flat: number) => void} visit */
function eachPartner({ array: { strides }, box }, other, own, place, visit) {
  if (own && countOf(box) === countOf(other.box)) visit(cellAt(box, strides, place));
  else eachCell(box, strides, visit);
}

/** @param {Access} access @param {number} flat */
const isWriteOf = ({ array, box, values }, flat) => values !== undefined && placeIn(box, array.strides, flat) >= 0;
