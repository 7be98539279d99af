// @ts-check
// The terms of a recorded sum, to be added up in other ways. It knows derivations alone.

import { nameOf } from "../say/cell.js";
import { cellsOf, evaluate } from "../why/expression.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Derivation } from "../why/derivation.js" */
/** @import { Expr, Term } from "../why/expression.js" */
/** A mistake that gives a number; parts: the cells at which it parts from the right sum.
 * @typedef {{says: string, number: number, values: Record<string, string|number>, parts: {array: string,
 *   flat: number}[]}} Slip */
/** Those that there may be at a step.
 * @typedef {(trace: Trace, step: number, derivation: Derivation) => Iterable<Slip>} Slips */

/** What an expression comes to if its sum comes to something else.
 * @param {Derivation} derivation @param {number} value */
export function withSum({ expr, sum }, value) {
  /** @param {Expr} each @returns {Expr} */
  const replaced = (each) => (each === sum ? { op: "number", value } : { ...each, parts: each.parts?.map(replaced) });
  return Number(expr && evaluate(replaced(expr)));
}

export const worth = (/** @type {Term} */ { minus, expr }) => (minus ? -1 : 1) * Number(evaluate(expr));
export const total = (/** @type {Term[]} */ terms) => terms.reduce((sum, term) => sum + worth(term), 0);
export const placeOf = (/** @type {{array: NamedArray, flat: number}} */ { array, flat }) => ({
  array: array.name,
  flat,
});

/** Where terms stand that come to anything. */
export const placesOf = (/** @type {Term[]} */ terms) =>
  terms
    .filter(worth)
    .flatMap(({ expr }) => expr.via ?? expr.cell ?? [])
    .map(placeOf);

/** A term by its cells. @param {Term} term */
export const named = ({ expr }) =>
  cellsOf(expr)
    .map(({ array, flat }) => nameOf(array, flat))
    .join(" · ");

/** The terms of a sum, in any form that it has. @param {Derivation} derivation @returns {Term[]} */
export const termsOf = ({ sum, expr }) => (sum ?? expr)?.terms ?? [];
