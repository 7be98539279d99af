// @ts-check
// A run as it arrives: the header, the steps, and any moment of it by replay.
// It knows the wire format and nothing of the page; it computes no index of its own: every cell it touches came from
// the server as a box.

/** @typedef {[number, number, number, number, number, number[], (number|string)[]?]} Access
 *  source, line, first column, end column, array, box (start, stop, step of each axis), values if it is a write */
/** @typedef {[number, number, [number, number][], Record<string, number|number[]>, Access[]]} Step
 *  caption, level, stack of [source, line], loop variables, accesses */
/** @typedef {{source: string, arrays: [string, string][], first: number, stop: number}} Scene */
/** @typedef {{name: string, source: string, first: number, stop: number, scenes: Scene[], apart?: string}} Chapter
 *  `apart` is the array that tells it from others of its name */

export const PACES = { beat: Infinity, cell: 3, map: 2, chapter: 1 };

const UNDOABLE = 64; // how many steps back are quick

const NEVER = 0; // a cell that no step has written
const WRITTEN = 1;
const FILLED = 2; // written by a step that read nothing: a zero of a padding, or between the cells of an expanded map

/** Visit the flat index of every cell of a box, in row-major order.
 * @param {number[]} box @param {number[]} strides @param {(flat: number, nth: number) => void} visit */
export function eachCell(box, strides, visit) {
  const axes = strides.length;
  let nth = 0;
  /** @param {number} axis @param {number} base */
  const walk = (axis, base) => {
    if (axis === axes) return visit(base, nth++);
    const start = box[3 * axis], stop = box[3 * axis + 1], step = box[3 * axis + 2];
    for (let at = start; step > 0 ? at < stop : at > stop; at += step) walk(axis + 1, base + at * strides[axis]);
  };
  walk(0, 0);
}

/** What to call a chapter. @param {Chapter} chapter @param {(text: string) => string} say */
export const titleOf = ({ name, apart }, say) => say(name.replaceAll("_", " ")) + (apart ? ` ${apart}` : "");

