// @ts-check
// Methods behind an array in code, as in tensor([1, 2]).float(): those that leave its numbers as they are, and those that
// lay them out anew. Any other is refused, since .T or .mean() make other arrays.

import { shapeOf } from "./nested.js";

/** @typedef {import("./nested.js").Nested} Nested */

const LEAVES = /^(?:float|double|cuda|cpu|numpy|detach|clone|contiguous|copy|tolist|requires_grad_)$/;
const ARGUMENTS = /^(?:True|False|\d+|)$/;
const CASTS = /^(?:astype|to|type)$/;
const TYPE = /^(?:(?:np|numpy|torch|tf|jnp)\.)?(?:float|float32|float64|double)$|^["'](?:float32|float64|cuda(?::\d+)?|cpu|mps)["']$|^(?:self\.)?device$|^(?:dtype|=|,)$/;

/** What a method makes of an array; undefined if that is not known. @param {Nested} value @param {string} name
 * @param {string[]} given the tokens between its brackets @returns {Nested|undefined} */
export function moved(value, name, given) {
  if (LEAVES.test(name)) return ARGUMENTS.test(given.join("")) ? value : undefined;
  if (CASTS.test(name)) return given.length && given.every((word) => TYPE.test(word)) ? value : undefined;
  const sizes = given.filter((word) => !/^[()[\],]$/.test(word)).map(Number);
  if (!Array.isArray(value) || !sizes.length || !sizes.every(Number.isInteger)) return undefined;
  if (name === "unsqueeze") return sizes.join() === "0" ? [value] : undefined;
  return name === "reshape" || name === "view" ? laidOut(value, sizes) : undefined;
}

/** The numbers of an array in their order, in other sizes, one of which may be -1. @param {Nested} value
 * @param {number[]} sizes @returns {Nested|undefined} */
function laidOut(value, sizes) {
  shapeOf(value); // refuses what is no array
  /** @type {number[]} */ const cells = value.flat(Infinity);
  const known = sizes.filter((size) => size !== -1).reduce((all, size) => all * size, 1);
  const whole = sizes.map((size) => (size === -1 ? cells.length / known : size));
  const isWhole = sizes.filter((size) => size === -1).length < 2 && whole.every((size) => Number.isInteger(size) && size > 0);
  if (!isWhole || whole.reduce((all, size) => all * size, 1) !== cells.length) return undefined;
  return whole.slice(1).reduceRight((/** @type {Nested[]} */ parts, size) => Array.from({ length: parts.length / size }, (_, at) => parts.slice(at * size, (at + 1) * size)), cells); // prettier-ignore
}
