// @ts-check
// Arrays in brackets: Python's lists and tuples, what NumPy, PyTorch, TensorFlow, JAX and MXNet print, JSON, MATLAB's
// and Julia's literals, braces of C, Java and Mathematica, R's c(…). Brackets of any kind nest; no token is left out.

import { called, moved } from "./calls.js";
import { doubt, isFull, widthOf, wrapped } from "./doubts.js";
import { agree, Entries, isRow, isSame, shapeOf, split } from "./nested.js";
import { literal, number, powerOf, scaled, unending } from "./numeral.js";
import { skip } from "./tokens.js";
import { Unreadable } from "./unreadable.js";

/** @import { Token } from "./tokens.js" */
/** @import { Nested } from "./nested.js" */

const CLOSES = /** @type {Record<string, string>} */ ({ "(": ")", "[": "]", "{": "}" });
const DEEPEST = 40; // brackets in brackets
export const NAME = /^[\p{L}_$][\p{L}\p{N}_.$]*$/u;
const TYPE = /(^|\.)(float|double|half|bfloat|u?int)\d*$/; // behind an array, as in np.array(x, float)

/** What stands in brackets, read token by token. */
export class Values {
  at = 0;
  nested = 0; // how deep what is read stands in brackets of any kind
  depth = 0; // in those of lists
  calls = 0; // that are open
  power = 0; // of ten, by which all numbers are to be multiplied
  /** @type {number|undefined} */ width; // of the numbers of the text
  /** @type {number[][]} */ shapes = []; // that the text tells of the value that is read

  /** @param {Token[]} all @param {string[]} lines */
  constructor(all, lines) {
    this.all = all;
    this.lines = lines;
  }

  peek(ahead = 0) {
    return this.all[this.at + ahead];
  }

  /** The tokens up to one of some signs, which is the next one then. @param {string[]} until */
  upTo(until) {
    const from = this.at;
    this.at = skip(this.all, from, until);
    return this.all.slice(from, this.at);
  }

  /** @param {Token|undefined} [token] @returns {never} */
  refuse(token = this.peek() ?? this.all.at(-1)) {
    throw new Unreadable("word", { what: token?.text.trim() || "…", line: token?.line ?? 1 });
  }

  // --- values -------------------------------------------------------------------------------------------------------

  /** A list, a number, a call, a tag, with methods behind it. @returns {Nested} */
  value() {
    const token = this.peek();
    if (!token || token.kind === "close" || this.nested > DEEPEST) throw new Unreadable("brackets");
    this.nested++;
    let value = token.kind === "open" ? this.list() : token.text === "<" ? this.tag() : this.word();
    if (value === undefined) this.refuse(token);
    while (this.isMethod()) value = this.method(value);
    this.nested--;
    return value;
  }

  /** What begins with a word or a string: a number, also in quotes, or before a list that it multiplies; a call.
   * @returns {Nested} */
  word() {
    const token = this.peek();
    const { kind, line } = token;
    this.at++;
    if (kind === "dots") throw new Unreadable("dotted", { line });
    const word = kind === "string" ? token.text.slice(1, -1).trim() : kind === "word" ? token.text : "";
    if (kind === "string" && /^[+-]?[1-9]\d{0,2},\d{3}$/.test(word))
      throw new Unreadable("comma", { what: word, line });
    const digits = literal(word);
    const next = this.peek()?.line === line ? this.peek() : undefined;
    if (digits === undefined) {
      if (kind === "word" && next?.text === "(" && NAME.test(word.replace(/^.*:/, ""))) return this.call(token);
      const [, sign, name] = this.all.slice(this.at, this.at + 3); // std::vector
      if (next?.text !== ":" || sign?.text !== ":" || !NAME.test(name?.text)) this.refuse(token);
      this.at += 2;
      return this.value();
    }
    if (next?.text === "*" && kind === "word") {
      this.at++;
      const power = powerOf(word);
      return power === undefined || this.peek()?.kind !== "open" ? this.refuse(next) : this.list(power);
    }
    if (next && !next.spaced && /^(?:open|word|string)$/.test(next.kind)) this.refuse(next);
    return number(scaled(digits, this.power), line);
  }

  /** Whether .float() or the like stands behind a value. */
  isMethod() {
    const name = this.peek();
    const isBehind = this.peek(-1)?.kind === "close" && name?.kind === "word" && !name.spaced;
    return isBehind && /^\.\w+$/.test(name.text) && this.peek(1)?.text === "(";
  }

