// @ts-check
// Arrays in brackets: Python's lists and tuples, what NumPy, PyTorch, TensorFlow, JAX and MXNet print, JSON, MATLAB's and
// Julia's literals, braces of C, Java and Mathematica, R's c(…). Brackets of any kind nest; every token is accounted for.

import { called, literal } from "./calls.js";
import { doubt, widthOf, wrapped } from "./doubts.js";
import { moved } from "./methods.js";
import { agree, Entries, shapeOf, split } from "./nested.js";
import { number } from "./numeral.js";
import { scaleOf, scaled } from "./scale.js";
import { skip } from "./tokens.js";
import { brief, Unreadable } from "./unreadable.js";

/** @typedef {import("./tokens.js").Token} Token */
/** @typedef {import("./nested.js").Nested} Nested */

const CLOSES = /** @type {Record<string, string>} */ ({ "(": ")", "[": "]", "{": "}" });
const DEEPEST = 40; // brackets in brackets
const NAME = /^[\p{L}_$][\p{L}\p{N}_.$]*$/u;
/** What stands in brackets, read token by token. */
export class Values {
  at = 0;
  /** @type {number[][]} */ shapes = []; // that the text tells of the value that is read
  /** @param {Token[]} all @param {string[]} lines */
  constructor(all, lines) {
    this.all = all;
    this.lines = lines;
  }

  peek() {
    return this.all[this.at];
  }

  /** @param {Token|undefined} [token] @returns {never} */
  refuse(token = this.peek() ?? this.all.at(-1)) {
    throw new Unreadable("word", { what: brief(token?.text.trim() || "…"), line: (token?.line ?? 0) + 1 });
  }

  /** What is told behind or around numbers in < and >; the value in it, if there is one. @returns {Nested} */
  tag() {
    const stop = skip(this.all, this.at + 1, [">"]);
    if (stop === this.all.length) throw new Unreadable("brackets");
    /** @type {number[][]} */ const shapes = [];
    let value;
    for (this.at++; this.at < stop; ) {
      const [word, sign] = [this.peek().text, this.all[this.at + 1]?.text];
      if (sign === "=" && word === "shape") {
        this.at += 2;
        shapes.push(this.sizes());
      } else if (sign === "=" && /^(numpy|value)$/.test(word)) {
        this.at += 2;
        this.lineEnds();
        value = this.value();
      } else if (word === "NDArray") {
        shapes.push((sign ?? "").split("x").map(Number)); // <NDArray 2x2 @cpu(0)>
        this.at += 2;
      } else this.at++;
    }
    this.at = stop + 1;
    if (value === undefined) this.shapes.push(...shapes);
    else for (const shape of shapes) agree(shape, shapeOf(value));
    return value;
  }

  // --- values -----------------------------------------------------------------------------------------------------

  lineEnds() {
    while (this.peek()?.kind === "line") this.at++;
  }

  nested = 0; // how deep what is read stands in brackets of any kind

  /** A list, a number, a call, a tag: lists are arrays of arrays of numbers. @returns {Nested} */
  value() {
    const token = this.peek();
    if (!token || this.nested > DEEPEST) throw new Unreadable("brackets");
    this.nested++;
    let value = this.valueOf(token);
    while (this.isMethod()) value = this.method(value);
    this.nested--;
    return value;
  }

  /** @param {Token} token @returns {Nested} */
  valueOf(token) {
    if (token.kind === "open") return this.list();
    if (token.kind === "close") throw new Unreadable("brackets");
    if (token.text === "<") return this.tag() ?? this.refuse(token);
    this.at++;
    if (token.kind === "dots") throw new Unreadable("dotted", { line: token.line + 1 });
    const word = token.kind === "string" ? token.text.slice(1, -1).trim() : token.kind === "word" ? token.text : "";
    if (token.kind === "string" && /^[+-]?[1-9]\d{0,2},\d{3}$/.test(word)) throw new Unreadable("comma", { what: word, line: token.line + 1 });
    const digits = literal(word);
    const next = this.peek();
    if (digits === undefined) {
      if (token.kind === "word" && next?.text === "(" && NAME.test(word.replace(/^.*:/, ""))) return this.call(token);
      if (next?.text === ":" && this.all[this.at + 1]?.text === ":") {
        this.at += 2; // std::vector
        return this.value();
      }
      return this.refuse(token);
    }
    if (next?.text === "*" && token.kind === "word") {
      this.at++;
      this.lineEnds();
      const power = scaleOf(word);
      if (power === undefined || this.peek()?.kind !== "open") this.refuse(next);
      return this.list(power);
    }
    if (next && !next.spaced && (next.kind === "open" || next.kind === "word" || next.kind === "string")) this.refuse(next);
    return number(scaled(digits, this.power), token.line);
  }

