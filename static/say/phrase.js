// @ts-check
// An expression as a line of text, with the names of its cells or with the numbers in them. It knows expressions, and
// nothing of the page: a line is a list of pieces, which a view puts on the screen.

import { nameOf } from "./cell.js";
import { readNumber } from "../why/decimal.js";
import { evaluate } from "../why/expression.js";
import { counted } from "./describe.js";
import { exact, short } from "./look.js";

/** @import { Say } from "./describe.js" */
/** @import { Expr, Term } from "../why/expression.js" */
/** rounded: a number of which not all digits are told; quiet: words among the numbers; code: a word of the programming
 * language. @typedef {{text: string, rounded?: boolean, quiet?: boolean, code?: boolean}} Piece */
/** names: the cells' names in place of their numbers; all: the terms that are zero as well; most: how many terms of a
 * sum are told. @typedef {{names: boolean, all: boolean, most: number, say: Say}} Manner */

const ROOM = 9; // characters of a number

const SIGNS = /** @type {Record<string, string>} */ ({
  "*": "·", "**": "^", "/": " / ", "<": " < ", ">": " > ", "<=": " ≤ ", ">=": " ≥ ", "==": " = ", "!=": " ≠ ",
  "&": " & ", "|": " | ", "//": " // ", "%": " % ",
}); // prettier-ignore

/** @type {Record<string, number>} */
const RANKS = { if: 0, "+": 3, "*": 4, "/": 4, "//": 4, "%": 4, neg: 5, "**": 6 };

/** How firmly an expression holds together: what holds less firmly than what is around it needs brackets.
 * @param {Expr} expr @param {Manner} manner */
function rankOf(expr, manner) {
  if (!expr.parts && !expr.terms) return !manner.names && Number(evaluate(expr)) < 0 ? 2 : 9;
  return RANKS[expr.op] ?? (expr.op === "call" ? 9 : 1);
}

/** A number, told in full or in what fits. @param {number} value @returns {Piece} */
export function number(value) {
  const { text, rounded } = short(value, ROOM);
  return rounded ? { text, rounded } : { text: exact(value) };
}

const code = (/** @type {string} */ text) => ({ text, code: true });

/** A name that stays on one line. @param {string} name */
const unbroken = (name) => name.replaceAll(" ", "\u00a0");

/** An expression as a line. @param {Expr} expr @param {Manner} manner @param {number} [least] the rank below which it
 * needs brackets @returns {Piece[]} */
export function phrase(expr, manner, least = 0) {
  const pieces = bare(expr, manner);
  return rankOf(expr, manner) < least ? [{ text: "(" }, ...pieces, { text: ")" }] : pieces;
}

/** @param {Expr} expr @param {Manner} manner @returns {Piece[]} */
function bare(expr, manner) {
  if (expr.terms) return sum(expr.terms, manner);
  if (expr.op === "array" && expr.cell) return [{ text: expr.cell.array.name }];
  if (expr.cell && manner.names) return [{ text: unbroken(nameOf(expr.cell.array, expr.cell.flat)) }];
  if (expr.cell) return [number(readNumber(expr.cell))];
  if (!expr.parts && (expr.value === undefined || (manner.names && expr.text))) return [{ text: expr.text ?? "" }];
  if (!expr.parts) return [number(Number(expr.value))];
  const [a, b, c] = expr.parts;
  const rank = RANKS[expr.op] ?? 1;
  switch (expr.op) {
    case "neg":
      return [{ text: "−" }, ...phrase(a, manner, 6)];
    case "if":
      return [...phrase(b, manner, 1), code(" if "), ...phrase(a, manner, 1), code(" else "), ...phrase(c, manner, 1)];
    case "call": {
      const inner = expr.parts.flatMap((part, at) => [...(at ? [{ text: ", " }] : []), ...phrase(part, manner)]);
      return [{ text: `${(expr.text ?? "").replace("imum", "")}(` }, ...inner, { text: ")" }];
    }
    default:
      return [...phrase(a, manner, rank), { text: SIGNS[expr.op] ?? expr.op }, ...phrase(b, manner, rank + 1)];
  }
}

/** A line without marks. @param {Piece[]} pieces */
export const plainly = (pieces) => pieces.map(({ text }) => text).join("");

/** @param {Term[]} terms */
const areProducts = (terms) => terms.some(({ expr }) => expr.op === "*");

/** The terms that are only counted: those of zero, but for lone numbers among products. @param {Term[]} terms */
export function zerosIn(terms) {
  const hasProducts = areProducts(terms);
  return new Set(terms.filter(({ expr }) => evaluate(expr) === 0 && (expr.op === "*" || !hasProducts)));
}

/** The terms of a sum. Those that are zero are only counted, unless all are wanted; so are those beyond so many.
 * @param {Term[]} terms @param {Manner} manner @returns {Piece[]} */
function sum(terms, manner) {
  const zeros = manner.all ? new Set() : zerosIn(terms);
  const worth = terms.filter((term) => !zeros.has(term));
  /** @type {Piece[]} */ const pieces = [];
  for (const { minus, expr } of worth.slice(0, manner.most)) {
    // 3 + (−2) is told as 3 − 2.
    const value = expr.cell && !manner.names ? readNumber(expr.cell) : 0;
    const turned = pieces.length > 0 && value < 0;
    if (pieces.length || minus) pieces.push({ text: minus !== turned ? (pieces.length ? " − " : "−") : " + " });
    pieces.push(...(turned ? [number(-value)] : phrase(expr, manner, minus ? 4 : pieces.length ? 3 : 0)));
  }
  const key = areProducts(terms) ? "inspector.zeros" : "inspector.zeros.plain";
  const rest = { "inspector.more": worth.length - manner.most, [key]: zeros.size };
  for (const [key, count] of Object.entries(rest)) {
    if (count <= 0) continue;
    const text = counted(manner.say, key, count);
    pieces.push(...(pieces.length ? [{ text: " + " }] : []), { text, quiet: true });
  }
  return pieces;
}
