// @ts-check
// A question about a step: what will it write, where does it read or write, which way does it change a cell. It is
// made of the recorded step and what that computed, and says nothing of how it is asked; its right answer is apart
// from it. It knows traces and derivations, and neither layers nor the page.

import { cellAt, countOf, eachCell } from "../run/box.js";
import { shownNumber } from "../why/decimal.js";
import { derivationsOf } from "../why/derivation.js";
import { cellsOf } from "../why/expression.js";
import { homeAt } from "../why/home.js";
import { indicesOf } from "../say/cell.js";

/** @import { Access, NamedArray, Trace } from "../run/trace.js" */
/** @import { Derivation } from "../why/derivation.js" */
/** @import { Expr } from "../why/expression.js" */
/** @typedef {{array: string, cell: number[]}} Spot a cell, by its index */
/** @typedef {object} Question what can be told before it is answered
 * @property {"value"|"place"|"choice"} kind a number is typed, a cell is pointed at, an option is chosen
 * @property {"value"|"change"|"winner"|"window"|"goes"|"comes"|"stamp"} asks
 * @property {number} step that is asked about, counted from 0: as many have been taken when it is asked
 * @property {string} array where the answer stands or lies
 * @property {number[]} [cell] whose number or change is asked for
 * @property {Spot} [about] what a place is asked for: what is on its way, or what is made
 * @property {string[]} [options] to choose from */
/** @typedef {{value: number, shown: number}|{flats: number[]}|{option: string}} Answer the number as it was recorded
 *   and as it is shown; the cells that are right, the one that is meant first; or the option */

export const CHANGES = ["grows", "shrinks", "stays"];

const isLasting = (/** @type {NamedArray} */ { role }) => role !== "scratch" && role !== "count";
const isPart = (/** @type {Access} */ { array, box }) => countOf(box) < array.cells.length;
const first = (/** @type {Access} */ { array, box }) => cellAt(box, array.strides, 0);

/** The write that a step is taken for, if it makes anything that lasts.
 * @param {Trace} trace @param {number} step @returns {Access|undefined} */
export const resultOf = (trace, step) =>
  trace.steps[step].accesses.findLast(({ values, array }) => values && isLasting(array));

/** How what a step writes came about. @param {Trace} trace @param {number} step @returns {Derivation|undefined} */
export function derivedAt(trace, step) {
  const write = resultOf(trace, step);
  return write && derivationsOf(trace).of(write.array.name, first(write), step + 1);
}

/** The flat index of a cell. @param {NamedArray} array @param {number[]} index */
export const flatOf = ({ strides }, index) => index.reduce((sum, at, axis) => sum + at * strides[axis], 0);

/** @param {{array: NamedArray, flat: number}} cell @returns {Spot} */
const spotOf = ({ array, flat }) => ({ array: array.name, cell: indicesOf(array, flat) });

/** Whether a scene only compares numbers that stand there already, as its declared plot says: nobody works out what
 * comes next in it. @param {Trace} trace @param {number} step */
function isCheck(trace, step) {
  const { source } = trace.sceneAt(step + 1);
  const { plot } = trace.header.sources.find((/** @type {{name: string}} */ { name }) => name === source);
  return plot?.kind === "agreement";
}

/** What there is to ask about a step. @param {Trace} trace @param {number} step @returns {Question|undefined} */
export function questionAt(trace, step) {
  if (isCheck(trace, step)) return undefined;
  const write = resultOf(trace, step);
  if (!write) return askedOfWindow(trace, step);
  const derivation = derivationsOf(trace).of(write.array.name, first(write), step + 1);
  const { kind, path, expr, filling } = derivation;
  if (filling || !expr || kind === "never") return undefined;
  const isLone = countOf(write.box) === 1;
  const isAdded = trace.steps[step].accesses.some(
    (read) => !read.values && read.array === write.array && read.box.join() === write.box.join(),
  );
  const { array } = write;
  const home = isLone && homeAt(trace, step + 1);
  if (home) return { kind: "place", asks: "goes", step, array: array.name, about: carriedBy(trace, step, array) };
  if (!isLone && isAdded) return { kind: "place", asks: "stamp", step, array: array.name, about: stampedBy(expr) };
  if (path.length) return askedOfCopy(step, write, path[0]);
  if (!isLone) return undefined;
  if (kind === "pick")
    return expr.cell && Number(expr.among?.length) > 1 && expr.among?.every(({ cell }) => cell)
      ? {
          kind: "place",
          asks: "winner",
          step,
          array: expr.cell.array.name,
          about: spotOf({ array, flat: first(write) }),
        }
      : undefined;
  if (!isTold(expr)) return undefined;
  const cell = indicesOf(array, first(write));
  const begun = trace.steps[trace.iterationAt(step + 1)].begins;
  const isHeld = array.known || trace.accesses.lastWrite(array, first(write), begun) !== undefined;
  if (isAdded && isHeld && expr.op === "+")
    return { kind: "choice", asks: "change", step, array: array.name, cell, options: CHANGES };
  return { kind: "value", asks: "value", step, array: array.name, cell };
}