  /** What a method makes of a value: refused if it is not known to leave the numbers as they are.
   * @param {Nested} value @returns {Nested} */
  method(value) {
    const name = this.peek();
    this.at += 2;
    const given = this.upTo([")"]).map(({ text }) => text);
    const result = moved(value, name.text.slice(1), given);
    if (result === undefined || !this.peek()) this.refuse(name);
    this.at++;
    return result;
  }

  /** The first token of each thing in brackets with commas between them, then what stands behind the brackets.
   * @param {string} close */
  *things(close) {
    let isParted = true;
    for (this.at++; this.peek()?.text !== close;) {
      const token = this.peek();
      if (!token) throw new Unreadable("brackets");
      const isComma = token.text === ",";
      if (isComma && isParted) throw new Unreadable("empty", { line: token.line });
      if (isComma) this.at++;
      else yield token;
      isParted = isComma;
    }
    this.at++;
  }

  /** @param {Token} name @returns {Nested} */
  call(name) {
    this.calls++;
    /** @type {Nested[]} */ const given = [];
    /** @type {Map<string, Nested>} */ const words = new Map();
    for (const { kind, text } of this.things(")")) {
      if (kind === "word" && this.peek(1)?.text === "=") words.set(text, this.argument(text));
      else if (kind === "string" && unending(text.slice(1, -1)) !== undefined)
        given.push(this.value()); // float("nan")
      else if (kind === "string" || (kind === "word" && given.length && TYPE.test(text))) this.at++;
      else given.push(this.value());
    }
    this.calls--;
    const value = called({ name: name.text, given, words });
    if (value === undefined) throw new Unreadable("call", { what: name.text, line: name.line });
    if (words.has("shape")) agree(words.get("shape"), shapeOf(value));
    return value;
  }

  /** @param {string} word before a = @returns {Nested} */
  argument(word) {
    this.at += 2;
    if (/^(shape|dim|\.Dim)$/.test(word)) return this.sizes();
    if (/^(numpy|value|data)$/.test(word)) return this.value();
    const text = this.upTo([",", ")"]).map((each) => each.text).join(" "); // prettier-ignore
    return /^(nrow|ncol)$/.test(word) ? Number(text.replace("L", "")) : text;
  }

  /** The sizes of shape=(2, 3), torch.Size([2, 3]), c(2L, 3L) or 4. @returns {number[]} */
  sizes() {
    if (/[A-Za-z]/.test(this.peek()?.text) && this.peek(1)?.text === "(") this.at++;
    const from = this.at++;
    if (this.all[from]?.kind === "open") this.at = skip(this.all, this.at, [")", "]", "}"]) + 1;
    const words = this.all.slice(from, this.at).filter(({ kind }) => kind === "word");
    return words.map(({ text }) => Number(text.replace(/L$/, ""))).filter(Number.isInteger);
  }

  /** What is told behind or around numbers in < and >; the value in it, if there is one. @returns {Nested} */
  tag() {
    const stop = skip(this.all, this.at + 1, [">"]);
    if (stop === this.all.length) throw new Unreadable("brackets");
    /** @type {number[][]} */ const shapes = [];
    let value;
    for (this.at++; this.at < stop;) {
      const word = this.peek().text;
      const isNamed = this.peek(1).text === "=";
      if (isNamed && word === "shape") shapes.push(this.argument(word));
      else if (isNamed && /^(numpy|value)$/.test(word)) value = this.argument(word);
      else if (word === "NDArray")
        shapes.push(this.all[++this.at].text.split("x").map(Number)); // NDArray 2x2 @cpu(0)
      else this.at++;
    }
    this.at = stop + 1;
    if (value === undefined) this.shapes.push(...shapes);
    else for (const shape of shapes) agree(shape, shapeOf(value));
    return value;
  }

  // --- lists --------------------------------------------------------------------------------------------------------

