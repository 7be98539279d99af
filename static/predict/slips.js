// @ts-check
// What a wrong number may come from: the recorded sum with one thing done as people do it by mistake. Every candidate
// is made of the terms of that sum and of cells beside those that it read. It knows derivations, and no layer.

import { indicesOf, nameOf } from "../say/cell.js";
import { exact } from "../say/look.js";
import { exprNumber, tidy } from "../why/decimal.js";
import { cellsOf, evaluate } from "../why/expression.js";
import { mapsOf } from "../why/work.js";
import { elsewhere, turned } from "./shifted.js";
import { named, placeOf, placesOf, termsOf, total, withSum, worth } from "./terms.js";

/** @import { Trace } from "../run/trace.js" */
/** @import { Derivation } from "../why/derivation.js" */
/** @import { Slip, Slips } from "./terms.js" */

/** The slip that gives a number, if a known one does: the likeliest first.
 * @param {Trace} trace @param {number} step @param {Derivation} derivation of what it has written
 * @param {(candidate: number) => boolean} isIt @returns {Slip|undefined} */
export function slipIn(trace, step, derivation, isIt) {
  for (const make of [withoutOthers, unfinished, elsewhere, turned, ofAnother, inPart, termWise, asRead])
    for (const slip of make(trace, step, derivation))
      if (Number.isFinite(slip.number) && slip.number !== derivation.value && isIt(tidy(slip.number))) return slip;
  return undefined;
}

/** Without what is added to the products: a bias. @type {Slips} */
function* withoutOthers(_, __, derivation) {
  const others = mapsOf(derivation.sum)?.others ?? [];
  if (!others.length) return;
  const rest = termsOf(derivation).filter((term) => !others.includes(term));
  const number = withSum(derivation, total(rest));
  yield { says: "others", number, values: { cells: others.map(named).join(", ") }, parts: placesOf(others) };
}

/** The sum itself, where something is still to be done with it. @type {Slips} */
function* unfinished(_, __, derivation) {
  const { expr, sum } = derivation;
  if (sum && expr !== sum) yield { says: "sum", number: Number(evaluate(sum)), values: {}, parts: [] };
}

/** The number of a cell beside it, as far as those are there. @type {Slips} */
function* ofAnother(trace, step, { array, flat }) {
  const { accesses, steps } = trace;
  const index = indicesOf(array, flat);
  for (let axis = index.length - 1; axis >= 0; axis--)
    for (const by of [-1, 1]) {
      const at = index[axis] + by;
      if (at < 0 || at >= array.shape[axis]) continue;
      const other = flat + by * array.strides[axis];
      const write = accesses.lastWrite(array, other, steps[step].begins);
      if (!write) continue;
      yield {
        says: "neighbour",
        number: write.written(other),
        values: { cell: nameOf(array, other) },
        parts: [{ array: array.name, flat: other }],
      };
    }
}

/** One map of the products alone, or so many of them. @type {Slips} */
function* inPart(_, __, derivation) {
  const found = mapsOf(derivation.sum);
  if (!found || found.maps.length < 2) return;
  const { maps, others } = found;
  for (const rest of [others, []])
    for (let count = 1; count < maps.length; count++) {
      const number = withSum(derivation, total([...maps.slice(0, count).flat(), ...rest]));
      const values = { count, all: maps.length };
      yield { says: "short", number, values, parts: placesOf(maps.slice(count).flat()) };
    }
  for (const rest of [others, []])
    for (const map of maps) {
      const number = withSum(derivation, total([...map, ...rest]));
      yield {
        says: "alone",
        number,
        values: { all: maps.length },
        parts: placesOf(maps.flat().filter((each) => !map.includes(each))),
      };
    }
}

/** One term left out, or with the other sign, or all of them with it. @type {Slips} */
function* termWise(_, __, derivation) {
  const terms = termsOf(derivation);
  const sum = total(terms);
  for (const [says, times] of /** @type {const} */ ([
    ["left", 1],
    ["sign", 2],
  ]))
    for (const term of terms) {
      if (!worth(term)) continue;
      const alike = terms.filter((other) => worth(other) === worth(term)).length;
      const number = withSum(derivation, sum - times * worth(term));
      const values = { term: named(term), value: exact(exprNumber(term.expr) * (term.minus ? -1 : 1)) };
      yield { says: alike > 1 ? `${says}.like` : says, number, values, parts: placesOf(alike > 1 ? [] : [term]) };
    }
  yield { says: "minus", number: -Number(derivation.value), values: {}, parts: [] };
}

/** A number that it was made of, as it was read. @type {Slips} */
function* asRead(_, __, { expr }) {
  for (const cell of expr ? cellsOf(expr) : [])
    yield {
      says: "read",
      number: cell.value,
      values: { cell: nameOf(cell.array, cell.flat) },
      parts: [placeOf(cell)],
    };
}
