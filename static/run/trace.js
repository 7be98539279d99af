// @ts-check
// A run as it arrives: the header, the steps, and any moment of it by replay. It gives names to what the wire has by
// places, and nobody else reads the wire. It knows nothing of the page, and computes no index of its own: every cell
// it touches came from the server as a box.

import { Accesses } from "./accesses.js";
import { eachCell, placeIn } from "./box.js";

/** @typedef {{source: string, arrays: [string, string][], first: number, stop: number}} Scene */
/** @typedef {{name: string, source: string, first: number, stop: number, adds_up: boolean, scenes: Scene[],
 *   apart?: string}} Chapter
 *   - adds_up: whether a sum is computed in it
 *   - apart: the array that tells it from others of its name */

/** What stood in a box of cells before a step wrote there.
 * @typedef {{array: NamedArray, box: number[], cells: Float64Array, marks: Uint8Array}} Overwritten */

export const PACES = { beat: Infinity, cell: 3, map: 2, chapter: 1 };

const EARLY = 64; // steps, as the server has them for its picture: among these a walk opens
const UNDOABLE = 64; // how many steps back are quick

const NEVER = 0; // a cell that no step has written
const WRITTEN = 1;
const FILLED = 2; // written by a step that read nothing: a zero of a padding, or between the cells of an expanded map

/** What to call a chapter. @param {Chapter} chapter @param {(text: string) => string} say */
export const titleOf = ({ name, apart }, say) => say(name.replaceAll("_", " ")) + (apart ? ` ${apart}` : "");

