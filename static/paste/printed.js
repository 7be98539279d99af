// @ts-check
// Rows as programs print them without brackets: MATLAB and Octave, R, Julia, PyTorch in C++. Around the rows stand
// columns' numbers, rows' numbers, a factor for all of them, a type with its sizes: each is checked, none is a cell.

import { number } from "./numeral.js";
import { rows } from "./rows.js";
import { scaleOf, scaled } from "./scale.js";
import { brief, Unreadable } from "./unreadable.js";

/** @typedef {import("./unreadable.js").Matrix} Matrix */
/** @typedef {{from: number, to: number, lines: string[]}} Block columns from one to another, counted from 1 */

const COLUMNS = /^\s*Columns? (\d+)(?: (?:through|thru|to|and) (\d+))?:?(?=[\s-]|$)(.*)$/;
const SCALE = /^\s*(\d+\.?\d*(?:[eE][+-]?\d+)?)\s*\*\s*$/;
const SIZES = [
  /^\s*\[ ?(?:torch\.)?(?:cuda\.)?\w*(?:Tensor|Type)(?: of size ([\dx]+)|\{([\d,]*)\})(?: \(GPU \d+\))? ?\]\s*$/,
  /^\s*(\d+(?:[×x]\d+)+) [\w{}, .]+(?:matrix|row vector|column vector|array|:)\s*$/, // MATLAB's; 2×2 Matrix{Float64}:
  /^\s*(\d+(?:[×x]\d+)+)(?: (?:double|single|logical|u?int\d+))?\s*$/, // MATLAB's short ones
  /^\s*(\d+)-element (?:Vector\{\w+\}|Array\{\w+, ?1\}):\s*$/,
];
const HEAD_OF_R = /^\s*(?:\[,\d+\]\s*)+$/;
const ROW_OF_R = /^\s*\[(\d+),\](\s.*)$/;
const VECTOR_OF_R = /^\s*\[(\d+)\]\s+([-+.\d].*)$/;
const TAIL_OF_PANDAS = /^[ \t]*(?:\[\d+ rows x \d+ columns\]|(?:Name: .*, )?(?:Length: \d+, )?dtype: \w+)[ \t]*$/m;

/** Whether a line stands around rows and is no row. @param {string} line */
export const isAround = (line) =>
  [COLUMNS, SCALE, ...SIZES, HEAD_OF_R, ROW_OF_R].some((form) => form.test(line)) || TAIL_OF_PANDAS.test(line);

/** The sizes that a line tells, if it tells nothing else. @param {string} line */
export function sizesOf(line) {
  const found = SIZES.map((form) => form.exec(line)).find(Boolean);
  return found ? (found[1] ?? found[2] ?? "").split(/[x×,]/).filter(Boolean).map(Number) : undefined; // prettier-ignore
}

