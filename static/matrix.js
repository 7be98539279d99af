// @ts-check
// Arrays as people write them: rows on lines, the cells of a spreadsheet, NumPy's print, JSON. It reads them, fits them
// to the axes that are wanted, fills them, and writes them as text and as an address has them. It knows no page and no
// layer.

/** @typedef {{shape: number[], cells: number[]}} Matrix the cells in row-major order */
/** @typedef {"nothing"|"brackets"|"dots"|"word"|"empty"|"ragged"|"maps"|"axes"} Reason */

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const KEYWORD = /\b(dtype|device|grad_fn|requires_grad)\s*=[^,)]*/g; // what Python prints behind the numbers
const CALL = /\b((np|numpy|torch)\.)?(array|tensor)\(|[()]/g; // and around them
const READABLE = 400; // characters of JSON that still can be read in an address

/** A text that is no array, and why: the reason is a word, for which the page has a sentence. */
export class Unreadable extends Error {
  /** @param {Reason} reason @param {Record<string, string|number>} [values] what the sentence names */
  constructor(reason, values = {}) {
    super(reason);
    this.reason = reason;
    this.values = values;
  }
}

/** @param {number[]} sizes */
const product = (sizes) => sizes.reduce((all, size) => all * size, 1);

// --- reading ------------------------------------------------------------------------------------------------------

/** What a text says; an Unreadable if that is no array. @param {string} text @returns {Matrix} */
export function parse(text) {
  const plain = text.replaceAll("−", "-").replace(/\r\n?/g, "\n").replace(/^[ \t]*#.*$/gm, ""); // without headings
  if (!plain.trim()) throw new Unreadable("nothing");
  if (plain.includes("...") || plain.includes("…")) throw new Unreadable("dots");
  return plain.includes("[") ? inBrackets(plain) : onLines(plain);
}

/** @param {string} word @param {number} line counted from 0 */
function number(word, line) {
  if (!word) throw new Unreadable("empty", { line: line + 1 });
  if (!NUMBER.test(word)) throw new Unreadable("word", { what: word.slice(0, 20), line: line + 1 });
  return Number(word) + 0; // there is no negative zero
}

/** JSON, or what Python prints: array([[1., 2.], [3., 4.]], dtype=float32). @param {string} text @returns {Matrix} */
function inBrackets(text) {
  /** @type {any[][]} */ const open = [[]];
  text.split("\n").forEach((line, at) => {
    const bare = line.replace(KEYWORD, "").replace(CALL, " ");
    for (const token of bare.match(/[[\]]|[^\s,[\]]+/g) ?? []) {
      const inner = open[open.length - 1];
      if (token === "[") {
        const list = /** @type {any[]} */ ([]);
        inner.push(list);
        open.push(list);
      } else if (token === "]") {
        open.pop();
        if (!open.length) throw new Unreadable("brackets");
      } else inner.push(number(token, at));
    }
  });
  if (open.length !== 1) throw new Unreadable("brackets");
  const lists = open[0].length === 1 ? open[0][0] : open[0]; // rows or matrices one below the other need no brackets
  return { shape: shapeOf(lists), cells: [lists].flat(Infinity) };
}

/** @param {any} lists nested lists of numbers @returns {number[]} */
function shapeOf(lists) {
  if (!Array.isArray(lists)) return [];
  const [first, ...others] = lists.map(shapeOf);
  const other = others.find((shape) => shape.join() !== first.join());
  if (!first) throw new Unreadable("nothing");
  if (other) throw first.length === 1 && other.length === 1
    ? new Unreadable("ragged", { cells: other[0], wanted: first[0] }) : new Unreadable("maps"); // prettier-ignore
  return [lists.length, ...first];
}

/** Rows on lines, with an empty line between two maps. @param {string} text @returns {Matrix} */
function onLines(text) {
  /** @type {number[][][]} */ const maps = [];
  /** @type {number[][]|undefined} */ let map;
  text.split("\n").forEach((line, at) => {
    if (!line.trim()) return (map = undefined);
    if (!map) maps.push((map = []));
    const row = wordsOf(line).map((word) => number(word, at));
    const wanted = map[0]?.length ?? row.length;
    if (row.length !== wanted) throw new Unreadable("ragged", { cells: row.length, wanted });
    map.push(row);
  });
  const [first] = maps;
  if (maps.some((one) => one.length !== first.length || one[0].length !== first[0].length)) throw new Unreadable("maps");
  const shape = [first.length, first[0].length];
  return { shape: maps.length === 1 ? shape : [maps.length, ...shape], cells: maps.flat(2) };
}

/** The words of a row. Where tabs or semicolons part them, a comma is that of a decimal fraction. @param {string} line */
function wordsOf(line) {
  const mark = ["\t", ";"].find((each) => line.trim().includes(each));
  if (!mark) return line.trim().split(/\s*,\s*|\s+/).filter((word, at, words) => word || at < words.length - 1); // prettier-ignore
  const words = line.split(mark).map((word) => word.trim().replace(",", "."));
  while (words.at(-1) === "") words.pop(); // a spreadsheet selects wider than it is filled
  return words;
}

/** An array of as many axes as another has. What has fewer is a stack of maps, shared out as the other's are.
 * @param {Matrix} matrix @param {number[]} wanted the other's shape @returns {Matrix} */
export function fit({ shape, cells }, wanted) {
  let sizes = [...shape];
  while (sizes.length > wanted.length && sizes[0] === 1) sizes = sizes.slice(1);
  if (sizes.length === wanted.length) return { shape: sizes, cells };
  const isRow = sizes.filter((size) => size !== 1).length <= 1;
  if (isRow && (wanted.length === 1 || (sizes.length === 1 && cells.length === product(wanted))))
    return { shape: wanted.length === 1 ? [cells.length] : [...wanted], cells };
  if (sizes.length > wanted.length) throw new Unreadable("axes", { wanted: wanted.length, axes: sizes.length });
  const map = sizes.length === 1 ? [1, ...sizes] : sizes.slice(-2);
  const maps = product(sizes.slice(0, -2));
  const inner = product(wanted.slice(1, -2)); // how many maps belong together
  const outer = wanted.length <= 3 ? [maps].slice(0, wanted.length - 2) : maps % inner ? [1, maps] : [maps / inner, inner];
  return { shape: [...outer, ...map], cells };
}

// --- filling ------------------------------------------------------------------------------------------------------

/** @typedef {{flat: number, row: number, column: number, rows: number, columns: number}} Place of a cell in its map */

export const FILLS = {
  zeros: () => 0,
  ones: () => 1,
  ramp: (/** @type {Place} */ { flat }) => flat,
  random: () => Math.floor(Math.random() * 5) - 2,
  edge: (/** @type {Place} */ { column, columns }) => Number(column >= columns / 2),
  dot: (/** @type {Place} */ { row, column, rows, columns }) => Number(row === rows >> 1 && column === columns >> 1),
};

/** @param {keyof typeof FILLS} kind @param {number[]} shape @returns {Matrix} */
export function filled(kind, shape) {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape.slice(-2);
  const cells = Array.from({ length: product(shape) }, (_, flat) =>
    FILLS[kind]({ flat, row: Math.floor(flat / columns) % rows, column: flat % columns, rows, columns }),
  );
  return { shape: [...shape], cells };
}

/** An array with a kernel in its maps, amid zeros where they are larger; maps that are smaller grow.
 * @param {Matrix} matrix of two axes or more @param {number[][]} kernel
 * @param {number|undefined} which part along the first axis gets it; all of them, if that is not said
 * @returns {Matrix} */
export function withKernel({ shape, cells }, kernel, which) {
  const outer = shape.slice(0, -2);
  const [rows, columns] = shape.slice(-2);
  const [tall, wide] = [Math.max(rows, kernel.length), Math.max(columns, kernel[0].length)];
  const made = Array(product(outer) * tall * wide).fill(0);
  for (let map = 0; map < product(outer); map++) {
    const isChosen = which === undefined || Math.floor(map / product(outer.slice(1))) === which;
    const old = (/** @type {number} */ y) => cells.slice((map * rows + y) * columns, (map * rows + y + 1) * columns);
    const lines = isChosen ? kernel : Array.from({ length: rows }, (_, y) => old(y));
    const [top, left] = [(tall - lines.length) >> 1, (wide - lines[0].length) >> 1];
    lines.forEach((line, y) => line.forEach((cell, x) => (made[(map * tall + top + y) * wide + left + x] = cell)));
  }
  return { shape: [...outer, tall, wide], cells: made };
}

// --- writing ------------------------------------------------------------------------------------------------------

/** Rows on lines, with an empty line between two maps, and over each its indices. @param {Matrix} matrix */
export function lines({ shape, cells }) {
  const [rows, columns] = shape.length === 1 ? [1, shape[0]] : shape.slice(-2);
  const words = cells.map(String);
  const wide = Math.max(...words.map((word) => word.length));
  const inner = shape.length === 4 ? shape[1] : 0;
  let text = "";
  for (let at = 0; at < words.length; at += columns) {
    const map = at / (rows * columns);
    if (shape.length > 2 && Number.isInteger(map))
      text += `${map ? "\n" : ""}# [${inner ? `${Math.floor(map / inner)}, ${map % inner}` : map}]\n`;
    text += words.slice(at, at + columns).map((word) => word.padStart(wide)).join(" ") + "\n"; // prettier-ignore
  }
  return text;
}

/** An array as an address has it: as JSON while that is short, else as the shortest that stands for just its numbers.
 * @param {Matrix} matrix */
export function address({ shape, cells }) {
  const exact = cells.map((cell) => cell + 0); // there is no negative zero
  /** @param {number} axis @param {number} first @returns {any} */
  const nested = (axis, first) => {
    if (axis === shape.length) return exact[first];
    const apart = product(shape.slice(axis + 1));
    return Array.from({ length: shape[axis] }, (_, at) => nested(axis + 1, first + at * apart));
  };
  const json = JSON.stringify(nested(0, 0));
  if (json.length <= READABLE) return json;
  const compact = bytesOf(exact, shape);
  return compact.length < json.length ? compact : json;
}

/** @param {number[]} cells @param {number[]} shape */
function bytesOf(cells, shape) {
  const isByte = cells.every((cell) => Number.isInteger(cell) && cell >= 0 && cell <= 255);
  const [kind, size] = isByte ? ["u8", 1] : cells.every((cell) => Math.fround(cell) === cell) ? ["f32", 4] : ["f64", 8];
  const data = new DataView(new ArrayBuffer(cells.length * Number(size)));
  cells.forEach((cell, at) => {
    if (kind === "u8") data.setUint8(at, cell);
    else if (kind === "f32") data.setFloat32(4 * at, cell, true);
    else data.setFloat64(8 * at, cell, true);
  });
  let text = "";
  for (const byte of new Uint8Array(data.buffer)) text += String.fromCharCode(byte);
  return `${kind}:${shape.join("x")}:${btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}
