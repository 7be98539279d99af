// @ts-check
// Which steps of a walk are asked about, at the pace that a reader goes at: each cell that is made, or the first of
// each map or chapter; and a window where it moves as it has not moved before. It knows traces and questions.

import { cellAt, placeIn } from "../run/box.js";
import { PACES } from "../run/trace.js";
import { moveOf, questionAt, resultOf, windowRead } from "./question.js";

/** @import { Scene, Trace } from "../run/trace.js" */
/** @import { Question } from "./question.js" */

export class Order {
  /** @type {Map<number, Question|undefined>} of the steps that were looked at */ #found = new Map();
  /** @type {Map<Scene, {upTo: number, moves: Set<string>, news: Set<number>}>} how windows have moved in a scene, and
   * the steps at which one did so first */
  #windows = new Map();
  /** @type {Map<string, Question>} of maps and chapters, by their first step and the pace */ #foremosts = new Map();

  /** @param {Trace} trace */
  constructor(trace) {
    this.trace = trace;
  }

  /** What is asked before a step, counted from 0. @param {number} step @param {number} pace a level of PACES
   * @returns {Question|undefined} */
  at(step, pace) {
    if (step >= this.trace.steps.length) return undefined;
    const found = pace < PACES.cell ? this.#foremost(this.#beginOf(step, pace), pace) : this.#question(step);
    return found?.step === step ? found : undefined;
  }

  /** The first that is asked of some steps. @param {number} from @param {number} to @param {number} pace
   * @param {(question: Question) => boolean} isOpen whether it is still to be asked */
  first(from, to, pace, isOpen) {
    const { steps } = this.trace;
    const stop = Math.min(to, steps.length);
    for (let step = from; step < stop; step++) {
      const found = pace < PACES.cell ? this.#foremost(this.#beginOf(step, pace), pace) : this.#question(step);
      if (found && found.step >= step && found.step < stop && isOpen(found)) return found;
      if (pace < PACES.cell) while (step + 1 < stop && steps[step].level > pace) step++; // to the end of the map
    }
    return undefined;
  }

  /** The first cell that is asked for from a step on, as far as it has arrived. @param {number} step */
  after(step) {
    return this.first(step, this.trace.steps.length, Infinity, ({ asks }) => asks !== "window");
  }

  /** Where the map or the chapter begins that a step is of. @param {number} step @param {number} pace */
  #beginOf(step, pace) {
    while (step > 0 && this.trace.steps[step - 1].level > pace) step--;
    return step;
  }

  /** The one question of a map or a chapter. @param {number} begin its first step @param {number} pace */
  #foremost(begin, pace) {
    const key = `${begin} ${pace}`;
    const known = this.#foremosts.get(key);
    if (known) return known;
    const { steps } = this.trace;
    for (let step = begin; step < steps.length; step++) {
      const found = this.#question(step);
      if (found && found.asks !== "window") {
        this.#foremosts.set(key, found);
        return found;
      }
      if (steps[step].level <= pace) return undefined;
    }
    return undefined;
  }

  /** @param {number} step */
  #question(step) {
    if (!this.#found.has(step)) this.#found.set(step, this.#worth(step));
    return this.#found.get(step);
  }

  /** What is worth asking about a step. @param {number} step */
  #worth(step) {
    const found = questionAt(this.trace, step);
    if (found?.asks === "window") return this.#isNews(step) ? found : undefined;
    return found && this.#isLast(step) ? found : undefined;
  }

  /** Whether a cell has its number after a step: the iteration that makes it does not write it again.
   * @param {number} step */
  #isLast(step) {
    const { steps } = this.trace;
    const write = resultOf(this.trace, step);
    if (!write) return true;
    const { array, box } = write;
    const flat = cellAt(box, array.strides, 0);
    for (let later = step; steps[later].level > PACES.cell && later + 1 < steps.length; later++) {
      const next = resultOf(this.trace, later + 1);
      if (next?.array === array && placeIn(next.box, array.strides, flat) >= 0) return false;
    }
    return true;
  }

  /** Whether a window moves in a step as it has not in its scene. @param {number} step */
  #isNews(step) {
    const scene = this.trace.sceneAt(step + 1);
    const known = this.#windows.get(scene) ?? { upTo: scene.first, moves: new Set(), news: new Set() };
    this.#windows.set(scene, known);
    for (; known.upTo <= step; known.upTo++) {
      const read = windowRead(this.trace, known.upTo);
      const move = read && moveOf(this.trace, read);
      const key = move && `${read.place} ${move}`;
      if (!key || known.moves.has(key)) continue;
      known.moves.add(key);
      known.news.add(known.upTo);
    }
    return known.news.has(step);
  }
}
