// @ts-check
// What a call around numbers does to them: most hold them as they are, R's lay them out by columns. A function that is
// not here is refused: sqrt([1, 4]) and zeros(2, 2) hold numbers that are not the array's.

import { numeral } from "./numeral.js";

/** @typedef {import("./nested.js").Nested} Nested */
/** @typedef {{name: string, given: Nested[], words: Map<string, Nested>}} Call what stands between its brackets: values,
 *   and what bears a name, which is undefined where it does not matter */

const HOLDS = new RegExp(`(^|[.:])(${[
  "(as)?array", "(as_)?tensor", "((Float|Double|Half|BFloat16|Int|Long|Short|Byte)?Tensor)", "EagerTensor", "constant",
  "(convert_)?to_tensor", "Variable", "Parameter", "Array", "DeviceArray", "ArrayImpl", "[Mm]atrix", "ndarray", "NDArray", "list",
  "tuple", "mat", "OrderedDict", "dict", "(Float|Int|Uint)(8|16|32|64)(Clamped)?Array",
].join("|")})$`); // prettier-ignore
const SCALAR = /(^|[.:])(float|double|u?int|bfloat|half|single|longdouble|intc|intp)(8|16|32|64|128)?_?$/;
const WORDS = /^(dtype|device|grad_fn|requires_grad|shape|size|name|copy|weak_type|trainable|layout|path|place|order|subok|pin_memory|stop_gradient|numpy|value|data)$/;
const OF_R = /^(dim|\.Dim|nrow|ncol|byrow|dimnames|data)$/;

/** What a call comes to; undefined if that is not known. @param {Call} call @returns {Nested|undefined} */
export function called({ name, given, words }) {
  const [first] = given;
  const value = first ?? words.get("data") ?? words.get("value");
  const isOf = (/** @type {RegExp} */ known) => [...words.keys()].every((word) => known.test(word));
  if (/^(?:np\.)?u?int\d+$/.test(name) && !words.size && given.length === 1 && Array.isArray(first)) return isWhole(name, first) ? first : undefined; // prettier-ignore
  if (SCALAR.test(name)) return given.length === 1 && (typeof first === "number" || !/int/.test(name)) && !words.size ? first : undefined; // prettier-ignore
  if (name === "c" && !words.size) return given.flat(Infinity);
  if (/^(rbind|matrix)$/.test(name) && !words.size && given.length > 1 && given.every(Array.isArray)) return given; // R, Maxima
  if (name === "rbind") return undefined;
  if (name === "cbind" && !words.size) return given.every(Array.isArray) && given.every((each) => each.length === first.length) ? first.map((/** @type {any} */ _, /** @type {number} */ at) => given.map((each) => each[at])) : undefined; // prettier-ignore
  const dims = words.get("dim") ?? words.get(".Dim");
  if (/^(array|structure)$/.test(name) && dims && isOf(OF_R)) return byColumns(value, dims);
  if (name === "matrix" && isOf(OF_R) && (words.size || given.length > 1)) return matrixOfR(value, given.slice(1), words);
  if (!HOLDS.test(name) || !isOf(WORDS) || value === undefined) return undefined;
  if (given.length > 1) return /(^|\.)(list|tuple)$/.test(name) ? given : undefined; // Tensor(2, 3) are sizes
  return value;
}

/** Whether numbers stay what they are as whole ones of so many bits. @param {string} name @param {Nested} value */
function isWhole(name, value) {
  const isBelow = name.includes("uint");
  const bits = Number(name.match(/\d+/)) - (isBelow ? 0 : 1);
  return value.flat(Infinity).every((/** @type {any} */ each) => Number.isInteger(each) && each >= (isBelow ? 0 : -(2 ** bits)) && each < 2 ** bits);
}

/** R's matrix(c(1, 2, 3, 4), nrow = 2). @param {Nested} value @param {Nested[]} more @param {Map<string, Nested>} words */
function matrixOfR(value, more, words) {
  if (!Array.isArray(value) || !value.every((each) => typeof each === "number")) return undefined;
  const [tall = words.get("nrow"), wide = words.get("ncol")] = more;
  const rows = tall ?? value.length / (wide ?? value.length);
  const byrow = /^(TRUE|T)$/.test(words.get("byrow") ?? "");
  const columns = wide ?? value.length / rows;
  if (!byrow) return byColumns(value, [rows, columns]);
  return rows * columns === value.length ? byColumns(value, [columns, rows], true) : undefined;
}

/** Numbers that fill rows first, then columns, then maps, as R and Fortran count: maps come first here.
 * @param {Nested} value @param {Nested} dims @param {boolean} [turned] whether columns are filled before rows */
function byColumns(value, dims, turned = false) {
  const sizes = /** @type {number[]} */ ([dims].flat());
  const isFlat = Array.isArray(value) && value.every((each) => typeof each === "number");
  if (!isFlat || !sizes.every((size) => Number.isInteger(size) && size > 0)) return undefined;
  if (sizes.reduce((all, size) => all * size, 1) !== value.length) return undefined;
  const [rows, columns = 1, ...outer] = sizes;
  if (sizes.length === 1) return value;
  /** @param {number} axis @param {number} from @returns {Nested} */
  const part = (axis, from) => {
    if (axis >= 0) {
      const apart = outer.slice(0, axis).reduce((all, size) => all * size, rows * columns);
      return Array.from({ length: outer[axis] }, (_, at) => part(axis - 1, from + at * apart));
    }
    const [tall, wide] = turned ? [columns, rows] : [rows, columns];
    return Array.from({ length: tall }, (_, y) => Array.from({ length: wide }, (_, x) => value[from + (turned ? y * wide + x : x * tall + y)])); // prettier-ignore
  };
  return part(outer.length - 1, 0);
}

/** A number as code writes it: with C's and Java's f, R's L, Mathematica's mark of precision, but no octal 010.
 * @param {string} word */
export function literal(word) {
  const bare = word.replace(/`[\d.]*(?=$|\*\^)/, "").replace(/(?<=[\d.])_(?:[dsqw]p|rk|real(?:32|64|128))$/, "").replace(/(?<=[\d.])(?:[fFlLdD]|_?f(?:32|64))$/, "");
  return /['\u00a0 ]|^[+-]?0\d/.test(bare) ? undefined : numeral(bare) === undefined ? undefined : bare;
}