/** @param {number[]} shape */
export function stridesOf(shape) {
  const strides = Array(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** One named array: its description, and its cells at the moment that the trace stands at. */
export class NamedArray {
  /** @param {any} described an entry of the header's `arrays` */
  constructor(described) {
    this.name = described.name;
    this.role = described.role;
    /** @type {[number, number]|null} From the lowest number to the highest that colours tell apart; null where none do. */
    this.scale = described.scale;
    /** @type {boolean} Whether the run begins with it, rather than computing it. */
    this.known = described.known;
    this.label = described.label;
    /** @type {""|"padding"|"inserted"} What a cell is that was filled with a constant and stays as it is. */
    this.fill = described.fill;
    /** @type {string[]} What its axes are called. */ this.axes = described.axes;
    /** @type {number[]} */ this.shape = described.shape;
    this.strides = stridesOf(this.shape);
    this.start = Float64Array.from([described.start].flat(Infinity), Number);
    this.end = Float64Array.from([described.end].flat(Infinity), Number);
    this.cells = this.start.slice();
    this.marks = new Uint8Array(this.cells.length);
  }

  rewind() {
    this.cells.set(this.start);
    this.marks.fill(NEVER);
  }

  /** Whether a cell has a value to show: it was there from the start, or a step has written it. @param {number} flat */
  isKnown(flat) {
    return this.known || this.marks[flat] !== NEVER;
  }

  /** @param {number} flat */
  isFilled(flat) {
    return this.marks[flat] === FILLED;
  }

  /** The cells as nested lists. */
  nested() {
    /** @param {number} axis @param {number} base @returns {any} */
    const build = (axis, base) =>
      axis === this.shape.length
        ? this.cells[base]
        : Array.from({ length: this.shape[axis] }, (_, at) => build(axis + 1, base + at * this.strides[axis]));
    return build(0, 0);
  }
}

export class Trace {
  /** @param {any} header the first line of a stream */
  constructor(header) {
    this.header = header;
    /** @type {Chapter[]} */ this.chapters = header.chapters.map(toldApart);
    /** @type {number} */ this.length = header.steps;
    /** @type {Step[]} */ this.steps = [];
    /** @type {NamedArray[]} */ this.arrays = header.arrays.map((/** @type {any} */ each) => new NamedArray(each));
    /** @type {Map<string, NamedArray>} */ this.byName = new Map(this.arrays.map((array) => [array.name, array]));
    this.at = 0; // how many steps the cells of the arrays stand after
    /** @type {[array: NamedArray, flat: number, cell: number, mark: number][][]} */
    this.undone = []; // what the latest steps overwrote, so that a step back is not a replay from the start
  }

  /** @param {Step[]} steps the next ones to have arrived */
  add(steps) {
    this.steps.push(...steps);
  }

  /** Bring every array to the moment after k steps. @param {number} k */
  seek(k) {
    if (!(Number.isInteger(k) && k >= 0 && k <= this.steps.length))
      throw new RangeError(`a step from 0 to ${this.steps.length} was expected, got ${k}`);
    while (k < this.at && this.undone.length) this.#undo();
    if (k < this.at) {
      for (const array of this.arrays) array.rewind();
      this.at = 0;
    }
    if (k - this.at > UNDOABLE) this.undone = [];
    while (this.at < k) {
      const keep = k - this.at <= UNDOABLE;
      const overwritten = this.#apply(this.steps[this.at++], keep);
      if (keep) this.undone.push(overwritten);
    }
    if (this.undone.length > UNDOABLE) this.undone.splice(0, this.undone.length - UNDOABLE);
  }

  #undo() {
    for (const [array, flat, cell, mark] of /** @type {any[]} */ (this.undone.pop()).reverse()) {
      array.cells[flat] = cell;
      array.marks[flat] = mark;
    }
    this.at--;
  }

  /** Apply the writes of a step; what they overwrote is kept only if it is wanted.
   * @param {Step} step @param {boolean} keep */
  #apply([, , , , accesses], keep) {
    /** @type {[NamedArray, number, number, number][]} */ const overwritten = [];
    const filling = accesses.every((access) => access.length === 7);
    const copied = filling ? undefined : this.#copied(accesses);
    for (const [, , , , number, box, values] of accesses) {
      if (!values) continue;
      const array = this.arrays[number];
      eachCell(box, array.strides, (flat, nth) => {
        if (keep) overwritten.push([array, flat, array.cells[flat], array.marks[flat]]);
        array.cells[flat] = Number(values[nth]);
        array.marks[flat] = filling || copied?.[nth] === FILLED ? FILLED : WRITTEN;
      });
    }
    return overwritten;
  }

  /** The marks that a step copies, if all it does is to read some cells and write just these values elsewhere: a copied
   * zero of the padding is still one. @param {Access[]} accesses @returns {number[]|undefined} */
  #copied(accesses) {
    if (accesses.length !== 2 || accesses[0].length === 7) return undefined;
    const [[, , , , from, box], [, , , , , , values]] = accesses;
    const source = this.arrays[from];
    /** @type {number[]} */ const marks = [];
    let same = true;
    eachCell(box, source.strides, (flat, nth) => {
      same = same && source.cells[flat] === Number(values?.[nth]);
      marks.push(source.marks[flat]);
    });
    return same && marks.length === values?.length ? marks : undefined;
  }

  /** Every array after k steps, as nested lists. @param {number} k @returns {Record<string, any>} */
  snapshot(k) {
    const now = this.at;
    this.seek(k);
    const snapshot = Object.fromEntries(this.arrays.map((array) => [array.name, array.nested()]));
    this.seek(now);
    return snapshot;
  }

  /** The steps that step k (counted from 0) sums up: [first, stop), all since the last one as coarse as it is.
   * @param {number} k @returns {[number, number]} */
  span(k) {
    return this.#since(k, this.steps[k][1]);
  }

  /** The steps to light up when a reader who goes at a pace stands after k steps: [first, stop).
   * @param {number} k @param {number} pace a level of PACES @returns {[number, number]} */
  lit(k, pace) {
    if (k === 0) return [0, 0];
    const [first, stop] = this.#since(k - 1, Math.max(pace, this.steps[k - 1][1]));
    const silent = this.steps.slice(first, stop).every((step) => step[4].length === 0);
    return silent ? this.span(k - 1) : [first, stop];
  }

  /** @param {number} k @param {number} level @returns {[number, number]} */
  #since(k, level) {
    let before = k - 1;
    while (before >= 0 && this.steps[before][1] > level) before--;
    return [before + 1, k + 1];
  }

  /** The next moment that a pace stops at, after k steps; undefined while it has not arrived, or at the end.
   * @param {number} k @param {number} pace */
  after(k, pace) {
    for (let next = k + 1; next <= this.steps.length; next++) if (this.steps[next - 1][1] <= pace) return next;
    return undefined;
  }

  /** The moment that a pace stopped at before. @param {number} k @param {number} pace */
  before(k, pace) {
    for (let last = k - 1; last > 0; last--) if (this.steps[last - 1][1] <= pace) return last;
    return 0;
  }

  /** Where the iteration begins that stands after k steps: the first step since the last cell was finished.
   * @param {number} k */
  iterationAt(k) {
    return k === 0 ? 0 : this.#since(k - 1, PACES.cell)[0];
  }

  /** @param {number} k @returns {number} the number of the chapter that stands after k steps */
  chapterAt(k) {
    const step = Math.max(0, k - 1);
    return Math.max(0, this.chapters.findIndex((chapter) => step < chapter.stop));
  }

  /** @param {number} k @returns {Scene} */
  sceneAt(k) {
    const step = Math.max(0, k - 1);
    const { scenes } = this.chapters[this.chapterAt(k)];
    return scenes.find((scene) => step < scene.stop) ?? scenes[scenes.length - 1];
  }

  /** The moment to open at, when no other was asked for: the first of the finest beats, or the first of all. */
  opening() {
    const found = this.steps.findIndex((step) => step[1] > PACES.cell);
    return Math.min(this.steps.length, (found < 0 ? 0 : found) + 1);
  }
}

/** A chapter with the first array that others of its name do not work on in its stead, if there are any.
 * @param {Chapter} chapter @param {number} _ @param {Chapter[]} chapters @returns {Chapter} */
function toldApart(chapter, _, chapters) {
  const namesakes = chapters.filter(({ name }) => name === chapter.name);
  const bindings = (/** @type {Chapter} */ { scenes }) => scenes[0].arrays.map(([, array]) => array);
  const apart = bindings(chapter).find((array, at) => namesakes.some((other) => bindings(other)[at] !== array));
  return { ...chapter, apart };
}
