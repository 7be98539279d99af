// @ts-check
// Arrays in brackets: Python's lists and tuples, what NumPy, PyTorch, TensorFlow, JAX and MXNet print, JSON, MATLAB's and
// Julia's literals, braces of C, Java and Mathematica, R's c(…). Brackets of any kind nest; every token is accounted for.

import { called, literal } from "./calls.js";
import { number, numeral } from "./numeral.js";
import { scaleOf, scaled } from "./scale.js";
import { skip, tokens } from "./tokens.js";
import { brief, glance, Unreadable } from "./unreadable.js";

/** @typedef {import("./unreadable.js").Matrix} Matrix */
/** @typedef {import("./tokens.js").Token} Token */
/** @typedef {import("./calls.js").Nested} Nested */
/** @typedef {{name: string, matrix: Matrix}} Named */
/** @typedef {{values: Nested[], dims: number[][], isGiven: boolean}} Value */

const CLOSES = /** @type {Record<string, string>} */ ({ "(": ")", "[": "]", "{": "}" });
const DEEPEST = 40; // brackets in brackets
const NAME = /^[\p{L}_$][\p{L}\p{N}_.$]*$/u;
const TYPE = "(?:const\\s+)?(?:double|float(?:32|64)?|u?int(?:8|16|32|64)?|long|short|byte|char)";
const ARRAY = "(?:Float|Int|Uint)\\d+(?:Clamped)?Array";
// A type that stands before the brackets of its numbers: Java, C#, C and Go; JavaScript; Julia; Rust.
const TYPES = new RegExp(`\\b(?:new\\s+)?${TYPE}\\s*(?:\\[[\\d,\\s]{0,20}\\]\\s*){1,6}(?=\\{)|(?:\\[\\d{0,4}\\]){1,6}${TYPE}\\s*(?=\\{)` +
  `|\\b(?:new\\s+)?${ARRAY}\\s*(?:\\(\\d+\\)\\s*)?(?=\\[)|\\bnew\\s+(?=${ARRAY}\\()|\\b(?:Float|U?Int)\\d*(?=\\[)|\\b(?:vec|array)!\\s*(?=\\[)`, "g"); // prettier-ignore

/** The arrays in a text, each with the name it is given, if it is. @param {string} text in plain signs @returns {Named[]} */
export function lists(text) {
  const typed = text.replace(/^([ \t]*[\w.]+[ \t]*)<-(?=\s)/gm, "$1= ").replace(TYPES, (words) => words.replace(/\S/g, " "));
  return new Reader(tokens(typed), typed.split("\n")).arrays();
}

class Reader {
  at = 0;
  /** @type {number[][]} */ shapes = []; // that the text tells of the value that is read
  /** @param {Token[]} all @param {string[]} lines */
  constructor(all, lines) {
    this.all = all;
    this.lines = lines;
  }

  /** @returns {Named[]} */
  arrays() {
    /** @type {Named[]} */ const found = [];
    let name = "";
    /** @type {Token|undefined} */ let labelled; // what the name began with, until values follow
    /** @type {Nested[]} */ let values = [];
    /** @type {number[]} */ let dims = [];
    const end = () => {
      if (values.length) found.push(...this.named(name, values, dims));
      [name, values, dims, this.shapes] = ["", [], [], []];
    };
    for (let token = this.peek(); token; token = this.peek()) {
      const label = values.length && token.kind !== "word" ? undefined : this.label();
      if (label) {
        end();
        ({ name, dims } = label);
        labelled = token;
      } else if (token.kind === "line" || (token.text === "," && values.length)) this.at++;
      else if (token.text === ";") {
        this.at++;
        end();
      } else if (token.text === "<" && values.length) this.tag();
      else {
        values.push(this.value());
        labelled = undefined;
      }
    }
    if (labelled) this.refuse(labelled);
    end();
    return found;
  }

  peek() {
    return this.all[this.at];
  }

  /** @param {Token|undefined} [token] @returns {never} */
  refuse(token = this.peek() ?? this.all.at(-1)) {
    throw new Unreadable("word", { what: brief(token?.text.trim() || "…"), line: (token?.line ?? 0) + 1 });
  }

