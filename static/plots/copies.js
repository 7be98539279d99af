// @ts-check
// An array as text or as a file for other programs: a row of a table for each format. Every number has just the digits
// that tell it from its neighbours. A cell that is not computed yet is NaN where a format has that; else it is what
// stands for nothing there: null in JSON, an empty cell in a spreadsheet, dots in a matrix.

/** `cells` has undefined where nothing is computed yet.
 * @typedef {{name: string, shape: number[], cells: (number|undefined)[]}} Named */
/** @typedef {{nothing: string, nan: string, infinity: string}} Signs what is written where there is no number, and for
 *   what is none and what is too large for one */

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]; // NUMPY, of version 1.0

/** By the name of each format, what it is called and how an array is written in it.
 * @type {Record<string, {label: string, write: (array: Named) => string}>} */
export const COPIES = {
  numpy: {
    label: "NumPy",
    write: ({ name, ...array }) => {
      const lists = nested(array, { nothing: "np.nan", nan: "np.nan", infinity: "np.inf" });
      return `import numpy as np\n\n${name} = np.array(${lists}, dtype=np.float64)\n`;
    },
  },
  pytorch: {
    label: "PyTorch",
    write: ({ name, ...array }) => {
      const lists = nested(array, { nothing: "torch.nan", nan: "torch.nan", infinity: "torch.inf" });
      return `import torch\n\n${name} = torch.tensor(${lists}, dtype=torch.float64)\n`;
    },
  },
  // JSON has no infinity, but every reader takes a number for one that is too large for it.
  json: {
    label: "JSON",
    write: (array) => `${nested(array, { nothing: "null", nan: "null", infinity: "1e999" })}\n`,
  },
  csv: { label: "CSV", write: (array) => table(array, ",") },
  latex: {
    label: "LaTeX",
    write: ({ name, ...array }) => {
      const maps = mapsOf(array, { nothing: "\\ldots", nan: "\\mathrm{NaN}", infinity: "\\infty" });
      return maps.map(({ index, rows }) => matrix(name, index, rows)).join("\n");
    },
  },
};

/** As a spreadsheet takes it from the clipboard: cells parted by tabs, maps by an empty row. @param {Named} array */
export const tabbed = (array) => table(array, "\t");

/** As NumPy keeps it: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @param {Named} array @returns {Uint8Array<ArrayBuffer>} */
export function npy({ shape, cells }) {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const told = `{'descr': '<f8', 'fortran_order': False, 'shape': (${sizes}), }`;
  const before = MAGIC.length + 2;
  const length = Math.ceil((before + told.length + 1) / 64) * 64 - before; // the numbers begin at a multiple of 64
  const header = `${told.padEnd(length - 1)}\n`;
  const numbers = Float64Array.from(cells, (cell) => cell ?? NaN); // little-endian, as is every machine with a browser
  const begin = [...MAGIC, length & 255, length >> 8, ...Array.from(header, (sign) => sign.charCodeAt(0))];
  const file = new Uint8Array(begin.length + numbers.byteLength);
  file.set(begin);
  file.set(new Uint8Array(numbers.buffer), begin.length);
  return file;
}

/** @param {number|undefined} cell @param {Signs} signs */
function written(cell, { nothing, nan, infinity }) {
  if (cell === undefined) return nothing;
  if (Number.isNaN(cell)) return nan;
  return Number.isFinite(cell) ? String(cell) : `${cell < 0 ? "-" : ""}${infinity}`;
}

/** Lists in lists, of which each row has a line. @param {Omit<Named, "name">} array @param {Signs} signs */
function nested({ shape, cells }, signs) {
  /** @param {number} axis @param {number} base @returns {string} */
  function part(axis, base) {
    if (axis === shape.length) return written(cells[base], signs);
    const size = shape.slice(axis + 1).reduce((all, each) => all * each, 1);
    const parts = Array.from({ length: shape[axis] }, (_, at) => part(axis + 1, base + at * size));
    return `[${parts.join(axis === shape.length - 1 ? ", " : `,\n${" ".repeat(axis + 1)}`)}]`;
  }
  return part(0, 0);
}

/** The maps of an array with their indices; one of a single axis is a single row.
 * @param {Omit<Named, "name">} array @param {Signs} signs */
function mapsOf({ shape, cells }, signs) {
  const [height, width] = shape.length > 1 ? shape.slice(-2) : [1, shape[0] ?? 1];
  const outer = shape.slice(0, -2);
  const words = cells.map((cell) => written(cell, signs));
  return Array.from({ length: words.length / (height * width) }, (_, map) => {
    const row = (/** @type {number} */ y) => words.slice((map * height + y) * width, (map * height + y + 1) * width);
    let rest = map;
    const places = outer.map(() => 0);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      places[axis] = rest % outer[axis];
      rest = Math.floor(rest / outer[axis]);
    }
    return { index: places.join(", "), rows: Array.from({ length: height }, (_, y) => row(y)) };
  });
}

/** @param {Named} array @param {string} separator */
function table(array, separator) {
  const maps = mapsOf(array, { nothing: "", nan: "nan", infinity: "inf" });
  return maps.map(({ rows }) => rows.map((row) => `${row.join(separator)}\n`).join("")).join("\n");
}

/** A matrix with its name: x_padded is x with an index, and the indices of a map stand above.
 * @param {string} name @param {string} index @param {string[][]} rows */
function matrix(name, index, rows) {
  const [, letter, words] = /^([^_]*)_?(.*)$/.exec(name) ?? [];
  const symbol = `${letter}${words && `_{${words.replaceAll("_", ",")}}`}${index && `^{(${index})}`}`;
  const lines = rows.map((row) => `  ${row.join(" & ")}`).join(" \\\\\n");
  return `${symbol} = \\begin{bmatrix}\n${lines}\n\\end{bmatrix}\n`;
}
