// @ts-check
// A derivation in words: a few for those who hear the page, and the names of what was filled in. It knows what kinds
// of derivations there are, and no page.

import { nameOf } from "./cell.js";
import { derivationsOf } from "../why/derivation.js";
import { cellsOf, contest } from "../why/expression.js";

/** @import { Trace } from "../run/trace.js" */
/** @import { Derivation } from "../why/derivation.js" */
/** @import { Expr } from "../why/expression.js" */
/** @typedef {(key: string) => string} Say what the page has for a key in the language of its reader */

/** In a few words how a cell came by what it holds at the moment that the trace stands at.
 * @param {Trace} trace @param {string} array its name @param {number} flat @param {Say} say */
export const describe = (trace, array, flat, say) => summary(derivationsOf(trace).of(array, flat, trace.at), say);

/** A derivation in a few words. @param {Derivation} derivation @param {Say} say @returns {string} */
export function summary({ kind, path, expr, sum, filling }, say) {
  const copied = path.length ? { cell: nameOf(path[0].array, path[0].flat) } : undefined;
  if (kind === "copy") return filled(say, "inspector.copy", copied);
  if (kind === "given" || kind === "awaited" || kind === "never") return say(`inspector.${kind}`);
  if (filling) return say(`inspector.${filling.word}`);
  const made = kind === "pick" && expr ? contested(expr, say) : sum ? added(sum, say) : computed(expr, say);
  return copied ? filled(say, "inspector.copied", { ...copied, made }) : made;
}

/** @param {Expr} pick @param {Say} say */
const contested = (pick, say) => filled(say, `inspector.${contest(pick).word}`, { count: contest(pick).count });

/** @param {Expr} sum @param {Say} say */
function added({ terms = [] }, say) {
  const count = terms.filter(({ expr }) => expr.op === "*").length;
  const cells = terms.flatMap(({ expr: { op, cell } }) => (op !== "*" && cell) || []);
  const others = cells.map((cell) => nameOf(cell.array, cell.flat));
  if (count && count === terms.length) return filled(say, "inspector.products", { count });
  if (count && others.length <= 2 && count + others.length === terms.length)
    return filled(say, "inspector.products.and", { count, rest: others.join(", ") });
  return filled(say, "inspector.numbers", { count: terms.length });
}

/** @param {Expr|undefined} expr @param {Say} say */
function computed(expr, say) {
  const names = new Set((expr ? cellsOf(expr) : []).map((cell) => nameOf(cell.array, cell.flat)));
  return names.size ? filled(say, "inspector.from", { cells: [...names].join(", ") }) : say("inspector.worked");
}

/** So many of something: one has words of its own. @param {Say} say @param {string} key @param {number} count */
export const counted = (say, key, count) => (count === 1 ? say(`${key}.one`) : filled(say, key, { count }));

/** A sentence with its values put in.
 * @param {Say} say @param {string} key @param {Record<string, string|number>} [values] */
export function filled(say, key, values = {}) {
  return say(key).replace(/\{(\w+)\}/g, (_, /** @type {string} */ name) => String(values[name]));
}
