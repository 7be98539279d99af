// @ts-check
// Statements with arrays in brackets: names before them, with `=` or `:` and perhaps a type, and what the text tells
// of their shapes behind them. What stands in the brackets is lists.js's to read.

import { NAME, Values } from "./lists.js";
import { agree, Entries, matrixOf, product } from "./nested.js";
import { gathered, indexIn } from "./slices.js";
import { skip, tokens } from "./tokens.js";
import { lineAt, Unreadable } from "./unreadable.js";

/** @import { Token } from "./tokens.js" */
/** @import { Nested } from "./nested.js" */
/** @import { Named } from "./slices.js" */
/** @typedef {{name: string, dims: number[], slice?: Named["slice"]}} Label what stands before values: a name, the
 *   sizes of a type, the place of a slice */

const TYPE = "(?:const\\s+)?(?:double|float(?:32|64)?|u?int(?:8|16|32|64)?|long|short|byte|char)";
const ARRAY = "(?:Float|Int|Uint)\\d+(?:Clamped)?Array";
const TYPES = [ // that stand before the brackets of their numbers
  `\\b(?:new\\s+)?${TYPE}\\s*(?:\\[[\\d,\\s]{0,20}\\]\\s*){1,6}(?=\\{)`, // Java, C#, C
  `(?:\\[\\d{0,4}\\]){1,6}${TYPE}\\s*(?=\\{)`, // Go
  `\\b(?:new\\s+)?${ARRAY}\\s*(?:\\(\\d+\\)\\s*)?(?=\\[)|\\bnew\\s+(?=${ARRAY}\\()`, // JavaScript
  "\\b(?:Float|U?Int)\\d*(?=\\[)", // Julia
  "\\b(?:vec|array)!\\s*(?=\\[)", // Rust
]; // prettier-ignore
const NOTHING = [
  /^[ \t]*(?:import [\w., ]+|from [\w.]+ import [\w., ]+|print\([\w.]*\);? *)$/gm, // lines with no array
  new RegExp(TYPES.join("|"), "g"),
  /(?<=[[,(]\s{0,20})(?:Parameter|Variable) containing:/g, // in a list of them
];
const ASSIGNED = /^([ \t]*[\w.]+[ \t]*)<-(?=\s|[A-Za-z.]+\()/gm; // R's
const FORTRAN = /\(\/(?![/*])([^()]*?)\/\)/g;

/** The arrays in a text, each with the name it is given, if it is. @param {string} text in plain signs */
export function statements(text) {
  const room = /\d\u00a0\d{3}(?!\d)/.exec(text); // which may part the thousands of a number, or two numbers
  if (room) throw new Unreadable("word", { what: room[0], line: lineAt(text, room.index) });
  let code = text.replace(ASSIGNED, "$1= ").replace(FORTRAN, " [$1] ");
  for (const form of NOTHING) code = code.replace(form, (words) => words.replace(/\S/g, " "));
  return new Statements(tokens(code), code.split("\n")).arrays();
}

class Statements extends Values {
  /** @returns {Named[]} */
  arrays() {
    /** @type {Named[]} */ const found = [];
    /** @type {Label} */ let label = { name: "", dims: [] };
    /** @type {Token|undefined} */ let labelled; // what the label began with, until values follow
    /** @type {Nested[]} */ let values = [];
    let line = 0; // of the last value
    const end = () => {
      if (values.length) found.push(...this.named(label, values));
      [label, values, this.shapes] = [{ name: "", dims: [] }, [], []];
    };
    for (let token = this.peek(); token; token = this.peek()) {
      const { kind, text } = token;
      const found = kind === "word" ? this.label() : undefined;
      if (found) {
        end();
        [label, labelled] = [found, token];
      } else if (text === "," && values.length) this.at++;
      else if (text === ";") {
        this.at++;
        end();
      } else if (text === "<" && values.length) this.tag();
      else if (/(^|\.)(Size|TensorShape)$/.test(text) && this.peek(1)?.text === "(") this.shapes.push(this.sizes());
      else {
        const value = this.value();
        // Rows need brackets here.
        if (typeof value === "number" && values.length && token.line !== line) this.refuse(token);
        values.push(value);
        [labelled, line] = [undefined, token.line];
      }
    }
    if (labelled) this.refuse(labelled);
    end();
    return gathered(found);
  }

  /** What stands before the numbers: a name with `=` or `:`, also with a type; "Parameter containing:".
   * @returns {Label|undefined} */
  label() {
    const { all, at } = this;
    if (!/^[\p{L}_*$]/u.test(all[at].text)) return undefined;
    const isSign = (/** @type {Token} */ token) => /^[=:]$/.test(token?.text);
    const ends = ["=", ":"].map((sign) => skip(all, at, [sign, ";", ","]));
    const stop = ends.find((end) => isSign(all[end]) && all[end].line === all[at].line) ?? all.length;
    const [sign, after] = all.slice(stop, stop + 2);
    if (!sign || (isSign(after) && !after.spaced)) return undefined;
    const words = all.slice(at, stop);
    const said = words.map(({ text }) => text);
    const [first, number] = said;
    if (sign.text === ":" && words.length === 2 && /^\d+$/.test(number)) {
      this.at = stop + 1; // filter 0: [[1, 2]]
      return { name: said.join(" "), dims: [], slice: { of: first, index: [Number(number)] } };
    }
    let depth = 0;
    const isOuter = words.map(({ kind }) => (depth += Number(kind === "open") - Number(kind === "close")) === 0);
    words.forEach((word, i) => {
      const form = isOuter[i] ? /^[*&]*[\p{L}_$][\p{L}\p{N}_.$*&]*$/u : /^[\p{L}\p{N}_.$*&]+$/u;
      if (/^(string|dots)$/.test(word.kind) || (word.kind === "word" && !form.test(word.text))) this.refuse(word);
    });
    this.at = stop + 1;
    if (sign.text === ":" && said.at(-1) === "containing") return { name: "", dims: [] };
    const isColon = (/** @type {number} */ i) => said[i] === ":" && isOuter[i];
    const colon = said.findIndex((_, i) => isColon(i) && !isColon(i - 1) && !isColon(i + 1)); // x: list[float] = …
    const head = colon < 0 ? words : words.slice(0, colon);
    const names = head.filter(({ kind, text }, i) => kind === "word" && NAME.test(text) && skip(head, 0, [text]) <= i);
    const sizes =
      head
        .map(({ text }) => text)
        .join(" ")
        .match(/\[[^\]]*\]/g) ?? []; // float x[2][2] = …
    const dims = sizes.map((size) => Number(size.slice(1, -1).trim() || NaN));
    const name = names.at(-1)?.text ?? "";
    const place = first === name ? head.slice(1).map(({ text }) => text).join("") : ""; // prettier-ignore
    const index = indexIn(place);
    const isTyped = names.length > 1 && dims.every(Number.isInteger);
    return { name: name + place, dims: isTyped ? dims : [], slice: index && { of: name, index } };
  }

  /** @param {Label} label @param {Nested[]} values @returns {Named[]} */
  named({ name, dims, slice }, values) {
    if (values.some((value) => value instanceof Entries)) {
      if (values.length > 1) throw new Unreadable("maps");
      return /** @type {Entries} */ (values[0]).all.flatMap((each) => {
        const inner = [name, each.name].filter(Boolean).join(".");
        return this.named({ name: inner, dims: [], slice }, [each.value]);
      });
    }
    let matrix = matrixOf(values.length === 1 && Array.isArray(values[0]) ? values[0] : values);
    const isFlat = dims.length && matrix.shape.length === 1 && product(dims) === matrix.cells.length;
    if (isFlat) matrix = { shape: dims, cells: matrix.cells }; // float x[2][2] = {1, 2, 3, 4}
    for (const shape of dims.length ? [...this.shapes, dims] : this.shapes) agree(shape, matrix.shape);
    return [slice ? { name, matrix, slice } : { name, matrix }];
  }
}