/** @param {number[]} shape */
export function stridesOf(shape) {
  const strides = Array(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** One use of an array by a statement: a read, or a write, which carries its values. */
export class Access {
  /** @param {any[]} wire source, line, first and end column, array, box (start, stop, step of each axis), and the
   * values of a write @param {NamedArray[]} arrays @param {number} number of all accesses of the run
   * @param {number} step that it belongs to, from 0 @param {number} nth of the step */
  constructor([source, line, first, end, array, box, values], arrays, number, step, nth) {
    /** @type {number} */ this.source = source;
    /** @type {number} */ this.line = line;
    /** @type {number} */ this.first = first;
    /** @type {number} */ this.end = end;
    this.array = arrays[array];
    /** @type {number[]} */ this.box = box;
    /** @type {(number|string)[]|undefined} */ this.values = values;
    this.number = number;
    this.step = step;
    this.nth = nth;
  }

  /** Where its expression stands in its source. */
  get place() {
    return placeOf(this.line, this.first, this.end);
  }

  /** Whether it touches a cell. @param {number} flat */
  has(flat) {
    return placeIn(this.box, this.array.strides, flat) >= 0;
  }

  /** The number that it wrote to a cell. @param {number} flat */
  written(flat) {
    return Number(this.values?.[placeIn(this.box, this.array.strides, flat)]);
  }
}

/** A place in a source as text. @param {number} line @param {number} first column @param {number} end */
export const placeOf = (line, first, end) => `${line},${first},${end}`;

/** What happened between two pauses. */
export class Step {
  /** @param {any[]} wire caption, level, stack of [source, line], loop variables, accesses
   * @param {NamedArray[]} arrays @param {number} number of the step, from 0
   * @param {number} begins the number of its first access */
  constructor([caption, level, stack, loop, accesses], arrays, number, begins) {
    this.begins = begins;
    /** @type {number} */ this.caption = caption;
    /** @type {number} */ this.level = level;
    /** @type {{source: number, line: number}[]} the suspended lines, outermost first */
    this.stack = stack.map((/** @type {number[]} */ [source, line]) => ({ source, line }));
    /** @type {Record<string, number|number[]>} */ this.loop = loop;
    /** @type {(wire: any[], nth: number) => Access} */
    const access = (wire, nth) => new Access(wire, arrays, begins + nth, number, nth);
    /** @type {Access[]} */ this.accesses = accesses.map(access);
  }
}

/** One named array: its description, and its cells at the moment that is shown. */
export class NamedArray {
  /** @param {any} described an entry of the header's `arrays` */
  constructor(described) {
    this.name = described.name;
    this.role = described.role;
    /** @type {[number, number]|null} From the lowest to the highest number that colours tell apart, if any do. */
    this.scale = described.scale;
    /** @type {boolean} Whether the run begins with it, rather than computing it. */
    this.known = described.known;
    this.label = described.label;
    /** @type {""|"padding"|"inserted"} What a cell is that was filled with a constant and stays as it is. */
    this.fill = described.fill;
    /** @type {string[]} What its axes are called. */ this.axes = described.axes;
    /** @type {number[]} */ this.shape = described.shape;
    this.strides = stridesOf(this.shape);
    this.start = cellsOf(described.start, this.shape);
    this.end = cellsOf(described.end, this.shape);
    this.cells = this.start.slice();
    this.marks = new Uint8Array(this.cells.length);
  }

  rewind() {
    this.cells.set(this.start);
    this.marks.fill(NEVER);
  }

  /** Whether a cell has a value to show: it was there from the start, or a step has written it.
   * @param {number} flat */
  isKnown(flat) {
    return this.known || this.marks[flat] !== NEVER;
  }

  /** Whether the run computes it, or changes what it was given. */
  get isComputed() {
    return !this.known || this.end.some((value, at) => value !== this.start[at]);
  }

  /** @param {number} flat */
  isFilled(flat) {
    return this.marks[flat] === FILLED;
  }

  /** Cells as nested lists. @param {Float64Array} cells */
  nested(cells) {
    /** @param {number} axis @param {number} base @returns {any} */
    const build = (axis, base) =>
      axis === this.shape.length
        ? cells[base]
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
    this.accesses = new Accesses(this);
    this.count = 0; // of the accesses that have arrived
    this.at = 0; // how many steps are shown: the cells of the arrays stand after as many
    /** @type {[array: NamedArray, flat: number, cell: number, mark: number][][]} */
    // What the latest steps overwrote, so that a step back is not a replay from the start.
    /** @type {Overwritten[][]} */ this.undone = [];
  }

  /** @param {any[]} wire the next steps to have arrived */
  add(wire) {
    for (const each of wire) {
      const step = new Step(each, this.arrays, this.steps.length, this.count);
      this.steps.push(step);
      this.count += step.accesses.length;
    }
  }

  /** The cells of an array after k steps. @param {NamedArray} array @param {number} k */
  cellsAt(array, k) {
    if (k === this.at) return array.cells;
    const cells = array.start.slice();
    for (const { accesses } of this.steps.slice(0, k))
      for (const { array: written, box, values } of accesses)
        if (values && written === array)
          eachCell(box, array.strides, (flat, nth) => (cells[flat] = Number(values[nth])));
    return cells;
  }

  /** An array after k steps, as nested lists. @param {string} name @param {number} k */
  value(name, k) {
    const array = this.byName.get(name);
    if (!array) throw new RangeError(`there is no array ${name}`);
    return array.nested(this.cellsAt(array, k));
  }

  /** Show the moment after k steps: the cells of every array are those from now on. Only who decides what the page
   * shows may call it; who wants to know of another moment asks for its cells. @param {number} k */
  show(k) {
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
    for (const { array, box, cells, marks } of this.undone.pop()?.reverse() ?? [])
      eachCell(box, array.strides, (flat, nth) => {
        array.cells[flat] = cells[nth];
        array.marks[flat] = marks[nth];
      });
    this.at--;
  }

  /** Apply the writes of a step; what they overwrote is kept only if it is wanted.
   * @param {Step} step @param {boolean} keep */
  #apply({ accesses }, keep) {
    /** @type {Overwritten[]} */ const overwritten = [];
    const filling = accesses.every(({ values }) => values);
    const copied = filling ? undefined : copiedMarks(accesses);
    for (const { array, box, values } of accesses) {
      if (!values) continue;
      const cells = keep ? new Float64Array(values.length) : undefined;
      const marks = new Uint8Array(cells ? values.length : 0);
      if (cells) overwritten.push({ array, box, cells, marks });
      eachCell(box, array.strides, (flat, nth) => {
        if (cells) {
          cells[nth] = array.cells[flat];
          marks[nth] = array.marks[flat];
        }
        array.cells[flat] = Number(values[nth]);
        array.marks[flat] = filling || copied?.[nth] === FILLED ? FILLED : WRITTEN;
      });
    }
    return overwritten;
  }

  /** The steps that step k (counted from 0) sums up: [first, stop), all since the last one as coarse as it is.
   * @param {number} k @returns {[number, number]} */
  span(k) {
    return this.#since(k, this.steps[k].level);
  }

  /** The steps to light up when a reader who goes at a pace stands after k steps: [first, stop).
   * @param {number} k @param {number} pace a level of PACES @returns {[number, number]} */
  lit(k, pace) {
    if (k === 0) return [0, 0];
    const [first, stop] = this.#since(k - 1, Math.max(pace, this.steps[k - 1].level));
    const silent = this.steps.slice(first, stop).every((step) => step.accesses.length === 0);
    return silent ? this.span(k - 1) : [first, stop];
  }

  /** @param {number} k @param {number} level @returns {[number, number]} */
  #since(k, level) {
    let before = k - 1;
    while (before >= 0 && this.steps[before].level > level) before--;
    return [before + 1, k + 1];
  }

  /** The next moment that a pace stops at, after k steps; undefined while it has not arrived, or at the end.
   * @param {number} k @param {number} pace */
  after(k, pace) {
    for (let next = k + 1; next <= this.steps.length; next++) if (this.steps[next - 1].level <= pace) return next;
    return undefined;
  }

  /** The moment that a pace stopped at before. @param {number} k @param {number} pace */
  before(k, pace) {
    for (let last = k - 1; last > 0; last--) if (this.steps[last - 1].level <= pace) return last;
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
    return Math.max(
      0,
      this.chapters.findIndex((chapter) => step < chapter.stop),
    );
  }

  /** The suspended lines after k steps; or those of the next step, where that is the first of a scene that is shown
   * already. @param {number} k @param {Scene} scene */
  stackAt(k, scene) {
    if (scene !== this.sceneAt(k)) return this.steps[k].stack;
    return k ? this.steps[k - 1].stack : [];
  }

  /** The number of the chapter that a scene is of. @param {Scene} scene */
  chapterOf(scene) {
    return this.chapters.findIndex(({ scenes }) => scenes.includes(scene));
  }

  /** @param {number} k @returns {Scene} */
  sceneAt(k) {
    const step = Math.max(0, k - 1);
    const { scenes } = this.chapters[this.chapterAt(k)];
    return scenes.find((scene) => step < scene.stop) ?? scenes[scenes.length - 1];
  }

  /** The moment to open at, when no other was asked for: the first at which a cell is worked out from beat to beat, or
   * the first of all. */
  opening() {
    const first = this.steps.slice(0, EARLY);
    const found = first.findIndex(({ level }) => level > PACES.cell);
    const done = first.findIndex(({ level }, at) => at > found && level <= PACES.cell);
    return Math.min(first.length, (found < 0 ? 0 : done < 0 ? found : done) + 1);
  }
}

