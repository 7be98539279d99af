// @ts-check
// What is said of a question: the sentence that asks, and two hints. It takes names from the arrays, words from the
// captions of the walk and a line from its source, and knows no layer.

import { element } from "../page/page.js";
import { nameOf } from "../say/cell.js";
import { filled, summary } from "../say/describe.js";
import { lineOf } from "../say/line.js";
import { contest } from "../why/expression.js";
import { derivedAt, flatOf, resultOf, windowRead } from "./question.js";

/** @import { Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Question, Spot } from "./question.js" */
/** @typedef {(Node|string)[]} Nodes */

const TOLD = 8; // terms of a sum that has no grids of its own

/** The name of a cell. @param {Trace} trace @param {Spot|undefined} spot */
export function spotName(trace, spot) {
  const array = spot && trace.byName.get(spot.array);
  return array ? nameOf(array, flatOf(array, spot.cell)) : "";
}

/** A sentence with its values as code. @param {Say} say @param {string} key
 * @param {Record<string, string|number>} values @returns {Nodes} */
export function withCode(say, key, values) {
  const pieces = say(key).split(/\{(\w+)\}/);
  return pieces.map((piece, at) => (at % 2 ? element("code", {}, String(values[piece])) : piece)).filter(Boolean);
}

/** What is asked. @param {Trace} trace @param {Question} question @param {Say} say */
export const askedIn = (trace, { asks, array, cell, about }, say) =>
  withCode(say, `predict.ask.${asks}`, {
    array,
    cell: spotName(trace, cell && { array, cell }),
    about: spotName(trace, about),
  });

/** What the walk says of the step: its caption, unless it tells numbers. @param {Trace} trace @param {number} step
 * @param {Say} say */
export function howIn(trace, step, say) {
  const text = say(trace.header.captions[trace.steps[step].caption]);
  return text.includes("{") ? "" : text;
}

/** The hints: which cells there are to look at, which lie marked on the boards; then what stands in them, or the line
 * that is to run. @param {Trace} trace @param {Question} question @param {Say} say
 * @param {boolean} hasGrids whether the terms stand in grids of their own @returns {Nodes[]} */
export function hintsFor(trace, question, say, hasGrids) {
  const { kind, asks, step } = question;
  const derivation = derivedAt(trace, step);
  if (kind !== "place" && derivation) {
    const made = filled(say, "predict.hint.cells", { made: summary(derivation, say) });
    if (hasGrids) return [[made], [say("predict.hint.terms")]];
    return [[made], lineOf(trace, derivation, false, { say, all: false, most: TOLD })];
  }
  if (asks === "winner" && derivation?.expr)
    return [[say("predict.hint.window")], [say(`predict.hint.${contest(derivation.expr).word}`)]];
  return [
    [say(asks === "comes" ? "predict.hint.onto" : asks === "window" ? "predict.hint.next" : "predict.hint.from")],
    lineIn(trace, step, say),
  ];
}

/** The line of the source that a step runs, with the loop variables that its formula names: others may be the answer.
 * @param {Trace} trace @param {number} step @param {Say} say @returns {Nodes} */
function lineIn(trace, step, say) {
  const access = resultOf(trace, step) ?? windowRead(trace, step);
  if (!access) return [];
  const { first, lines, formula } = trace.header.sources[access.source];
  const named = new Set([...formula.equations.join().matchAll(/\bidx-(\w+)/g)].map(([, name]) => name));
  const loop = Object.entries(trace.steps[step].loop).filter(([name]) => named.has(name));
  const code = element("code", {}, lines[access.line - first].trim());
  const told = loop.map(([name, value]) => `${name} = ${[value].flat().join(", ")}`).join(", ");
  return told ? [code, filled(say, "predict.hint.loop", { loop: told })] : [code];
}