/** What was printed says. @param {string} text in plain signs, without brackets around numbers @returns {Matrix} */
export function printed(text) {
  const tail = TAIL_OF_PANDAS.exec(text);
  if (tail) throw new Unreadable("names", { what: brief(tail[0].trim()) });
  const omitted = /^[ \t]*\[ reached .*max\.print/m.test(text);
  if (omitted) throw new Unreadable("cut", { tool: "R", advice: "options(max.print = 1e6)" });
  const vector = vectorOfR(text);
  if (vector) return vector;
  /** @type {Block[]} */ const blocks = [];
  /** @type {number[]|undefined} */ let sizes;
  /** @type {Block} */ let block = { from: 0, to: 0, lines: [] };
  let power = 0;
  text.split("\n").forEach((line, at) => {
    const columns = COLUMNS.exec(line);
    const scale = SCALE.exec(line);
    const row = ROW_OF_R.exec(line);
    if (columns || HEAD_OF_R.test(line)) {
      if (!block.from && block.lines.some((each) => each.trim())) throw disorder(at);
      const numbers = columns ? [columns[1], columns[2] ?? columns[1]] : (line.match(/\d+/g) ?? []);
      if (!columns && numbers.some((each, i) => Number(each) !== Number(numbers[0]) + i)) throw disorder(at);
      block = { from: Number(numbers[0]), to: Number(numbers.at(-1)), lines: [...Array(at).fill(""), columns?.[3] ?? ""] };
      blocks.push(block);
    } else if (sizesOf(line)) {
      sizes = sizesOf(line);
      block.lines.push("");
    } else if (scale) {
      power = scaleOf(scale[1]) ?? refuse("*", at);
      block.lines.push("");
    } else {
      if (row) {
        const above = block.lines.filter((each) => each.trim());
        if (!block.from && /[^\W\de]/i.test(above[0] ?? "")) throw new Unreadable("names", { what: above[0].trim().split(/\s/)[0] });
        if (Number(row[1]) !== above.length + 1) throw disorder(at);
      }
      block.lines.push(scaledLine(row ? row[2] : line, power));
    }
  });
  const matrix = blocks.length ? joined(blocks) : rows(block.lines.join("\n"));
  const isSame = !sizes || sizes.join() === matrix.shape.join() || (sizes.length === 1 && matrix.shape[1] === 1 && sizes[0] === matrix.shape[0]); // prettier-ignore
  if (!isSame) throw new Unreadable("shape", { printed: sizes?.join("×") ?? "", found: matrix.shape.join("×") });
  return sizes?.length === 1 ? { shape: sizes, cells: matrix.cells } : matrix;
}

/** Columns side by side, each as tall as the first. @param {Block[]} blocks @returns {Matrix} */
function joined(blocks) {
  let next = 1;
  const parts = blocks.map(({ from, to, lines }) => {
    const full = lines.map((line, at) => (line.trim() ? at : -1)).filter((at) => at >= 0);
    // Octave has an empty line below its heading, and R none: within the rows there is none.
    const { shape, cells } = rows(lines.slice(0, (full.at(-1) ?? -1) + 1).filter((line, at) => line.trim() || at < full[0]).join("\n")); // prettier-ignore
    if (from !== next || shape.length !== 2 || shape[1] !== to - from + 1) throw disorder(lines.findIndex((line) => line.trim()));
    next = to + 1;
    return { shape, cells };
  });
  const tall = parts[0].shape[0];
  if (parts.some(({ shape }) => shape[0] !== tall)) throw new Unreadable("maps");
  const cells = Array.from({ length: tall }, (_, y) => parts.map((each) => each.cells.slice(y * each.shape[1], (y + 1) * each.shape[1])));
  return { shape: [tall, next - 1], cells: cells.flat(2) };
}

/** R's [1] 1 2 3 with the place of each line's first number before it. @param {string} text @returns {Matrix|undefined} */
function vectorOfR(text) {
  const lines = text.split("\n");
  const found = lines.map((line) => VECTOR_OF_R.exec(line));
  if (lines.some((line, at) => line.trim() && !found[at]) || !found.some(Boolean)) return undefined;
  /** @type {number[]} */ const cells = [];
  found.forEach((each, at) => {
    if (!each) return;
    if (Number(each[1]) !== cells.length + 1) throw disorder(at);
    cells.push(...each[2].trim().split(/\s+/).map((word) => number(word, at))); // prettier-ignore
  });
  return { shape: [cells.length], cells };
}

/** @param {string} line @param {number} power of ten */
const scaledLine = (line, power) => (power ? line.replace(/[^\s,]+/g, (word) => (/^[-+.\d]/.test(word) ? scaled(word, power) : word)) : line);

/** @param {number} at */
const disorder = (at) => new Unreadable("order", { line: at + 1 });

/** @param {string} what @param {number} at @returns {never} */
function refuse(what, at) {
  throw new Unreadable("word", { what, line: at + 1 });
}
