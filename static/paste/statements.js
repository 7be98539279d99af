// @ts-check
// Statements with arrays in brackets: names before them, with `=` or `:` and perhaps a type, and what the text tells of
// their shapes behind them. What stands in the brackets is lists.js's to read.

import { Values } from "./lists.js";
import { agree, Entries, matrixOf } from "./nested.js";
import { gathered, indexIn } from "./slices.js";
import { skip, tokens } from "./tokens.js";
import { Unreadable } from "./unreadable.js";

/** @typedef {import("./unreadable.js").Matrix} Matrix */
/** @typedef {import("./tokens.js").Token} Token */
/** @typedef {import("./nested.js").Nested} Nested */
/** @typedef {{name: string, matrix: Matrix, slice?: {of: string, index: number[]}|undefined, isTyped?: boolean}} Named the place
 *   of a slice in the array that it belongs to; whether it was typed, and not printed */

const NAME = /^[\p{L}_$][\p{L}\p{N}_.$]*$/u;
const TYPE = "(?:const\\s+)?(?:double|float(?:32|64)?|u?int(?:8|16|32|64)?|long|short|byte|char)";
const ARRAY = "(?:Float|Int|Uint)\\d+(?:Clamped)?Array";
// A type that stands before the brackets of its numbers: Java, C#, C and Go; JavaScript; Julia; Rust.
const TYPES = new RegExp(`\\b(?:new\\s+)?${TYPE}\\s*(?:\\[[\\d,\\s]{0,20}\\]\\s*){1,6}(?=\\{)|(?:\\[\\d{0,4}\\]){1,6}${TYPE}\\s*(?=\\{)` +
  `|\\b(?:new\\s+)?${ARRAY}\\s*(?:\\(\\d+\\)\\s*)?(?=\\[)|\\bnew\\s+(?=${ARRAY}\\()|\\b(?:Float|U?Int)\\d*(?=\\[)|\\b(?:vec|array)!\\s*(?=\\[)`, "g"); // prettier-ignore

