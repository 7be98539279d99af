// @ts-check
// An array as an address has it: as JSON while that is short, else as what takes the least room and stands for exactly its
// numbers. The forms are told in app/walks/arrays.py, which reads them. It knows no page and no layer.

/** @typedef {import("./matrix.js").Matrix} Matrix */
/** @typedef {{kind: string, bits: number, decimals: number}} Form how each number is written */

const READABLE = 400; // characters of JSON that still can be read in an address
const DECIMALS = 15; // up to here a power of ten is a float exactly, and so is each quotient the nearest one
const SIZES = [8, 16, 24, 32];

/** @param {Matrix} matrix @returns {string} */
export function address({ shape, cells }) {
  const exact = cells.map((cell) => cell + 0); // there is no negative zero
  const apart = shape.map((_, axis) => shape.slice(axis + 1).reduce((all, size) => all * size, 1));
  /** @param {number} axis @param {number} first @returns {any} */
  const nested = (axis, first) =>
    axis === shape.length ? exact[first] : Array.from({ length: shape[axis] }, (_, at) => nested(axis + 1, first + at * apart[axis]));
  const json = JSON.stringify(nested(0, 0));
  if (json.length <= READABLE) return json;
  const form = formOf(exact);
  const compact = `${nameOf(form)}:${shape.join("x")}:${inBase64(bytesOf(exact, form))}`;
  return lengthIn(compact) < lengthIn(json) ? compact : json;
}

/** How many bytes a text takes in an address, where a bracket and a comma take three each. @param {string} text */
export const lengthIn = (text) => encodeURIComponent(text).length;

/** The most decimals with which numbers fit into so many characters; undefined where not even whole numbers do.
 * @param {Matrix} matrix @param {number} room @returns {number|undefined} */
export function decimalsFor(matrix, room) {
  for (let decimals = DECIMALS; decimals >= 0; decimals--) {
    const shorter = rounded(matrix, decimals);
    if (lengthOf(shorter) <= room) return decimals;
  }
  return undefined;
}

/** The same numbers to so many decimals. @param {Matrix} matrix @param {number} decimals @returns {Matrix} */
export const rounded = ({ shape, cells }, decimals) => ({ shape, cells: cells.map((cell) => Math.round(cell * 10 ** decimals) / 10 ** decimals + 0) });

/** How long an array is in an address, at most. @param {Matrix} matrix */
const lengthOf = ({ shape, cells }) => 20 + shape.join("x").length + Math.ceil((cells.length * formOf(cells).bits) / 6);

/** The shortest form that stands for exactly these numbers. @param {number[]} cells @returns {Form} */
function formOf(cells) {
  const isSingle = cells.every((cell) => Math.fround(cell) === cell);
  return asWhole(cells) ?? { kind: "f", bits: isSingle ? 32 : 64, decimals: 0 };
}

/** As whole numbers over a power of ten. @param {number[]} cells @returns {Form|undefined} */
function asWhole(cells) {
  for (let decimals = 0; decimals <= DECIMALS; decimals++) {
    const power = 10 ** decimals;
    if (!cells.every((cell) => Math.round(cell * power) / power === cell)) continue;
    let [low, high] = [0, 0];
    for (const cell of cells) (low = Math.min(low, Math.round(cell * power))), (high = Math.max(high, Math.round(cell * power)));
    const bits = SIZES.find((each) => -(2 ** (each - 1)) <= low && high < 2 ** (each - Number(low < 0)));
    return bits === undefined ? undefined : { kind: low < 0 ? "i" : "u", bits, decimals };
  }
  return undefined;
}

/** @param {Form} form */
const nameOf = ({ kind, bits, decimals }) => `${kind}${bits}${decimals ? `e-${decimals}` : ""}`;

/** @param {number[]} cells @param {Form} form little-endian */
function bytesOf(cells, { kind, bits, decimals }) {
  const size = bits / 8;
  const bytes = new Uint8Array(cells.length * size);
  const view = new DataView(bytes.buffer);
  cells.forEach((cell, at) => {
    if (kind === "f" && bits === 32) view.setFloat32(size * at, cell, true);
    else if (kind === "f") view.setFloat64(size * at, cell, true);
    else for (let byte = 0, whole = Math.round(cell * 10 ** decimals); byte < size; byte++, whole = Math.floor(whole / 256)) bytes[size * at + byte] = whole; // prettier-ignore
  });
  return bytes;
}

/** @param {Uint8Array} bytes */
function inBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
