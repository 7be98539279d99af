// @ts-check
// Which known mistakes give the numbers that a class has said of a cell, as a prediction would be told them, in words
// that are nobody's. It knows derivations, and neither rooms nor layers.

import { worded } from "../page/beside.js";
import { nextWrite } from "../run/cells.js";
import { indicesOf } from "../say/cell.js";
import { filled } from "../say/describe.js";
import { derivationsOf } from "../why/derivation.js";
import { flatOf } from "./question.js";
import { rightness } from "./right.js";
import { slipIn } from "./slips.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** spots: the cells at which a wrong number parts from the right one
 * @typedef {{number: number, says: string, text: string, spots: {array: string, place: number[]}[]}} Slipped */

/** @param {Trace} trace @param {string} name of an array @param {number} from the moment from which on it is written
 * @param {number[]} cell of it @param {number[]} numbers
 * @returns {Promise<Slipped[]|undefined>} of those that a mistake gives; undefined while the step that writes the cell
 *   has not arrived */
export async function slipped(trace, name, from, cell, numbers) {
  const words = await worded(import.meta.url);
  const array = trace.byName.get(name);
  const next = nextWrite(trace, name, from, cell);
  if (!array || !next) return undefined;
  const flat = flatOf(array, cell);
  const step = trace.accesses.lastWrite(array, flat, trace.accesses.upTo(next.stop))?.step;
  if (step === undefined) return undefined;
  const derivation = derivationsOf(trace).of(name, flat, step + 1);
  return numbers.flatMap((number) => {
    const isIt = (/** @type {number} */ candidate) => rightness(String(number), candidate) !== undefined;
    const slip = isIt(Number(derivation.value)) ? undefined : slipIn(trace, step, derivation, isIt);
    if (!slip) return [];
    const { says, values, parts } = slip;
    const spots = parts.map((part) => ({ array: part.array, place: indicesOf(arrayOf(trace, part), part.flat) }));
    return [{ number, says, text: filled((key) => words[key], `predict.gives.${says}`, values), spots }];
  });
}

/** @param {Trace} trace @param {{array: string}} part */
const arrayOf = (trace, { array }) => /** @type {NamedArray} */ (trace.byName.get(array));