const PARAMETER = /(?<=[[,(]\s{0,20})(?:Parameter|Variable) containing:/g; // in a list of them
const CODE = /^[ \t]*(?:import [\w., ]+|from [\w.]+ import [\w., ]+|print\([\w.]*\);? *)$/gm; // lines with no array

/** The arrays in a text, each with the name it is given, if it is. @param {string} text in plain signs @returns {Named[]} */
export function statements(text) {
  const room = /\d\u00a0\d{3}(?!\d)/.exec(text); // which may part the thousands of a number, or two numbers
  if (room) throw new Unreadable("word", { what: room[0], line: text.slice(0, room.index).split("\n").length });
  const blank = (/** @type {string} */ words) => words.replace(/\S/g, " ");
  const typed = text.replace(CODE, blank).replace(/^([ \t]*[\w.]+[ \t]*)<-(?=\s|[A-Za-z.]+\()/gm, "$1= ").replace(/\(\/(?![/*])([^()]*?)\/\)/g, " [$1] ").replace(TYPES, blank).replace(PARAMETER, blank);
  return new Statements(tokens(typed), typed.split("\n")).arrays();
}

class Statements extends Values {
  /** @returns {Named[]} */
  arrays() {
    /** @type {Named[]} */ const found = [];
    let name = "";
    /** @type {Named["slice"]} */ let slice;
    /** @type {Token|undefined} */ let labelled; // what the name began with, until values follow
    /** @type {Nested[]} */ let values = [];
    /** @type {number[]} */ let dims = [];
    let line = 0; // of the last value
    const end = () => {
      if (values.length) found.push(...this.named(name, values, dims).map((each) => (slice ? { ...each, slice } : each)));
      [name, values, dims, this.shapes, slice] = ["", [], [], [], undefined];
    };
    for (let token = this.peek(); token; token = this.peek()) {
      const label = values.length && token.kind !== "word" ? undefined : this.label();
      if (label) {
        end();
        ({ name, dims, slice } = label);
        labelled = token;
      } else if (token.kind === "line" || (token.text === "," && values.length)) this.at++;
      else if (token.text === ";") {
        this.at++;
        end();
      } else if (token.text === "<" && values.length) this.tag();
      else if (/(^|\.)(Size|TensorShape)$/.test(token.text) && this.all[this.at + 1]?.text === "(") this.shapes.push(this.sizes());
      else {
        const value = this.value();
        if (typeof value === "number" && values.length && token.line !== line) this.refuse(token); // rows need brackets here
        values.push(value);
        [labelled, line] = [undefined, token.line];
      }
    }
    if (labelled) this.refuse(labelled);
    end();
    return gathered(found);
  }

  /** What stands before the numbers: a name with `=` or `:`, also with a type; "Parameter containing:". */
  label() {
    const { all, at } = this;
    if (all[at].kind !== "word" || !/^[\p{L}_*$]/u.test(all[at].text)) return undefined;
    let stop = skip(all, at, ["=", "\n", ";", ","]);
    if (all[stop]?.text !== "=") stop = skip(all, at, [":", "\n", ";", ","]);
    const after = all[stop + 1];
    if (!["=", ":"].includes(all[stop]?.text) || (after && !after.spaced && ["=", ":"].includes(after.text))) return undefined;
    const words = all.slice(at, stop);
    if (all[stop].text === ":" && words.length === 2 && /^\d+$/.test(words[1].text)) { // filter 0: [[1, 2]]
      this.at = stop + 1;
      return { name: `${words[0].text} ${words[1].text}`, dims: [], slice: { of: words[0].text, index: [Number(words[1].text)] } };
    }
    let depth = 0;
    for (const word of words) {
      if (word.kind === "open") depth++;
      if (word.kind === "close") depth--;
      const form = depth ? /^[\p{L}\p{N}_.$*&]+$/u : /^[*&]*[\p{L}_$][\p{L}\p{N}_.$*&]*$/u;
      if (word.kind === "string" || word.kind === "dots" || (word.kind === "word" && !form.test(word.text))) this.refuse(word);
    }
    this.at = stop + 1;
    if (all[stop].text === ":" && words.at(-1)?.text === "containing") return { name: "", dims: [], slice: undefined };
    let open = 0;
    const isOuter = words.map(({ kind }) => (open += Number(kind === "open") - Number(kind === "close")) === 0);
    const isColon = (/** @type {number} */ i) => words[i]?.text === ":" && isOuter[i];
    const colon = words.findIndex((_, i) => isColon(i) && !isColon(i - 1) && !isColon(i + 1)); // x: list[float] = …
    const head = colon < 0 ? words : words.slice(0, colon);
    const names = head.filter(({ kind, text }, i) => kind === "word" && NAME.test(text) && skip(head, 0, [text]) <= i);
    const sizes = head.map(({ text }) => text).join(" ").match(/\[[^\]]*\]/g) ?? []; // float x[2][2]; a shape only if all are known
    const dims = sizes.map((size) => Number(size.slice(1, -1).trim() || NaN));
    const name = names.at(-1)?.text ?? "";
    const place = head[0]?.text === name ? head.slice(1).map(({ text }) => text).join("") : ""; // prettier-ignore
    const index = indexIn(place);
    const slice = index && { of: name, index };
    return { name: name + place, dims: names.length > 1 && dims.every(Number.isInteger) ? dims : [], slice };
  }

  /** @param {string} name @param {Nested[]} values @param {number[]} dims @returns {Named[]} */
  named(name, values, dims) {
    const entries = values.find((value) => value instanceof Entries);
    if (entries) {
      if (values.length > 1) throw new Unreadable("maps");
      return entries.all.flatMap((/** @type {any} */ each) => this.named([name, each.name].filter(Boolean).join("."), [each.value], []));
    }
    const told = values.filter((value) => value !== undefined);
    const single = told.length === 1 && Array.isArray(told[0]);
    let matrix = matrixOf(single ? told[0] : told);
    const isFlat = dims.length && matrix.shape.length === 1 && dims.reduce((all, size) => all * size, 1) === matrix.cells.length;
    if (isFlat) matrix = { shape: dims, cells: matrix.cells }; // float x[2][2] = {1, 2, 3, 4}
    for (const shape of [...this.shapes, ...(dims.length ? [dims] : [])]) agree(shape, matrix.shape);
    return [{ name, matrix }];
  }
}
