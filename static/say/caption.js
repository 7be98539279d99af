// @ts-check
// What is said of a step, with its own numbers: a caption may name loop variables, {wrong}, and cells at the index
// that one of them holds, {error[first]}. It knows the steps of a trace, and neither page nor layer.

import { nameOf } from "./cell.js";
import { about } from "./look.js";
import { tidy } from "../why/decimal.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Say } from "./describe.js" */
/** A stretch of a caption; one that names a cell has the moment at which its number was written.
 * @typedef {{text: string, cell?: string, moment?: number}} Piece */

const NAMED = /\{(?:(\w+)\[(\w+)\]|(\w+))\}/g;

/** The caption of the step that ends after k steps. @param {Trace} trace @param {number} k @param {Say} say
 * @returns {Piece[]} */
export function captionOf(trace, k, say) {
  const step = trace.steps[k - 1];
  const text = say(trace.header.captions[step.caption]);
  const bound = new Map(trace.sceneAt(k).arrays);
  /** @type {Piece[]} */ const pieces = [];
  let told = 0;
  for (const { 0: whole, index, 1: array, 2: at, 3: name } of text.matchAll(NAMED)) {
    pieces.push({ text: text.slice(told, index) });
    told = index + whole.length;
    if (name) pieces.push({ text: String(step.loop[name]) });
    else pieces.push(...cellOf(trace, k, trace.byName.get(bound.get(array) ?? ""), step.loop[at]));
  }
  return [...pieces, { text: text.slice(told) }].filter((piece) => piece.text);
}

/** A cell by its name, and the number that it has after k steps.
 * @param {Trace} trace @param {number} k @param {NamedArray|undefined} array @param {number|number[]} index
 * @returns {Piece[]} */
function cellOf(trace, k, array, index) {
  if (!array) return [];
  const flat = [index].flat().reduce((sum, at, axis) => sum + at * array.strides[axis], 0);
  const { accesses } = trace;
  const write = accesses.lastWrite(array, flat, accesses.upTo(k));
  const value = write?.written(flat) ?? array.start[flat];
  const [name, number] = [nameOf(array, flat), about(tidy(value))];
  return [write ? { text: name, cell: `${array.name}:${flat}`, moment: write.step + 1 } : { text: name },
    { text: number.startsWith("≈") ? ` ${number}` : ` = ${number}` }]; // prettier-ignore
}
