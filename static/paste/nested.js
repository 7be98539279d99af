// @ts-check
// Numbers in lists in lists, as they are read from brackets, and the arrays that they make.

import { Unreadable } from "./unreadable.js";

/** @typedef {import("./unreadable.js").Matrix} Matrix */
/** @typedef {any} Nested a number, or a list of nested ones; or Entries, which are no array */

/** Arrays with names, in one pair of brackets. */
export class Entries {
  /** @param {{name: string, value: Nested}[]} all */
  constructor(all) {
    this.all = all;
  }

  /** Arrays by their places, and those that have names by these. @param {Nested[]} values */
  static of(values) {
    return new Entries(values.flatMap((value, at) => (value instanceof Entries ? value.all : [{ name: `[${at}]`, value }])));
  }
}

/** Numbers in the parts that end where lines did. @param {Nested[]} row @param {number[]} ends */
export function split(row, ends) {
  const stops = [...ends, row.length];
  return stops.map((stop, at) => row.slice(at ? stops[at - 1] : 0, stop)).filter((part) => part.length);
}

/** Refuse numbers that are not as many as the text says. @param {number[]} printed @param {number[]} found */
export function agree(printed, found) {
  if (printed.join() !== found.join() && !(printed.length === 0 && found.join() === "1"))
    throw new Unreadable("shape", { printed: printed.join("×") || "1", found: found.join("×") || "1" });
}

/** @param {Nested} nested @returns {Matrix} */
export function matrixOf(nested) {
  const shape = shapeOf(nested);
  return { shape, cells: nested.flat(Infinity) };
}

/** @param {Nested} nested lists of numbers @returns {number[]} */
export function shapeOf(nested) {
  if (nested instanceof Entries) throw new Unreadable("maps");
  if (!Array.isArray(nested)) return [];
  const [first, ...others] = nested.map(shapeOf);
  const other = others.find((shape) => shape.join() !== first.join());
  if (!first) throw new Unreadable("nothing");
  if (other) throw first.length === 1 && other.length === 1
    ? new Unreadable("ragged", { cells: other[0], wanted: first[0] }) : new Unreadable("maps"); // prettier-ignore
  return [nested.length, ...first];
}
