// @ts-check
// Numbers in lists in lists, as they are read from brackets, and the arrays that they make.

import { Unreadable } from "./unreadable.js";

/** @import { Matrix } from "./unreadable.js" */
/** @typedef {any} Nested a number, or a list of nested ones; or Entries, which are no array */

/** Arrays with names, in one pair of brackets. */
export class Entries {
  /** @param {{name: string, value: Nested}[]} all */
  constructor(all) {
    this.all = all;
  }

  /** Arrays by their places, and those that have names by these. @param {Nested[]} values */
  static of(values) {
    const entry = (/** @type {Nested} */ value, /** @type {number} */ at) => ({ name: `[${at}]`, value });
    return new Entries(values.flatMap((value, at) => (value instanceof Entries ? value.all : entry(value, at))));
  }
}

/** @param {number[]} sizes */
export const product = (sizes) => sizes.reduce((all, size) => all * size, 1);

/** @param {number[]} one @param {number[]} other */
export const isSame = (one, other) => one.join() === other.join();

/** Whether what is nested is numbers in one list. @param {Nested} nested */
export const isRow = (nested) => Array.isArray(nested) && nested.every((each) => typeof each === "number");

/** Refuse numbers that are not as many as the text says. @param {number[]} printed @param {number[]} found */
export function agree(printed, found) {
  if (!isSame(printed, found) && !(printed.length === 0 && isSame(found, [1])))
    throw new Unreadable("shape", { printed: printed.join("×") || "1", found: found.join("×") || "1" });
}

/** @param {Nested} nested @returns {Matrix} */
export const matrixOf = (nested) => ({ shape: shapeOf(nested), cells: nested.flat(Infinity) });

/** @param {Nested} nested lists of numbers @returns {number[]} */
export function shapeOf(nested) {
  if (nested instanceof Entries) throw new Unreadable("maps");
  if (!Array.isArray(nested)) return [];
  const [first, ...others] = nested.map(shapeOf);
  if (!first) throw new Unreadable("nothing");
  const other = others.find((shape) => !isSame(shape, first));
  if (other?.length === 1 && first.length === 1) throw new Unreadable("ragged", { cells: other[0], wanted: first[0] });
  if (other) throw new Unreadable("maps");
  return [nested.length, ...first];
}

/** A row in the parts that end at some places. @param {Nested[]} row @param {number[]} ends */
export function split(row, ends) {
  const stops = [...ends, row.length];
  return stops.map((stop, at) => row.slice(at ? stops[at - 1] : 0, stop)).filter((part) => part.length);
}

/** What stands in a row, in lists of these sizes; undefined if it is not as much. @param {Nested[]} row
 * @param {number[]} sizes @returns {Nested|undefined} */
export function laidOut(row, sizes) {
  if (!sizes.every((size) => Number.isInteger(size) && size > 0) || product(sizes) !== row.length) return undefined;
  const parts = sizes.slice(1).reduceRight(chunks, row);
  return sizes.length ? parts : parts[0];
}

/** @param {Nested[]} row @param {number} size */
const chunks = (row, size) =>
  Array.from({ length: row.length / size }, (_, at) => row.slice(at * size, (at + 1) * size));

/** Columns for rows. @param {Nested[][]} rows of one length @returns {Nested[][]} */
export const transposed = (rows) => rows[0].map((_, x) => rows.map((row) => row[x]));
