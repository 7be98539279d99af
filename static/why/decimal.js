// @ts-check
// What an expression comes to in decimals, without the rounding of binary numbers. It knows expressions, and no page.
//
// 0.532·1.083 + 0.788·0.383 is 0.87796; a computer, which adds in binary, has 0.8779600000000001. The rule:
//
//   - A given number is shown by the fewest digits that tell it from its neighbours: just what was typed.
//   - A result is shown as what its shown terms come to in exact decimals, if that has at most 15 digits and lies no
//     further from the recorded number than the rounding of so many operations can take it; else as it was recorded.
//   - A computed number among the terms, or one whose terms are not known, is shown with at most 12 digits where those
//     are no further from it than a few of the last bit: 0.30000000000000004 is 0.3, while 0.1000000000000023 stays.
//   - Only what adds, subtracts, multiplies, divides by a whole number, or chooses is done in decimals: a difference
//     over a tiny step, an exponential or a root is shown as recorded.
//
// The recorded number stands in full beside it, in the inspector's notes, wherever it is another one.

import { digitsOf } from "../page/digits.js";
import { evaluate } from "./expression.js";

/** @import { Derivation } from "./derivation.js" */
/** @import { CellRead, Expr } from "./expression.js" */
/** digits · 10^-scale; slack is how far from it rounding can take the recorded number.
 * @typedef {{digits: bigint, scale: number, slack: number}} Decimal */

const DIGITS = 15; // that every decimal keeps when it becomes a binary number and a decimal again
const TIDY = 12; // digits of a number that is taken for what rounding has made of it
const BITS = 4; // units in the last place that rounding may have taken it away
const SPREAD = 60; // powers of ten between two numbers, beyond which no sum of them has few digits
const PLACES = 20; // of a quotient

/** How many digits there are between the first and the last that is not zero. @param {string} text of a number */
const digitsIn = (text) => text.replace(/e.*|[-.]/g, "").replace(/^0+|0+$/g, "").length;

/** A computed number without what a few roundings have made of its last digits. @param {number} value */
export function tidy(value) {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value;
  const near = Number(value.toPrecision(DIGITS));
  const isNear = Math.abs(near - value) <= BITS * Number.EPSILON * Math.abs(value);
  return isNear && digitsIn(String(near)) <= TIDY ? near : value;
}

/** @param {number} value @param {number} slack @returns {Decimal|undefined} */
function decimal(value, slack) {
  if (!Number.isFinite(value)) return undefined;
  const { digits, scale } = digitsOf(value);
  return { digits: value < 0 ? -digits : digits, scale, slack };
}

/** @param {Decimal} one */
const size = ({ digits, scale }) => Math.abs(Number(`${digits}e${-scale}`));

/** @param {Decimal} one @param {Decimal} other @param {bigint} sign of the other @returns {Decimal|undefined} */
function plus(one, other, sign) {
  if (Math.abs(one.scale - other.scale) > SPREAD && one.digits && other.digits) return undefined;
  const scale = Math.max(one.scale, other.scale);
  const raised = (/** @type {Decimal} */ each) => (each.digits ? each.digits * 10n ** BigInt(scale - each.scale) : 0n);
  return { digits: raised(one) + sign * raised(other), scale, slack: one.slack + other.slack };
}

/** @param {Decimal} one @param {Decimal} other @returns {Decimal} */
const times = (one, other) => ({
  digits: one.digits * other.digits,
  scale: one.scale + other.scale,
  slack: size(one) * other.slack + size(other) * one.slack + Number.EPSILON * size(one) * size(other),
});

/** @param {Decimal} one @param {number} count @returns {Decimal|undefined} where the quotient ends */
function shared(one, count) {
  if (!Number.isInteger(count) || !count || Math.abs(count) > 1e9) return undefined;
  const digits = one.digits * 10n ** BigInt(PLACES);
  if (digits % BigInt(count)) return undefined;
  const slack = one.slack / Math.abs(count) + (Number.EPSILON * size(one)) / Math.abs(count);
  return { digits: digits / BigInt(count), scale: one.scale + PLACES, slack };
}

/** A sum as it grows, term by term: in decimals, and as a computer has it. */
export class Sum {
  /** @type {Decimal|undefined} */ #exact = { digits: 0n, scale: 0, slack: 0 };
  #computed = 0;
  #count = 0;
  #sizes = 0; // of its terms, added up

  /** @param {Expr} expr @param {boolean} [minus] whether it is taken away */
  add(expr, minus = false) {
    const value = Number(evaluate(expr));
    const term = worth(expr);
    this.#computed += minus ? -value : value;
    this.#exact = this.#exact && term && plus(this.#exact, term, minus ? -1n : 1n);
    this.#count++;
    this.#sizes += Math.abs(value);
    return this;
  }

  /** In decimals, with as much slack as the order of its terms makes. @returns {Decimal|undefined} */
  get exact() {
    return this.#exact && { ...this.#exact, slack: this.#exact.slack + this.#count * Number.EPSILON * this.#sizes };
  }

  /** What to show of it. */
  get value() {
    return chosen(this.exact, this.#computed);
  }
}

/** What an expression comes to in decimals, where it does. @param {Expr} expr @returns {Decimal|undefined} */
function worth(expr) {
  if (expr.terms) return expr.terms.reduce((sum, { expr: term, minus }) => sum.add(term, minus), new Sum()).exact;
  if (expr.op === "array") return undefined;
  if (!expr.parts) {
    const value = Number(expr.cell ? readNumber(expr.cell) : expr.value);
    return decimal(value, (expr.cell && !expr.cell.array.known ? BITS : 1) * Number.EPSILON * Math.abs(value));
  }
  const parts = expr.parts;
  switch (expr.op === "call" ? expr.text : expr.op) {
    case "*": {
      const [one, other] = parts.map(worth);
      return one && other && times(one, other);
    }
    case "/": {
      const [one, count] = [worth(parts[0]), evaluate(parts[1])];
      return one && shared(one, Number(count));
    }
    case "neg":
    case "abs": {
      const one = worth(parts[0]);
      return one && { ...one, digits: expr.op === "neg" || one.digits < 0n ? -one.digits : one.digits };
    } // prettier-ignore
    case "if":
      return worth(parts[evaluate(parts[0]) ? 1 : 2]);
    case "maximum":
    case "max":
    case "minimum":
    case "min": {
      const made = evaluate({ ...expr, via: undefined });
      const taken = parts.find((part) => evaluate(part) === made);
      return taken && worth(taken);
    } // prettier-ignore
  }
  return undefined;
}

/** @param {Decimal|undefined} exact @param {number} recorded */
function chosen(exact, recorded) {
  if (!exact || !Number.isFinite(recorded) || digitsIn(String(exact.digits)) > DIGITS) return recorded;
  const value = Number(`${exact.digits}e${-exact.scale}`);
  return Math.abs(value - recorded) <= exact.slack ? value : recorded;
}

/** What to show of a number that was read from a cell. @param {Pick<CellRead, "array"|"value">} cell */
export const readNumber = ({ array, value }) => (array.known ? value : tidy(value));

/** What to show of an expression that comes to a number. @param {Expr} expr @param {number} [recorded] */
export const exprNumber = (expr, recorded = evaluate(expr)) => chosen(worth(expr), Number(recorded));

/** What to show of a cell's number. @param {Derivation} derivation */
export const shownNumber = ({ expr, value }) => (value === undefined ? NaN : expr ? exprNumber(expr, value) : value);
