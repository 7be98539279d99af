// @ts-check
// What the stage shows while a question stands: where it is about, and with a hint what is read for it. It knows
// questions and derivations, and nothing of how a stage looks.

import { homeAt } from "../why/home.js";
import { windowOf } from "../why/work.js";
import { derivedAt, flatOf, resultOf } from "./question.js";

/** @import { Asked } from "../board/stage.js" */
/** @import { Access, Trace } from "../run/trace.js" */
/** @import { Question } from "./question.js" */

const AHEAD = 40; // steps in which the next cell is made

/** @param {Trace} trace @param {Question} question @param {number} hints that were given @returns {Asked} */
export function seenOf(trace, question, hints) {
  const { kind, asks, array, cell, about, step } = question;
  const spot = cell ? { array, cell } : asks === "winner" || asks === "comes" ? about : undefined;
  const aimed = spot && trace.byName.get(spot.array);
  const derivation = derivedAt(trace, step);
  const isWindow = asks === "window"; // its last place stays in sight, and the sum that was made there
  return {
    hides: hints < 2 && !isWindow,
    keeps: isWindow,
    reads: hints && !isWindow && asks !== "comes" ? readsOf(trace, question) : [],
    aim:
      spot && aimed
        ? { array: spot.array, flat: flatOf(aimed, spot.cell) }
        : isWindow && hints
          ? nextMade(trace, step)
          : undefined,
    window: hints ? windowFor(trace, question) : undefined,
    derivation: hints && kind !== "place" ? derivation : undefined,
    sum: kind === "value" ? derivation : undefined,
  };
}

/** What is read for the answer, unless it tells a place that is asked for. @param {Trace} trace
 * @param {Question} question @returns {Access[]} */
function readsOf(trace, { kind, step }) {
  const target = resultOf(trace, step)?.array;
  const isPlace = kind === "place";
  const steps = trace.steps.slice(isPlace ? step : trace.iterationAt(step + 1), step + 1);
  const reads = steps.flatMap(({ accesses }) => accesses.filter(({ values }) => !values));
  return isPlace ? reads.filter(({ array }) => array !== target && array.role !== "count") : reads;
}

/** The window that lies on a board, without what came of it. @param {Trace} trace @param {Question} question */
function windowFor(trace, { asks, step }) {
  const home = asks === "goes" ? homeAt(trace, step + 1) : undefined;
  if (home) return { ...home, winner: undefined, earlier: [] };
  const derivation = asks === "winner" ? derivedAt(trace, step) : undefined;
  return derivation && windowOf(derivation, step);
}

/** The cell that is made next. @param {Trace} trace @param {number} step */
function nextMade(trace, step) {
  for (let at = step; at < Math.min(trace.steps.length, step + AHEAD); at++) {
    const found = derivedAt(trace, at);
    if (found) return { array: found.array.name, flat: found.flat };
  }
  return undefined;
}
