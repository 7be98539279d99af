// @ts-check
// Reads one array as NumPy saves it (.npy, versions 1 to 3): a header, which is read by rules and never evaluated, and
// the numbers behind it. What is no array of numbers is refused. It knows no page.

import { CELLS } from "../paste/many.js";
import { Refused } from "./refused.js";

/** @typedef {{shape: number[], cells: number[]}} Matrix the cells in row-major order */

const HEADER = 10000; // bytes, as NumPy has it too
const WORD = 64; // letters, of a text that is read: settings have shorter names for what they can be

/** @type {Record<string, (view: DataView, at: number, little: boolean) => number>} */
const NUMBERS = {
  b1: (view, at) => Number(view.getUint8(at) !== 0),
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => exactly(view.getBigInt64(at, little)),
  u8: (view, at, little) => exactly(view.getBigUint64(at, little)),
  f2: (view, at, little) => half(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** @param {Uint8Array} bytes of the whole file @param {number} [most] cells @returns {Matrix} */
export function npy(bytes, most = CELLS) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6];
  if (bytes.length < 12 || String.fromCharCode(...bytes.slice(0, 6)) !== "\x93NUMPY" || version < 1 || version > 3)
    throw new Refused("header");
  const [from, length] = version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (length > HEADER || from + length > bytes.length) throw new Refused("header");
  const { kind, dtype, little, fortran, shape } = header(
    new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(bytes.subarray(from, from + length)),
  );
  if (!NUMBERS[kind]) {
    const word = wordIn(bytes.subarray(from + length), kind, little);
    throw Object.assign(new Refused("dtype", { dtype }), { word: shape.join() === "1" ? word : undefined });
  }
  const count = shape.reduce((all, size) => all * size, 1);
  if (!Number.isSafeInteger(count)) throw new Refused("header"); // no memory holds as many
  if (count > most) throw new Refused("cells", { cells: count, most });
  if (!count) throw new Refused("nothing");
  const [read, size] = [NUMBERS[kind], Number(kind[1])];
  if (from + length + count * size > bytes.length) throw new Refused("cut");
  const cells = Array.from({ length: count }, (_, at) => read(view, from + length + at * size, little));
  return { shape, cells: fortran ? inRows(cells, shape) : cells };
}

/** What a header says: `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`. @param {string} text */
function header(text) {
  const pairs = /\s*'(descr|fortran_order|shape)'\s*:\s*('[^']*'|True|False|\([\d,\sL]*\)|\[[^]*\])\s*(?:,|(?=\}))/y;
  /** @type {Record<string, string>} */ const said = {};
  let at = (/^\s*\{/.exec(text) ?? [""])[0].length;
  while (at) {
    pairs.lastIndex = at;
    const [whole, name, value] = pairs.exec(text) ?? [""];
    if (!whole) break;
    said[name] = value;
    at += whole.length;
  }
  const { descr, fortran_order: order, shape: sizes } = said;
  const isWhole =
    at && /^\s*\}\s*$/.test(text.slice(at)) && descr && /^(True|False)$/.test(order) && sizes?.[0] === "(";
  if (!isWhole) throw new Refused("header");
  const type = /^'([<>|=]?)(\w\d*)'$/.exec(descr);
  if (type?.[2][0] === "O") throw new Refused("objects");
  const dtype = descr.replaceAll("'", "");
  if (!type) throw new Refused("dtype", { dtype });
  const shape = (sizes.match(/\d+/g) ?? []).map(Number);
  return {
    kind: type[2],
    dtype,
    little: type[1] !== ">",
    fortran: order === "True",
    shape: shape.length ? shape : [1],
  };
}

/** A short text, as NumPy has it: in four bytes a letter, or in one.
 * @param {Uint8Array} bytes @param {string} kind such as U4 @param {boolean} little */
function wordIn(bytes, kind, little) {
  const [wide, letters] = [{ U: 4, S: 1 }[kind[0]] ?? 0, Number(kind.slice(1))];
  if (!wide || letters > WORD || bytes.length < wide * letters) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, wide * letters);
  const codes = Array.from({ length: letters }, (_, at) =>
    wide === 4 ? view.getUint32(4 * at, little) : view.getUint8(at),
  );
  const isText = codes.every((code) => code < 0x80);
  return isText ? String.fromCharCode(...codes.filter(Boolean)) : undefined;
}

/** Numbers in row-major order of which the first axis was the fastest.
 * @param {number[]} cells @param {number[]} shape */
function inRows(cells, shape) {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((all, size) => all * size, 1));
  const index = shape.map(() => 0);
  return cells.map(() => {
    const cell = cells[index.reduce((from, place, axis) => from + place * strides[axis], 0)];
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
    return cell;
  });
}

/** A whole number of 64 bits, of which not every one beyond 2**53 can be held. @param {bigint} whole */
function exactly(whole) {
  const near = BigInt(Number(whole));
  if (near !== whole) throw new Refused("rounded", { what: String(whole), near: String(near) });
  return Number(whole);
}

/** A number of 16 bits: a sign, 5 bits of a power of two, 10 of a fraction. @param {number} bits */
function half(bits) {
  const [sign, power, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, (bits & 1023) / 1024];
  if (power === 31) return fraction ? NaN : sign * Infinity;
  return sign * (power ? 2 ** (power - 15) * (1 + fraction) : 2 ** -14 * fraction);
}