  /** Whether .float() or the like stands behind a value. */
  isMethod() {
    const [before, name, open] = [this.all[this.at - 1], this.peek(), this.all[this.at + 1]];
    return before?.kind === "close" && name?.kind === "word" && !name.spaced && /^\.\w+$/.test(name.text) && open?.text === "(";
  }

  /** What a method makes of a value: refused if it is not known to leave the numbers as they are. @param {Nested} value @returns {Nested} */
  method(value) {
    const name = this.peek();
    const stop = skip(this.all, this.at + 2, [")"]);
    const result = moved(value, name.text.slice(1), this.all.slice(this.at + 2, stop).filter(({ kind }) => kind !== "line").map(({ text }) => text)); // prettier-ignore
    if (result === undefined || stop === this.all.length) this.refuse(name);
    this.at = stop + 1;
    return result;
  }

  power = 0; // of ten, by which all numbers are to be multiplied

  calls = 0; // that are open

  /** @param {Token} name @returns {Nested} */
  call(name) {
    this.at++;
    this.calls++;
    /** @type {Nested[]} */ const given = [];
    /** @type {Map<string, Nested>} */ const words = new Map();
    for (;;) {
      this.lineEnds();
      const token = this.peek();
      if (!token) throw new Unreadable("brackets");
      if (token.text === ")") break;
      if (token.text === ",") this.at++;
      else if (token.kind === "word" && this.all[this.at + 1]?.text === "=") {
        this.at += 2;
        words.set(token.text, this.argument(token.text));
      } else if (token.kind === "string" || (token.kind === "word" && /(^|\.)(float|double|half|bfloat|u?int)\d*$/.test(token.text) && given.length)) this.at++; // prettier-ignore
      else given.push(this.value());
    }
    this.at++;
    this.calls--;
    const value = called({ name: name.text, given, words });
    if (value !== undefined && words.has("shape")) agree(words.get("shape"), shapeOf(value));
    if (value === undefined) throw new Unreadable("call", { what: brief(name.text), line: name.line + 1 });
    return value;
  }

  /** @param {string} word @returns {Nested} */
  argument(word) {
    this.lineEnds();
    if (/^(shape|dim|\.Dim)$/.test(word)) return this.sizes();
    if (/^(numpy|value|data)$/.test(word)) return this.value();
    const from = this.at;
    this.at = skip(this.all, from, [",", ")"]);
    const text = this.all.slice(from, this.at).map((each) => each.text).join(""); // prettier-ignore
    return /^(nrow|ncol)$/.test(word) ? Number(text.replace("L", "")) : text;
  }

  /** The sizes of shape=(2, 3), torch.Size([2, 3]), c(2L, 3L) or 4. @returns {number[]} */
  sizes() {
    const from = this.at;
    let depth = 0;
    do {
      const token = this.peek();
      if (token?.kind === "open") depth++;
      if (token?.kind === "close") depth--;
      this.at++;
    } while (this.at < this.all.length && (depth || this.peek().kind === "open" || /^[A-Za-z.]+$/.test(this.all[this.at - 1].text))); // prettier-ignore
    const words = this.all.slice(from, this.at).filter(({ kind }) => kind === "word");
    return words.map(({ text }) => Number(text.replace(/L$/, ""))).filter(Number.isInteger);
  }

  // --- lists ------------------------------------------------------------------------------------------------------

  depth = 0;

  /** @type {number|undefined} */ width; // of the numbers of the text