/** The cells of nested lists in row-major order. @param {any} nested @param {number[]} shape */
function cellsOf(nested, shape) {
  const cells = new Float64Array(shape.reduce((all, size) => all * size, 1));
  let at = 0;
  const take = (/** @type {any} */ part) => {
    if (!Array.isArray(part)) cells[at++] = Number(part);
    else for (const each of part) take(each);
  };
  take(nested);
  return cells;
}

/** The marks that a step copies, if all it does is to read some cells and write just these values elsewhere: a copied
 * zero of the padding is still one. @param {Access[]} accesses @returns {number[]|undefined} */
function copiedMarks(accesses) {
  const [{ array, box, values: written }, { values = [] } = {}] = accesses;
  if (accesses.length !== 2 || written) return undefined;
  /** @type {number[]} */ const marks = [];
  let same = true;
  eachCell(box, array.strides, (flat, nth) => {
    same = same && array.cells[flat] === Number(values[nth]);
    marks.push(array.marks[flat]);
  });
  return same && marks.length === values.length ? marks : undefined;
}

/** A chapter with the first array that others of its name do not work on in its stead, if there are any.
 * @param {Chapter} chapter @param {number} _ @param {Chapter[]} chapters @returns {Chapter} */
function toldApart(chapter, _, chapters) {
  const namesakes = chapters.filter(({ name }) => name === chapter.name);
  const bindings = (/** @type {Chapter} */ { scenes }) => scenes[0].arrays.map(([, array]) => array);
  const apart = bindings(chapter).find((array, at) => namesakes.some((other) => bindings(other)[at] !== array));
  return { ...chapter, apart };
}