  // --- names ------------------------------------------------------------------------------------------------------

  /** What stands before the numbers: a name with `=` or `:`, also with a type; "Parameter containing:". */
  label() {
    const { all, at } = this;
    if (all[at].kind !== "word" || !/^[\p{L}_*$]/u.test(all[at].text)) return undefined;
    let stop = skip(all, at, ["=", "\n", ";", ","]);
    if (all[stop]?.text !== "=") stop = skip(all, at, [":", "\n", ";", ","]);
    const after = all[stop + 1];
    if (!["=", ":"].includes(all[stop]?.text) || (after && !after.spaced && ["=", ":"].includes(after.text))) return undefined;
    const words = all.slice(at, stop);
    let depth = 0;
    for (const word of words) {
      if (word.kind === "open") depth++;
      if (word.kind === "close") depth--;
      const form = depth ? /^[\p{L}\p{N}_.$*&]+$/u : /^[*&]*[\p{L}_$][\p{L}\p{N}_.$*&]*$/u;
      if (word.kind === "string" || word.kind === "dots" || (word.kind === "word" && !form.test(word.text))) this.refuse(word);
    }
    this.at = stop + 1;
    if (all[stop].text === ":" && words.at(-1)?.text === "containing") return { name: "", dims: [] };
    const isColon = (/** @type {number} */ i) => words[i]?.text === ":";
    const colon = words.findIndex((_, i) => isColon(i) && !isColon(i - 1) && !isColon(i + 1)); // x: list[float] = …
    const head = colon < 0 ? words : words.slice(0, colon);
    const names = head.filter(({ kind, text }, i) => kind === "word" && NAME.test(text) && skip(head, 0, [text]) <= i);
    /** @type {number[]} */ const dims = [];
    head.forEach(({ text }, i) => text === "[" && head[i + 2]?.text === "]" && dims.push(Number(head[i + 1].text)));
    return { name: names.at(-1)?.text ?? "", dims: names.length > 1 ? dims : [] };
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
    const value = this.valueOf(token);
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

  /** @param {number} [power] of ten that stands before it @returns {Nested} */
  list(power = 0) {
    const open = this.peek();
    if (open.text === "{" && this.isObject()) return this.object();
    this.power += power;
    this.depth++;
    this.at++;
    /** @type {Nested[][]} */ let rows = [[]];
    /** @type {Nested[]} */ let row = rows[0];
    /** @type {number[]} */ const breaks = []; // how many numbers stood before the end of a line
    let [hasCommas, hasSemicolons] = [false, false];
    /** @type {Token|undefined} */ let before; // the last token that is no end of a line
    const from = this.at;
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
      else row.push(this.value());
      before = token;
    }
    this.depth--;
    this.power -= power;
    if (hasSemicolons) {
      if (open.text === "(") this.doubt(from, true);
      const full = rows.filter((one) => one.length);
      if (full.some((one) => one.some(Array.isArray) && one.length > 1)) throw new Unreadable("maps");
      return full.map((one) => (Array.isArray(one[0]) ? one[0] : one));
    }
    if (row.every((each) => typeof each === "number")) {
      this.doubt(from, false);
      if (open.text === "(" && row.length === 1 && !hasCommas) {
        if (this.depth) return row[0];
        throw new Unreadable("word", { what: brief(`(${row[0]})`), line: open.line + 1 }); // a loss of 5, or 5
      }
      const ends = breaks.filter((each) => each < row.length);
      if (ends.length && !this.depth) return this.wrapped(row, ends, hasCommas, open);
    }
    return row;
  }

