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

  /** @param {Trace} trace */
  constructor(trace) {
    this.trace = trace;
  }

  /** What is asked before a step, counted from 0. @param {number} step @param {number} pace a level of PACES
   * @returns {Question|undefined} */
  at(step, pace) {
    if (step >= this.trace.steps.length) return undefined;
    const found = this.#question(step);
    if (!found || pace >= PACES.cell) return found;
    if (found.asks === "window") return undefined;
    for (let earlier = step - 1; earlier >= 0 && this.trace.steps[earlier].level > pace; earlier--) {
      const other = this.#question(earlier);
      if (other && other.asks !== "window") return undefined;
    }
    return found;
  }

  /** The first that is asked of some steps. @param {number} from @param {number} to @param {number} pace
   * @param {(question: Question) => boolean} isOpen whether it is still to be asked */
  first(from, to, pace, isOpen) {
    for (let step = from; step < Math.min(to, this.trace.steps.length); step++) {
      const found = this.at(step, pace);
      if (found && isOpen(found)) return found;
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