  /** @param {number} [power] of ten that stands before it @returns {Nested} */
  list(power = 0) {
    const open = this.peek();
    const [key, sign] = [this.peek(1), this.peek(2)];
    if (open.text === "{" && /^(string|word)$/.test(key?.kind) && sign?.text === ":") return this.entries("}", ":");
    if (open.text === "(" && key?.kind === "string" && sign?.text === ",") return this.entries(")", ",");
    this.power += power;
    this.depth++;
    const from = ++this.at;
    /** @type {Nested[]} */ const row = [];
    /** @type {number[]} */ const ends = []; // how many values stand before a semicolon, or before the end of a line
    let [hasCommas, hasSemicolons, hasCalls] = [false, false, false];
    for (let token = this.peek(); token?.kind !== "close"; token = this.peek()) {
      if (!token) throw new Unreadable("brackets");
      const { kind, text, line } = token;
      const before = this.peek(-1);
      const isParted = this.at === from || before.text === "," || before.text === ";";
      if (!isParted && line > before.line + Number(before.kind === "dots")) ends.push(row.length);
      if (text === "," || text === ";") {
        if (isParted) throw new Unreadable("empty", { line });
        if (text === ";") ends.push(row.length);
        hasCommas ||= text === ",";
        hasSemicolons ||= text === ";";
        this.at++;
      } else if (kind === "dots" && this.isContinued(hasSemicolons)) this.at++;
      else {
        hasCalls ||= kind === "word" && this.peek(1)?.text === "(";
        row.push(this.value());
      }
    }
    if (this.peek().text !== CLOSES[open.text]) throw new Unreadable("brackets");
    const inside = this.all.slice(from, this.at++);
    this.depth--;
    this.power -= power;
    if (hasSemicolons) {
      if (open.text === "(") doubt(inside, true);
      const rows = split(row, ends);
      if (rows.some((one) => one.some(Array.isArray) && one.length > 1)) throw new Unreadable("maps");
      return rows.map((one) => (Array.isArray(one[0]) ? one[0] : one));
    }
    const areAlike = () => row.every((each) => isSame(shapeOf(each), shapeOf(row[0])));
    const areWeights = hasCalls && row.every(Array.isArray) && !areAlike(); // of Keras
    if (areWeights || row.some((each) => each instanceof Entries)) return Entries.of(row);
    if (!isRow(row)) return row;
    doubt(inside, false);
    if (open.text === "(" && row.length === 1 && !hasCommas) {
      if (this.depth) return row[0];
      throw new Unreadable("word", { what: `(${row[0]})`, line: open.line }); // a loss of 5, or 5
    }
    return this.onLines(
      row,
      ends.filter((end) => end < row.length),
      hasCommas,
      open.line,
      inside,
    );
  }

  /** A row of numbers, or the rows that it is if the ends of lines part them.
   * @param {number[]} row @param {number[]} ends @param {boolean} hasCommas @param {number} line of the bracket
   * @param {Token[]} inside @returns {Nested} */
  onLines(row, ends, hasCommas, line, inside) {
    const isOuter = !this.depth && !this.calls;
    if (!ends.length || (hasCommas && !isOuter)) return row;
    if (hasCommas) return split(row, ends);
    const lines = this.lines.slice(line - 1);
    // NumPy's columns are as wide as the widest number of the array.
    const widths = [(this.width ??= widthOf(this.all)), widthOf(inside)];
    const isOfNumpy = !isOuter || lines[0].startsWith("[");
    const isLong = isOfNumpy && widths.some((width) => isFull(width, ends[0], isOuter ? 1 : this.depth + 1));
    return isLong ? row : wrapped(row, ends, lines);
  }

  /** Whether "..." goes on in the next line, as in MATLAB, and leaves nothing out. @param {boolean} hasSemicolons */
  isContinued(hasSemicolons) {
    const [before, dots, after] = this.all.slice(this.at - 1, this.at + 2);
    const isLast = before.line === dots.line && dots.line !== after?.line;
    return isLast && this.depth === 1 && (hasSemicolons || /^\s*[\w.]+\s*=\s*\[/.test(this.lines[0]));
  }

  // --- objects ------------------------------------------------------------------------------------------------------

  /** JSON's and Python's {"w": [1, 2]}, and a pair of a dictionary, as PyTorch prints: ('w', tensor([1.])). What is no
   * array in it does not matter. @param {string} close @param {string} sign behind a name @returns {Nested} */
  entries(close, sign) {
    /** @type {{name: string, value: Nested}[]} */ const all = [];
    for (const token of this.things(close)) {
      if (this.peek(1)?.text !== sign) this.refuse(token);
      this.at += 2;
      const isArray = this.peek()?.kind === "open" || this.peek(1)?.text === "(";
      if (isArray) all.push({ name: token.text.replace(/^["']|["']$/g, ""), value: this.value() });
      else {
        const other = this.upTo([",", close]);
        if (other.some(({ kind }) => kind === "open")) this.refuse(other[0]); // 2 * [1, 2]
      }
    }
    return new Entries(all);
  }
}
