// @ts-check
// Rows on lines: a spreadsheet's cells, CSV, what prints without brackets. Which sign parts cells and which belongs to a
// number is decided over the whole text: every convention under which all of it can be read is tried. If one is left, it
// is meant; if two say different numbers, nothing is guessed.

import { numeral, number } from "./numeral.js";
import { brief, distinct, glance, Unreadable } from "./unreadable.js";

/** @typedef {import("./unreadable.js").Matrix} Matrix */
/** @typedef {import("./numeral.js").System} System */
/** @typedef {(line: string) => string[]} Split a line's cells */
/** @typedef {{split: Split, system: System, text?: string, isDoubt?: boolean}} Convention its own text, if
 *   that is another; whether it only casts doubt on others, and is none to read by alone */

const QUOTED = ["\ue000", "\ue001"]; // a comma in quotes, which parts no cells, and the quotes themselves

const COMMENT = /^\s*[#%](?=[\s#%]|$)/; // a line that is one
const PART = /^\s*# (?:\[\d+(?:, ?\d+)*\]|New slice)\s*$/;
const OF_MAPS = /map|channel|slice|kernel|filter|plane|layer|batch|sample|图|通道|核|层/i;
const HASHES = /^\s*[#%]+(?:[\s,;]+[#%]+)*\s*$/; // a cell of a spreadsheet that is too narrow for its number
const NOUGHT = /(?<![\w.])-0,(?=\d)/; // -0,5 is a decimal: no cell is -0
const GROUPED = /^(?:[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?:,(?=.)|,?$)){2,}$/; // 1,234.5,2,345.6

/** What rows on lines say, with an empty line between two maps. @param {string} text in plain signs @returns {Matrix} */
export function rows(text) {
  const lines = text.split("\n").map((line, at) => ({ said: line, line: uncommented(line, at), at }));
  // A comment between two rows parts no maps, but for the headings of this page and of np.savetxt; one about maps may.
  const together = lines.filter(({ said }) => !COMMENT.test(said) || PART.test(said));
  const isOfMaps = lines.some(({ said }) => COMMENT.test(said) && !PART.test(said) && OF_MAPS.test(said));
  const all = [read(together), ...(isOfMaps ? [read(lines)] : [])];
  const readings = distinct(all.flatMap((each) => (each instanceof Unreadable ? each.readings : [{ label: glance(each), matrix: each }])));
  if (all[0] instanceof Unreadable || readings.length < 2) return readable(all[0]);
  throw new Unreadable("doubt", { readings: readings.map(({ label }) => label).join(" / ") }, readings);
}

/** @template T @param {T|Unreadable} said @returns {T} */
function readable(said) {
  if (said instanceof Unreadable) throw said;
  return said;
}

/** @param {{line: string, at: number}[]} lines and where each stands in the text */
function read(lines) {
  try {
    const text = lines.map(({ line }) => line).join("\n").replace(/(?<=\d\.\d*|\.\d+)[fF](?=[\s,;]|$)/g, "").replace(/"([^"\n]*)"/g, quoted).replace(/(?<!\d)\u00a0|\u00a0(?!\d)/g, " "); // prettier-ignore
    if (!text.trim()) return new Unreadable("nothing");
    return arrayOf(text);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const { line } = error.values;
    return line === undefined ? error : new Unreadable(error.reason, { ...error.values, line: (lines[Number(line) - 1]?.at ?? 0) + 1 }, error.readings);
  }
}

/** @param {string} said without comments @param {boolean} [isLast] whether thousands are parted by hard spaces alone @returns {Matrix} */
function arrayOf(said, isLast = false) {
  const all = conventions(said);
  const tries = all.map((one) => attempt(one, said));
  const read = tries.flatMap((each, at) => ("cells" in each ? [{ label: glance(each), matrix: each, isDoubt: all[at].isDoubt }] : []));
  const readings = read.every(({ isDoubt }) => isDoubt) ? [] : distinct(read);
  if (readings.length > 1)
    throw new Unreadable("doubt", { readings: readings.map(({ label }) => label).join(" / ") }, readings);
  if (readings.length) return readings[0].matrix;
  throw namesOf(said) ?? (isLast ? undefined : thousands(said)) ?? complaint(/** @type {Unreadable[]} */ (tries.filter((each) => !("cells" in each))));
}

/** The complaint about `1 000 2 050`: nobody writes 000 as a cell, so spaces may part thousands. What they then say is
 * offered: with as many groups in a number as there can be, and with those alone that begin with 0. @param {string} text */
function thousands(text) {
  const spaced = text.replaceAll("\u00a0", " ");
  const found = /(?<![\d.,])0\d\d(?!\d)/.exec(spaced);
  if (!found) return undefined;
  const readings = [/(?<![\d.,])[1-9]\d{0,2}(?: \d{3})+(?!\d)/g, /(?<![\d.,])[1-9]\d{0,2}(?: 0\d\d)+(?!\d)/g].flatMap((form) => {
    try {
      const matrix = arrayOf(spaced.replace(form, (word) => word.replaceAll(" ", "\u00a0")), true);
      return [{ label: glance(matrix), matrix }];
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return error.readings;
    }
  });
  return new Unreadable("word", { what: found[0], line: spaced.slice(0, found.index).split("\n").length }, distinct(readings));
}

/** A line without its comment. A `#` begins one only where no cell can be meant: not in #N/A, not in a cell between tabs,
 * and not before numbers. @param {string} line @param {number} at */
function uncommented(line, at) {
  if (HASHES.test(line) && line.trim() !== "#") throw new Unreadable("word", { what: brief(line.trim()), line: at + 1 });
  const found = /^(\s*)[#%](?=[\s#%]|$)(.*)$/.exec(line) ?? (line.includes("\t") ? null : /^(.*? )#(?=\s|$)(.*)$/.exec(line));
  if (!found) return line;
  const isNumber = (/** @type {string} */ word) => numeral(word, "point") !== undefined || numeral(word, "comma") !== undefined; // prettier-ignore
  const said = found[2].replace(/^[#%\s]+/, "");
  const words = said.split(/[\s,;]+/).filter(Boolean); // prettier-ignore
  if ((words.length && words.every(isNumber)) || (line.includes("\t") && said.split("\t").some((cell) => isNumber(cell.trim()))))
    throw new Unreadable("comment", { line: at + 1 });
  return found[1];
}

/** A cell in quotes, whose commas part nothing. @param {string} _ @param {string} inside */
const quoted = (_, inside) => QUOTED[1] + inside.trim().replaceAll(",", QUOTED[0]).replaceAll(" ", "\u00a0") + QUOTED[1];

// --- conventions --------------------------------------------------------------------------------------------------

/** Cells between two signs; a spreadsheet selects wider than it is filled. @param {string} mark @returns {Split} */
const between = (mark) => (line) => {
  const cells = line.split(mark).map((cell) => cell.trim());
  while (cells.at(-1) === "") cells.pop();
  return cells;
};
/** @type {Split} a comma parts thousands wherever it can */
const grouped = (line) => line.trim().match(/[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?=,|$)/g) ?? [];
/** @type {Split} each comma parts, and so do spaces; one may stand at the end */
const apart = (line) => line.trim().split(/ *, *|[ \t]+/).filter((cell, at, all) => cell || at < all.length - 1); // prettier-ignore
/** @type {Split} a comma parts only if a space follows; others belong to a number */
const spaced = (line) => line.trim().replace(/,$/, "").split(/,?[ \t]+/); // prettier-ignore

/** The conventions that a text may follow. @param {string} text @returns {Convention[]} */
function conventions(text) {
  // Points can part thousands between a spreadsheet's signs, and where a number has two of them.
  const hasCommas = /[,\ue000]|\d\.\d{3}\.\d{3}/.test(text) || (/[\t;]/.test(text) && /\d\.\d{3}(?!\d)/.test(text));
  const systems = /** @type {System[]} */ (hasCommas ? ["point", "comma"] : ["point"]);
  const loosened = /** @type {Convention} */ ({ split: apart, system: "point", isDoubt: true, text: text.replaceAll("\u00a0", " ") });
  if (text.includes("\t")) {
    const tabs = systems.map((system) => ({ split: between("\t"), system }));
    return /\d \d/.test(text) ? [...tabs, loosened] : tabs; // a space may part thousands, or cells
  }
  if (text.includes(";")) {
    const cells = systems.map((system) => ({ split: between(";"), system }));
    const lines = text.trim().split("\n");
    // On one line, or at the end of each, a semicolon may end a row, as in MATLAB.
    const mayEnd = lines.every((line, at) => at === lines.length - 1 || /;\s*$/.test(line));
    if (!mayEnd || /^\s*;|;\s*;/m.test(text) || !/[^\s;][ ,\u00a0]+[^\s;]/.test(text)) return cells;
    const ended = text.replace(/;[^\S\n]*(?=\n)/g, "").replaceAll(";", "\n");
    const others = onLines(ended).filter(({ split }) => split === apart || /[^\s,;] +[^\s,;]/.test(text));
    return [...cells, ...others.map((one) => ({ text: ended, ...one }))];
  }
  return onLines(text, systems);
}

/** Those for a text without tabs and semicolons. @param {string} text @param {System[]} [systems] @returns {Convention[]} */
function onLines(text, systems = ["point", "comma"]) {
  if (text.includes("\u00a0")) {
    const parted = onLines(text.replaceAll("\u00a0", " ")).map((one) => ({ ...one, text: text.replaceAll("\u00a0", " ") }));
    const joined = systems.map((system) => ({ split: spaced, system }));
    const isJoined = text.split("\n").some((line) => line.trim().includes(" ")) && joined.some((one) => "cells" in attempt(one, text));
    return isJoined ? joined : [...parted, ...joined]; // beside plain spaces, hard ones part thousands if they can
  }
  const tight = /[^\s,],[^\s,]|(?:^|\s),\d/m.test(text);
  const bare = /[^\s,] +[^\s,]/.test(text);
  const loose = /, |,$| ,/m.test(text);
  /** @type {Convention[]} */ const commas = systems.map((system) => ({ split: spaced, system }));
  /** @type {Convention[]} */ const lists = text.includes(QUOTED[0]) ? systems.map((system) => ({ split: apart, system })) : [{ split: apart, system: "point" }]; // prettier-ignore
  if (text.split("\n").every((line) => !line.trim() || GROUPED.test(line.trim()))) lists.push({ split: grouped, system: "point" });
  if (!tight) return systems.length > 1 && !loose && !text.includes(QUOTED[0]) ? [...lists, ...commas] : lists;
  if (!bare || loose) return [...lists, ...commas];
  // 0,5 1,25: where spaces part the cells, a comma in each of them is a number's.
  const words = text.split(/\s+/).filter(Boolean);
  const isEach = words.every((word) => word.includes(","));
  if (isEach && commas.some((one) => "cells" in attempt(one, text))) return commas;
  // Commas and spaces that part cells alike: sloppy, or else two rows on a line.
  return isEach ? [...lists, { ...lists[0], text: text.trim().replace(/ +/g, "\n") }] : [...lists.map((one) => ({ ...one, isDoubt: true })), ...commas]; // prettier-ignore
}

// --- reading ------------------------------------------------------------------------------------------------------

/** What a text says under a convention, or why nothing. @param {Convention} convention @param {string} text */
function attempt({ split, system, text: other }, text) {
  try {
    const nought = split === apart ? NOUGHT.exec(other ?? text) : null;
    if (nought) throw new Unreadable("word", { what: "-0", line: (other ?? text).slice(0, nought.index).split("\n").length });
    const lines = (other ?? text).split("\n").map((line) => (line.trim() ? split(line) : []));
    return stack(lines.map((cells, at) => cells.map((cell) => numberIn(cell, at, system))));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return error;
  }
}

/** A cell's number; 05 and 000 are none. @param {string} cell @param {number} at @param {System} system */
function numberIn(cell, at, system) {
  const isQuoted = cell.length > 1 && cell.startsWith(QUOTED[1]) && cell.endsWith(QUOTED[1]);
  const word = (isQuoted ? cell.slice(1, -1) : cell.replaceAll(QUOTED[1], '"')).replaceAll(QUOTED[0], ",");
  if (/^[+-]?0\d/.test(word)) throw new Unreadable("word", { what: word, line: at + 1 });
  return number(word, at, system);
}

/** Maps of rows, parted by empty lines. @param {number[][]} lines @returns {Matrix} */
function stack(lines) {
  /** @type {number[][][]} */ const maps = [];
  /** @type {number[][]|undefined} */ let map;
  for (const row of lines) {
    if (!row.length) map = undefined;
    else {
      if (!map) maps.push((map = []));
      const wanted = map[0]?.length ?? row.length;
      if (row.length !== wanted) throw new Unreadable("ragged", { cells: row.length, wanted });
      map.push(row);
    }
  }
  const [first] = maps;
  if (!first) throw new Unreadable("nothing");
  if (maps.some((one) => one.length !== first.length || one[0].length !== first[0].length)) throw new Unreadable("maps");
  const shape = [first.length, first[0].length];
  return { shape: maps.length === 1 ? shape : [maps.length, ...shape], cells: maps.flat(2) };
}

// --- refusing -----------------------------------------------------------------------------------------------------

/** The complaint about an empty cell, or about what is a number in no convention, if there is one. @param {Unreadable[]} errors */
function complaint(errors) {
  const isStrange = (/** @type {Unreadable} */ { reason, values }) => reason === "word" && ["point", "comma"].every((system) => numeral(String(values.what), /** @type {System} */ (system)) === undefined); // prettier-ignore
  return errors.find(({ reason }) => reason === "empty") ?? errors.find(isStrange) ?? errors[0];
}

/** Names of columns above the numbers and of rows before them, as pandas prints. @param {string} text */
function namesOf(text) {
  const parted = text.split("\n").filter((line) => line.trim()).map((line) => line.trim().split(/[\t;, ]+/)); // prettier-ignore
  const [first, ...body] = parted;
  const head = first[0] ? first : first.slice(1); // df.to_csv() begins with a comma
  const isIndex = (/** @type {string[]} */ words) => words.every((word, at) => Number(word) === at + Number(words[0]) && /^[01]$/.test(words[0])); // prettier-ignore
  const isName = (/** @type {string} */ word) => /^[^\d+.,-]/.test(word);
  const inner = body.map((words) => words.slice(1));
  const isNamed = isIndex(head) ? isIndex(body.map(([name]) => name)) : head.every(isName);
  if (!body.length || !isNamed || inner.some((words) => words.length !== head.length)) return undefined;
  try {
    const matrix = stack(inner.map((words, at) => words.map((word) => number(word, at + 1)))); // prettier-ignore
    return new Unreadable("names", { what: head[0] }, [{ label: glance(matrix), matrix }]);
  } catch {
    return new Unreadable("names", { what: head[0] });
  }
}
