// @ts-check
// What a call around numbers does to them, as in c(1, 2), and a method behind them, as in tensor([1, 2]).float(): most
// leave them as they are, some lay them out anew, R's by columns. What is not here is refused, since sqrt([1, 4]),
// zeros(2, 2) and .T make other arrays.

import { isRow, laidOut, product, shapeOf, transposed } from "./nested.js";

/** @import { Nested } from "./nested.js" */
/** @typedef {{name: string, given: Nested[], words: Map<string, Nested>}} Call what stands between its brackets:
 *   values, and what bears a name, which is undefined where it does not matter */

/** @param {string} words */
const setOf = (words) => new Set(words.split(/\s+/));

const HOLDERS = setOf(`array asarray as_array Array DeviceArray ArrayImpl ndarray NDArray matrix Matrix mat list tuple
  constant Variable Parameter OrderedDict dict tensor as_tensor to_tensor convert_to_tensor EagerTensor`);
const TENSOR = /^(?:Float|Double|Half|BFloat16|Int|Long|Short|Byte)?Tensor$/;
const TYPED_ARRAY = /^(?:Float|Int|Uint)(?:8|16|32|64)(?:Clamped)?Array$/;
const BITS = "(8|16|32|64|128)?_?";
const TYPE = new RegExp(`^(?:(u?int)(?:[cp]|${BITS})|(?:float|double|bfloat|half|single|longdouble)${BITS})$`);
const ASIDE = setOf(`dtype device grad_fn requires_grad shape size name copy weak_type trainable layout path place
  order subok pin_memory stop_gradient numpy value data`); // words that change no number
const OF_R = setOf("dim .Dim nrow ncol byrow dimnames data");

/** What a call comes to; undefined if that is not known. @param {Call} call @returns {Nested|undefined} */
export function called({ name, given, words }) {
  const [first] = given;
  const value = first ?? words.get("data") ?? words.get("value");
  const word = name.replace(/.*[.:]/, "");
  const isOf = (/** @type {Set<string>} */ known) => [...words.keys()].every((each) => known.has(each));
  const areLists = given.length > 0 && given.every(Array.isArray);
  if (!words.size) {
    if (TYPE.test(word)) return given.length === 1 && isOfType(word, first) ? first : undefined;
    if (name === "c") return given.flat(Infinity);
    if ((name === "rbind" || (name === "matrix" && given.length > 1)) && areLists) return given; // R, Maxima
    if (name === "cbind" && areLists && given.every(({ length }) => length === first.length)) return transposed(given);
  }
  const dims = words.get("dim") ?? words.get(".Dim");
  if (/^(array|structure)$/.test(name) && dims && isOf(OF_R)) return byColumns(value, dims);
  if (name === "matrix" && isOf(OF_R) && words.size + given.length > 1) return ofMatrix(value, given.slice(1), words);
  if (!(HOLDERS.has(word) || TENSOR.test(word) || TYPED_ARRAY.test(word)) || !isOf(ASIDE)) return undefined;
  if (given.length > 1) return /^(list|tuple)$/.test(word) ? given : undefined; // Tensor(2, 3) are sizes
  return value;
}

/** Whether numbers stay what they are as those of a type. @param {string} type @param {Nested} value */
function isOfType(type, value) {
  const [, whole, bits] = TYPE.exec(type) ?? [];
  if (!whole) return true;
  const span = 2 ** (Number(bits) || 64);
  const low = whole === "int" ? -span / 2 : 0;
  return [value].flat(Infinity).every((each) => Number.isInteger(each) && low <= each && each < low + span);
}

/** R's matrix(c(1, 2, 3, 4), nrow = 2). @param {Nested} value @param {Nested[]} more @param {Call["words"]} words */
function ofMatrix(value, more, words) {
  if (!isRow(value)) return undefined;
  const [tall = words.get("nrow"), wide = words.get("ncol")] = more;
  const rows = tall ?? value.length / (wide ?? value.length);
  const sizes = [rows, wide ?? value.length / rows];
  return /^(TRUE|T)$/.test(words.get("byrow")) ? laidOut(value, sizes) : byColumns(value, sizes);
}

/** Numbers that fill rows first, then columns, then maps, as R and Fortran count: maps come first here.
 * @param {Nested} value @param {Nested} dims */
function byColumns(value, dims) {
  if (!isRow(value)) return undefined;
  const [rows, columns, ...outer] = [dims].flat();
  if (columns === undefined) return laidOut(value, [rows]);
  const maps = laidOut(value, [product(outer), columns, rows])?.map(transposed);
  return maps && laidOut(maps, outer.reverse());
}

// --- methods --------------------------------------------------------------------------------------------------------

const LEAVES = setOf("float double cuda cpu numpy detach clone contiguous copy tolist requires_grad_");
const KIND = /(?:(?:np|numpy|torch|tf|jnp)\.)?(?:float|float32|float64|double)|(?:self\.)?device|dtype|[=,]/;
const CAST = new RegExp(`^(?:${KIND.source}|["'](?:float32|float64|cuda(?::\\d+)?|cpu|mps)["'])$`);

/** What a method makes of an array; undefined if that is not known. @param {Nested} value @param {string} name
 * @param {string[]} given the tokens between its brackets @returns {Nested|undefined} */
export function moved(value, name, given) {
  if (LEAVES.has(name)) return /^(?:True|False|\d*)$/.test(given.join("")) ? value : undefined;
  const isCast = given.length > 0 && given.every((each) => CAST.test(each));
  if (/^(?:astype|to|type)$/.test(name)) return isCast ? value : undefined;
  const sizes = given.filter((word) => !/^[()[\],]$/.test(word)).map(Number);
  if (!Array.isArray(value) || !sizes.length) return undefined;
  if (name === "unsqueeze") return sizes.join() === "0" ? [value] : undefined;
  if (!/^(?:reshape|view)$/.test(name)) return undefined;
  shapeOf(value); // refuses what is no array
  const cells = value.flat(Infinity);
  const open = sizes.indexOf(-1); // the size that follows from the others
  if (open >= 0) sizes[open] = -cells.length / product(sizes);
  return laidOut(cells, sizes);
}
