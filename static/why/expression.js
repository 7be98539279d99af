// @ts-check
// An expression of a statement, with the cells that it read: what it comes to, and what it is made of. It knows no
// trace and no page.

/** @import { NamedArray } from "../run/trace.js" */

/** What a cell held before an access, by the access's number.
 * @typedef {{array: NamedArray, flat: number, value: number, before: number}} CellRead */
/** What stood in a scratch array: the result of an expression, from a moment on.
 * @typedef {{array: NamedArray, flat: number, value: number, moment: number}} Stood */
/** @typedef {{minus: boolean, expr: Expr}} Term */
/** @typedef {{op: string, cell?: CellRead, via?: Stood, value?: number, text?: string, parts?: Expr[], terms?: Term[],
 *   over?: NamedArray, among?: Expr[]}} Expr
 *   - cell: one that was read; pick: one that was chosen among others; number; name, with its value if it is known
 *   - +: terms, the cells of the array `over` if it sums up those; any other operator, neg, if, call: its parts
 *   - text: what has no tree; array: one that was taken as a whole */

const FUNCTIONS = /** @type {Record<string, (...numbers: number[]) => number>} */ ({
  maximum: Math.max, minimum: Math.min, max: Math.max, min: Math.min, abs: Math.abs,
  exp: Math.exp, log: Math.log, tanh: Math.tanh, sqrt: Math.sqrt, neg: (a) => -a,
  "*": (a, b) => a * b, "/": (a, b) => a / b, "**": (a, b) => a ** b,
  "<": (a, b) => +(a < b), ">": (a, b) => +(a > b), "<=": (a, b) => +(a <= b), ">=": (a, b) => +(a >= b),
  "==": (a, b) => +(a === b), "!=": (a, b) => +(a !== b), if: (test, one, other) => (test ? one : other),
}); // prettier-ignore

/** The number that an expression comes to: what was recorded, where it stood in a cell; undefined where none is known.
 * @param {Expr} expr @returns {number|undefined} */
export function evaluate(expr) {
  if (expr.via) return expr.via.value;
  const inner = expr.terms?.map((term) => term.expr) ?? expr.parts;
  if (!inner) return expr.cell?.value ?? expr.value;
  const values = /** @type {number[]} */ (inner.map(evaluate));
  if (values.includes(/** @type {any} */ (undefined))) return undefined;
  if (expr.terms) return expr.terms.reduce((total, { minus }, at) => total + (minus ? -values[at] : values[at]), 0);
  const name = expr.op === "call" ? (expr.text ?? "") : expr.op;
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name](...values) : undefined;
}

/** Every cell in an expression, from left to right. @param {Expr} expr @returns {CellRead[]} */
export function cellsOf(expr) {
  if (expr.cell && expr.op !== "array") return [expr.cell];
  return (expr.terms?.map((term) => term.expr) ?? expr.parts ?? []).flatMap(cellsOf);
}

/** One sum of some terms. @param {Term[]} terms @returns {Expr} */
export function summed(terms) {
  if (terms.length === 1 && !terms[0].minus) return terms[0].expr;
  // A sum within a sum is one sum, unless it stood in a cell of its own.
  const isOpen = (/** @type {Term} */ { minus, expr }) => expr.op === "+" && !expr.via && !minus;
  return {
    op: "+",
    terms: terms.flatMap((term) => (isOpen(term) ? (term.expr.terms ?? []) : [term])),
    over: terms.map(({ expr }) => expr.over).find(Boolean),
  };
}

/** The sum that makes an expression worth a list, all of it or a part: of a scratch array, or of more than two terms.
 * @param {Expr} expr @returns {Expr|undefined} */
export function sumIn(expr) {
  if (expr.terms && (expr.over || expr.terms.length > 2)) return expr;
  return expr.parts?.map((part) => (part.via ? undefined : sumIn(part))).find(Boolean);
}

/** Where an expression's number stood: the scratch cell, or else the cell that was read. @param {Expr} expr */
export const cellOf = ({ via, cell }) => via ?? cell;

/** How a contest ended, seen from its winner: its place among those that took part, and how many are equal to it.
 * @param {Expr} pick */
export function contest(pick) {
  const winner = Number(pick.cell?.value);
  const among = pick.among ?? [];
  const values = among.map((each) => Number(each.cell?.value));
  const same = (/** @type {number} */ value) => Object.is(value, winner) || value === winner;
  const at = among.findIndex((each) => cellOf(each)?.flat === (each.via ? pick.via : pick.cell)?.flat);
  const word = values.every((value) => value <= winner || Number.isNaN(winner)) ? "largest"
    : values.every((value) => value >= winner) ? "smallest" : "one"; // prettier-ignore
  const equal = values.filter(same).length;
  return { at, count: values.length, equal, first: values.findIndex(same) === at, word };
}
