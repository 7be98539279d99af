// @ts-check
// Rows as programs print them without brackets: MATLAB and Octave, R, Julia, PyTorch in C++. Around the rows stand
// columns' numbers, rows' numbers, a factor for all of them, a type with its sizes: each is checked, none is a cell.

import { agree } from "./nested.js";
import { number, powerOf, scaled } from "./numeral.js";
import { rows } from "./rows.js";
import { Unreadable } from "./unreadable.js";

/** @import { Matrix } from "./unreadable.js" */
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
const AROUND = [COLUMNS, SCALE, ...SIZES, HEAD_OF_R, ROW_OF_R, TAIL_OF_PANDAS];

/** Whether a line stands around rows and is no row. @param {string} line */
export const isAround = (line) => AROUND.some((form) => form.test(line));

/** The sizes that a line tells, if it tells nothing else. @param {string} line */
export function sizesOf(line) {
  const found = SIZES.map((form) => form.exec(line)).find(Boolean);
  return found && (found[1] ?? found[2] ?? "").split(/[x×,]/).filter(Boolean).map(Number); // prettier-ignore
}

/** What was printed says. @param {string} text in plain signs, without brackets around numbers @returns {Matrix} */
export function printed(text) {
  const tail = TAIL_OF_PANDAS.exec(text);
  if (tail) throw new Unreadable("names", { what: tail[0].trim() });
  if (/^[ \t]*\[ reached .*max\.print/m.test(text))
    throw new Unreadable("cut", { tool: "R", advice: "options(max.print = 1e6)" });
  const all = text.split("\n");
  if (all.some((line) => VECTOR_OF_R.test(line)) && all.every((line) => !line.trim() || VECTOR_OF_R.test(line)))
    return vectorOfR(all);
  /** @type {Block[]} */ const blocks = [{ from: 0, to: 0, lines: [] }];
  /** @type {number[]|undefined} */ let sizes;
  let power = 0;
  all.forEach((line, at) => {
    const { from, lines } = blocks[blocks.length - 1];
    const columns = COLUMNS.exec(line) ?? HEAD_OF_R.exec(line);
    const scale = SCALE.exec(line);
    const [, place, ofR = line] = ROW_OF_R.exec(line) ?? [];
    if (columns) {
      if (!from && lines.some((each) => each.trim())) throw disorder(at);
      const numbers = [...(columns[1] ? columns.slice(1, 3) : (line.match(/\d+/g) ?? []))].filter(Boolean).map(Number);
      if (!columns[1] && numbers.some((each, i) => each !== numbers[0] + i)) throw disorder(at);
      const above = [...Array(at).fill(""), columns[3] ?? ""];
      blocks.push({ from: numbers[0], to: numbers[numbers.length - 1], lines: above });
    } else if (scale || sizesOf(line)) {
      sizes = sizesOf(line) ?? sizes;
      if (scale) power = powerOf(scale[1]) ?? refuse("*", at);
      lines.push("");
    } else {
      const above = place ? lines.filter((each) => each.trim()) : [];
      if (place && !from && /[^\W\de]/i.test(above[0] ?? ""))
        throw new Unreadable("names", { what: above[0].trim().split(/\s/)[0] });
      if (place && Number(place) !== above.length + 1) throw disorder(at);
      lines.push(power ? ofR.replace(/(?<![^\s,])[-+.\d][^\s,]*/g, (word) => scaled(word, power)) : ofR);
    }
  });
  const matrix = blocks.length > 1 ? joined(blocks.slice(1)) : rows(blocks[0].lines.join("\n"));
  const isColumn = sizes?.length === 1 && matrix.shape[1] === 1;
  const shape = isColumn ? matrix.shape.slice(0, 1) : matrix.shape;
  if (sizes) agree(sizes, shape);
  return { shape, cells: matrix.cells };
}

/** Columns side by side, each as tall as the first. @param {Block[]} blocks @returns {Matrix} */
function joined(blocks) {
  let next = 1;
  const parts = blocks.map(({ from, to, lines }) => {
    const first = lines.findIndex((line) => line.trim());
    // Octave has an empty line below its heading, and R none: within the rows there is none.
    const { shape, cells } = rows(lines.filter((line, at) => line.trim() || at < first).join("\n"));
    if (from !== next || shape.length !== 2 || shape[1] !== to - from + 1) throw disorder(first);
    next = to + 1;
    return { shape, cells };
  });
  const [tall] = parts[0].shape;
  if (parts.some(({ shape }) => shape[0] !== tall)) throw new Unreadable("maps");
  const cells = Array.from({ length: tall }, (_, y) =>
    parts.map(({ shape: [, wide], cells }) => cells.slice(y * wide, (y + 1) * wide)),
  );
  return { shape: [tall, next - 1], cells: cells.flat(2) };
}

/** R's [1] 1 2 3 with the place of each line's first number before it. @param {string[]} lines @returns {Matrix} */
function vectorOfR(lines) {
  /** @type {number[]} */ const cells = [];
  lines.forEach((line, at) => {
    const [, place, words] = VECTOR_OF_R.exec(line) ?? [];
    if (!words) return;
    if (Number(place) !== cells.length + 1) throw disorder(at);
    cells.push(...words.trim().split(/\s+/).map((word) => number(word, at + 1))); // prettier-ignore
  });
  return { shape: [cells.length], cells };
}

/** @param {number} at */
const disorder = (at) => new Unreadable("order", { line: at + 1 });

/** @param {string} what @param {number} at @returns {never} */
function refuse(what, at) {
  throw new Unreadable("word", { what, line: at + 1 });
}