/** Whether all that is computed with can be seen. @param {Expr} expr @returns {boolean} */
const isTold = (expr) =>
  expr.op !== "text" &&
  expr.op !== "array" &&
  [...(expr.parts ?? []), ...(expr.terms ?? []).map(({ expr }) => expr)].every(isTold);

/** The cell whose number a step carries on. @param {Trace} trace @param {number} step @param {NamedArray} to */
function carriedBy(trace, step, to) {
  const isSource = (/** @type {Access} */ read) => !read.values && read.array !== to && isLasting(read.array);
  const read = trace.steps[step].accesses.find(isSource);
  return read && spotOf({ array: read.array, flat: first(read) });
}

/** What is added to many cells comes from one, times those of a kernel. @param {Expr} expr */
function stampedBy(expr) {
  const cells = cellsOf(expr.terms?.at(-1)?.expr ?? expr);
  const found = cells.find(({ array }) => array.role !== "parameter") ?? cells[0];
  return found && spotOf(found);
}

/** A copy that lies elsewhere than what it is copied from: where to, or else where from.
 * @param {number} step @param {Access} write @param {{array: NamedArray, flat: number}} from
 * @returns {Question|undefined} */
function askedOfCopy(step, write, from) {
  const { array } = write;
  if (from.array.role === "scratch") return undefined;
  const [there, here] = [indicesOf(from.array, from.flat), indicesOf(array, first(write))];
  const isLone = countOf(write.box) === 1;
  if (isLone ? there.length !== here.length || there.join() === here.join() : there.join() === here.join())
    return undefined;
  if (isPart(write)) return { kind: "place", asks: "goes", step, array: array.name, about: spotOf(from) };
  return { kind: "place", asks: "comes", step, array: from.array.name, about: { array: array.name, cell: here } };
}

/** What is read into a scratch array is a window that moves.
 * @param {Trace} trace @param {number} step @returns {Question|undefined} */
function askedOfWindow(trace, step) {
  const read = windowRead(trace, step);
  return read && moveOf(trace, read) ? { kind: "place", asks: "window", step, array: read.array.name } : undefined;
}

/** The read of a window: a part of an array that lasts, taken into a scratch array.
 * @param {Trace} trace @param {number} step @returns {Access|undefined} */
export function windowRead(trace, step) {
  const { accesses } = trace.steps[step];
  if (accesses.length !== 2 || !accesses[1].values || accesses[1].array.role !== "scratch") return undefined;
  const [read] = accesses;
  const isWindow = !read.values && isLasting(read.array) && read.array.role !== "parameter";
  return isWindow && isPart(read) && countOf(read.box) > 1 ? read : undefined;
}

/** How far a window has moved since it was read last in this scene, on each axis; none, if not at all.
 * @param {Trace} trace @param {Access} read @returns {number[]|undefined} */
export function moveOf(trace, read) {
  const last = trace.accesses.lastRead(read.source, read.place, read.number);
  if (!last || last.array !== read.array || last.step < trace.sceneAt(read.step + 1).first) return undefined;
  const move = read.array.shape.map((_, axis) => read.box[3 * axis] - last.box[3 * axis]);
  return move.some(Boolean) ? move : undefined;
}

/** The right answer. @param {Trace} trace @param {Question} question @returns {Answer} */
export function answerTo(trace, { kind, asks, step, array, cell }) {
  const named = /** @type {NamedArray} */ (trace.byName.get(array));
  const write = resultOf(trace, step);
  const derivation = /** @type {Derivation} */ (derivedAt(trace, step));
  if (kind === "value") return { value: Number(derivation.value), shown: shownNumber(derivation) };
  if (kind === "choice" && write && cell) {
    const before = trace.accesses.valueBefore(named, flatOf(named, cell), write.number);
    const change = Number(derivation.value) - before;
    return { option: CHANGES[change > 0 ? 0 : change < 0 ? 1 : 2] };
  }
  if (asks === "winner") return { flats: [Number(derivation.expr?.cell?.flat)] };
  if (asks === "comes") return { flats: [derivation.path[0].flat] };
  const reach = /** @type {Access} */ (asks === "window" ? windowRead(trace, step) : write);
  return { flats: cornersOf(reach) };
}

/** The first cell of a box on each of its maps. @param {Access} access */
function cornersOf({ array, box }) {
  const [at, size] = [cellAt(box, array.strides, 0), array.shape.slice(-2).reduce((all, length) => all * length, 1)];
  /** @type {number[]} */ const found = [];
  eachCell(box, array.strides, (flat) => {
    if ((flat - at) % size === 0) found.push(flat);
  });
  return found;
}