  /** @param {number} [power] of ten that stands before it @returns {Nested} */
  list(power = 0) {
    const open = this.peek();
    if (open.text === "{" && this.isObject()) return this.object();
    if (open.text === "(" && this.all[this.at + 1]?.kind === "string" && this.all[this.at + 2]?.text === ",") return this.pair();
    this.power += power;
    this.depth++;
    this.at++;
    /** @type {Nested[][]} */ let rows = [[]];
    /** @type {Nested[]} */ let row = rows[0];
    /** @type {number[]} */ const breaks = []; // how many numbers stood before the end of a line
    let [hasCommas, hasSemicolons] = [false, false];
    /** @type {Token|undefined} */ let before; // the last token that is no end of a line
    const from = this.at;
    let calls = 0;
    for (;;) {
      const token = this.peek();
      if (!token) throw new Unreadable("brackets");
      const isParted = !before || before.text === "," || before.text === ";";
      if (token.kind === "close") {
        if (token.text !== CLOSES[open.text]) throw new Unreadable("brackets");
        if (before?.text === "," && !row.length) throw new Unreadable("empty", { line: token.line + 1 });
        this.at++;
        break;
      }
      if (token.kind === "line") {
        if (!isParted && row.length) breaks.push(rows.flat().length);
        if (hasSemicolons && !isParted) rows.push((row = []));
        this.at++;
        continue;
      }
      if (token.text === ",") {
        if (isParted) throw new Unreadable("empty", { line: token.line + 1 });
        hasCommas = true;
        this.at++;
      } else if (token.text === ";") {
        if (isParted) throw new Unreadable("empty", { line: token.line + 1 });
        if (!hasSemicolons) rows = split(rows.flat(), breaks);
        hasSemicolons = true;
        rows.push((row = []));
        this.at++;
      } else if (token.kind === "dots" && this.isContinued(hasSemicolons)) this.at = skip(this.all, this.at, ["\n"]) + 1;
      else {
        if (token.kind === "word" && this.all[this.at + 1]?.text === "(") calls++;
        row.push(this.value());
      }
      before = token;
    }
    this.depth--;
    this.power -= power;
    if (hasSemicolons) {
      if (open.text === "(") doubt(this.all.slice(from, this.at - 1), true);
      const full = rows.filter((one) => one.length);
      if (full.some((one) => one.some(Array.isArray) && one.length > 1)) throw new Unreadable("maps");
      return full.map((one) => (Array.isArray(one[0]) ? one[0] : one));
    }
    const isOfArrays = calls && row.every(Array.isArray) && new Set(row.map((each) => shapeOf(each).join())).size > 1; // Keras' weights
    if (isOfArrays || row.some((each) => each instanceof Entries)) return Entries.of(row);
    if (row.every((each) => typeof each === "number")) {
      doubt(this.all.slice(from, this.at - 1), false);
      if (open.text === "(" && row.length === 1 && !hasCommas) {
        if (this.depth) return row[0];
        throw new Unreadable("word", { what: brief(`(${row[0]})`), line: open.line + 1 }); // a loss of 5, or 5
      }
      const ends = breaks.filter((each) => each < row.length);
      const isOuter = !this.depth && !this.calls;
      if (ends.length && (isOuter || !hasCommas)) {
        // NumPy's columns are as wide as the widest number of the array.
        const widths = [(this.width ??= widthOf(this.all)), widthOf(this.all.slice(from, this.at - 1))];
        return wrapped(row, ends, hasCommas, this.lines.slice(open.line), widths, isOuter ? 0 : this.depth + 1);
      }
    }
    return row;
  }

  /** Whether "..." goes on in the next line, as in MATLAB, and leaves nothing out. @param {boolean} hasSemicolons */
  isContinued(hasSemicolons) {
    const isLast = [undefined, "line"].includes(this.all[this.at + 1]?.kind);
    return isLast && this.depth === 1 && (hasSemicolons || /^\s*[\w.]+\s*=\s*\[/.test(this.lines[0])) && this.all[this.at - 1].kind !== "line"; // prettier-ignore
  }

  // --- objects ----------------------------------------------------------------------------------------------------

  isObject() {
    let at = this.at + 1;
    while (this.all[at]?.kind === "line") at++;
    return ["string", "word"].includes(this.all[at]?.kind) && this.all[at + 1]?.text === ":";
  }

  /** A pair of a dictionary, as PyTorch prints: ('w', tensor([1.])). @returns {Nested} */
  pair() {
    const name = this.all[this.at + 1].text.slice(1, -1);
    this.at += 3;
    const value = this.value();
    if (this.peek()?.text !== ")") this.refuse();
    this.at++;
    return new Entries([{ name, value }]);
  }

  /** JSON's and Python's {"w": [1, 2]}: what is no array in it does not matter. @returns {Nested} */
  object() {
    /** @type {{name: string, value: Nested}[]} */ const entries = [];
    this.at++;
    for (;;) {
      this.lineEnds();
      const token = this.peek();
      if (!token) throw new Unreadable("brackets");
      if (token.text === "}") break;
      if (token.text === ",") {
        this.at++;
        continue;
      }
      if (this.all[this.at + 1]?.text !== ":") this.refuse(token);
      this.at += 2;
      this.lineEnds();
      const name = token.text.replace(/^["']|["']$/g, "");
      const isArray = this.peek()?.kind === "open" || this.all[this.at + 1]?.text === "(";
      if (isArray) entries.push({ name, value: this.value() });
      else {
        const from = this.at;
        this.at = skip(this.all, from, [",", "}"]);
        if (this.all.slice(from, this.at).some(({ kind }) => kind === "open")) this.refuse(this.all[from]); // 2 * [1, 2]
      }
    }
    this.at++;
    return new Entries(entries);
  }
}