  /** Numbers on several lines in one pair of brackets: MATLAB's rows, or a row for which NumPy's line was too short.
   * @param {number[]} row @param {number[]} ends @param {boolean} hasCommas @param {Token} open @returns {Nested} */
  wrapped(row, ends, hasCommas, open) {
    const parts = split(row, ends);
    const isEven = parts.every((part) => part.length === parts[0].length);
    const before = this.lines.slice(open.line, open.line + ends.length + 1);
    const wide = Math.min(...before.slice(0, -1).map((line) => line.trimEnd().length));
    if (this.calls || (!hasCommas && before[0].startsWith("[") && isFull(before.join(" "), parts[0].length))) return row;
    if (hasCommas || wide < 40) return parts;
    if (!isEven) return row;
    const readings = [row, parts].map((nested) => matrixOf(nested)).map((matrix) => ({ label: glance(matrix), matrix })); // prettier-ignore
    throw new Unreadable("doubt", { readings: readings.map(({ label }) => label).join(" / ") }, readings);
  }

  /** Refuse [0,5 1,25], where a comma may be that of a fraction. @param {number} from @param {boolean} always */
  doubt(from, always) {
    const inside = this.all.slice(from, this.at - 1);
    const isTight = (/** @type {number} */ at) => inside[at]?.text === "," && !inside[at].spaced && inside[at + 1] && !inside[at + 1].spaced;
    if (!inside.some((_, at) => isTight(at))) return;
    let [isBare, isLoose] = [false, false];
    /** @type {string[]} */ const words = [""];
    inside.forEach(({ kind, text, spaced }, at) => {
      if (kind === "word" && (!spaced || !words.at(-1))) words[words.length - 1] += text;
      else if (kind === "word") (isBare = true), words.push(text);
      else if (isTight(at)) words[words.length - 1] += ",";
      else (isLoose ||= text === ","), words.push("");
    });
    const full = words.filter(Boolean);
    if (!always && !isBare && !isLoose) return;
    if (!full.every((word) => numeral(word, "comma") !== undefined || numeral(word) !== undefined)) return;
    if (always || isBare || full.every((word) => word.includes(",")))
      throw new Unreadable("comma", { what: brief(full.find((word) => word.includes(",")) ?? ""), line: inside[0].line + 1 }); // prettier-ignore
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
      else this.at = skip(this.all, this.at, [",", "}"]);
    }
    this.at++;
    return new Entries(entries);
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

class Entries {
  /** @param {{name: string, value: Nested}[]} all */
  constructor(all) {
    this.all = all;
  }
}

/** Whether NumPy would have gone on in the next line: no further number has room in its 75 columns.
 * @param {string} text of the lines @param {number} count of numbers in the first */
function isFull(text, count) {
  const words = (text.match(/[^\s[\]]+/g) ?? []).map((word) => word.split("."));
  const width = Math.max(...words.map(([whole]) => whole.length)) + Math.max(...words.map(([, after]) => (after === undefined ? 0 : after.length + 1)));
  const length = 1 + count * (width + 1);
  return length - 1 <= 74 && length + width > 74;
}

/** Numbers in the parts that end where lines did. @param {Nested[]} row @param {number[]} ends */
function split(row, ends) {
  const stops = [...ends, row.length];
  return stops.map((stop, at) => row.slice(at ? stops[at - 1] : 0, stop)).filter((part) => part.length);
}

/** Refuse numbers that are not as many as the text says. @param {number[]} printed @param {number[]} found */
function agree(printed, found) {
  if (printed.join() !== found.join() && !(printed.length === 0 && found.join() === "1"))
    throw new Unreadable("shape", { printed: printed.join("×") || "1", found: found.join("×") || "1" });
}

/** @param {Nested} nested @returns {Matrix} */
function matrixOf(nested) {
  const shape = shapeOf(nested);
  return { shape, cells: nested.flat(Infinity) };
}

/** @param {Nested} nested lists of numbers @returns {number[]} */
function shapeOf(nested) {
  if (nested instanceof Entries) throw new Unreadable("maps");
  if (!Array.isArray(nested)) return [];
  const [first, ...others] = nested.map(shapeOf);
  const other = others.find((shape) => shape.join() !== first.join());
  if (!first) throw new Unreadable("nothing");
  if (other) throw first.length === 1 && other.length === 1
    ? new Unreadable("ragged", { cells: other[0], wanted: first[0] }) : new Unreadable("maps"); // prettier-ignore
  return [nested.length, ...first];
}
