// @ts-check
// Rows on lines: a spreadsheet's cells, CSV, what prints without brackets. Which sign parts cells and which belongs to
// a number is decided over the whole text: every convention under which all can be read is tried. If one is left, it
// is meant; if two say different numbers, nothing is guessed.

import { isNumeral, number } from "./numeral.js";
import { attempt, distinct, doubtful, lineAt, reading, readingsOf, Unreadable, within } from "./unreadable.js";

/** @import { Matrix } from "./unreadable.js" */
/** @import { System } from "./numeral.js" */
/** @typedef {(line: string) => string[]} Split a line's cells */
/** @typedef {{text: string, split: Split, system: System, isDoubt?: boolean}} Convention its text may have other
 *   signs; whether it only casts doubt on others, and is none to read by alone */

const QUOTED = ["\ue000", "\ue001"]; // a comma in quotes, which parts no cells, and the quotes themselves

const COMMENT = /^\s*[#%](?=[\s#%]|$)/; // a line that is one
const PART = /^\s*# (?:\[\d+(?:, ?\d+)*\]|New slice)\s*$/;
const OF_MAPS = /map|channel|slice|kernel|filter|plane|layer|batch|sample|图|通道|核|层/i;
const HASHES = /^\s*[#%]+(?:[\s,;]+[#%]+)*\s*$/; // a cell of a spreadsheet that is too narrow for its number
const NOUGHT = /(?<![\w.])-0,(?=\d)/; // -0,5 is a decimal: no cell is -0
const GROUPED = /^(?:[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?:,(?=.)|,?$)){2,}$/; // 1,234.5,2,345.6

/** What rows on lines say, with an empty line between two maps. @param {string} text in plain signs */
export function rows(text) {
  const lines = text.split("\n").map((said, at) => ({ said, line: uncommented(said, at + 1), at: at + 1 }));
  // A comment between two rows parts no maps, but for the headings of this page and of np.savetxt; one about maps may.
  const together = lines.filter(({ said }) => !COMMENT.test(said) || PART.test(said));
  const meant = read(together);
  const mayPart = lines.some(({ said }) => COMMENT.test(said) && !PART.test(said) && OF_MAPS.test(said));
  const readings = distinct([reading(meant), ...(mayPart ? readingsOf(attempt(() => read(lines))) : [])]);
  if (readings.length > 1) throw doubtful(readings);
  return meant;
}

/** @param {{line: string, at: number}[]} lines and where each stands in the text */
function read(lines) {
  const text = lines
    .map(({ line }) => line)
    .join("\n")
    .replace(/(?<=\d\.\d*|\.\d+)[fF](?=[\s,;]|$)/g, "")
    .replace(/"([^"\n]*)"/g, quoted)
    .replace(/(?<!\d)\u00a0|\u00a0(?!\d)/g, " ");
  if (!text.trim()) throw new Unreadable("nothing");
  return within((line) => lines[line - 1]?.at ?? 1, () => arrayOf(text)); // prettier-ignore
}

/** A line without its comment. A `#` begins one only where no cell can be meant: not in #N/A, not in a cell between
 * tabs, and not before numbers. @param {string} text @param {number} line */
function uncommented(text, line) {
  if (HASHES.test(text) && text.trim() !== "#") throw new Unreadable("word", { what: text.trim(), line });
  const hasTabs = text.includes("\t");
  const found = /^(\s*)[#%](?=[\s#%]|$)(.*)$/.exec(text) ?? (hasTabs ? null : /^(.*? )#(?=\s|$)(.*)$/.exec(text));
  if (!found) return text;
  const said = found[2].replace(/^[#%\s]+/, "");
  const words = said.split(/[\s,;]+/).filter(Boolean);
  if ((words.length && words.every(isNumeral)) || (hasTabs && said.split("\t").some((cell) => isNumeral(cell.trim()))))
    throw new Unreadable("comment", { line });
  return found[1];
}

/** A cell in quotes, whose commas part nothing. @param {string} _ @param {string} inside */
const quoted = (_, inside) =>
  QUOTED[1] + inside.trim().replaceAll(",", QUOTED[0]).replaceAll(" ", "\u00a0") + QUOTED[1];

/** @param {string} text without comments
 * @param {boolean} [isLast] whether thousands are parted by hard spaces alone @returns {Matrix} */
function arrayOf(text, isLast = false) {
  const all = conventions(text);
  const tries = all.map((one) => attempt(() => arrayUnder(one)));
  const isDoubt = all.every((one, at) => one.isDoubt || tries[at] instanceof Unreadable);
  const readings = isDoubt ? [] : distinct(tries.flatMap(readingsOf));
  if (readings.length > 1) throw doubtful(readings);
  if (readings.length) return readings[0].matrix;
  const order = [...tries.filter((_, at) => !all[at].isDoubt), ...tries.filter((_, at) => all[at].isDoubt)];
  const errors = order.filter((each) => each instanceof Unreadable);
  throw namesOf(text) ?? (isLast ? undefined : thousands(text)) ?? complaint(errors);
}

// --- conventions ----------------------------------------------------------------------------------------------------

/** Cells between two signs; a spreadsheet selects wider than it is filled. @param {string} mark @returns {Split} */
const between = (mark) => (line) => {
  const cells = line.split(mark).map((cell) => cell.trim());
  while (cells.at(-1) === "") cells.pop();
  return cells;
};
/** @type {Split} a comma parts thousands wherever it can */
const grouped = (line) => line.trim().match(/[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?=,|$)/g) ?? [];
/** @type {Split} each comma parts, and so do spaces; one may stand at the end */
const apart = (line) =>
  line
    .trim()
    .replace(/ *,$/, "")
    .split(/ *, *|[ \t]+/);
/** @type {Split} a comma parts only if a space follows; others belong to a number */
const spaced = (line) =>
  line
    .trim()
    .replace(/,$/, "")
    .split(/,?[ \t]+/);

const POINT = /** @type {System[]} */ (["point"]);
const BOTH = /** @type {System[]} */ (["point", "comma"]);

/** @param {string} text @param {Split} split @param {System[]} systems @returns {Convention[]} */
const under = (text, split, systems) => systems.map((system) => ({ text, split, system }));

/** The conventions that a text may follow. @param {string} text @returns {Convention[]} */
function conventions(text) {
  // Points can part thousands between a spreadsheet's signs, and where a number has two of them.
  const hasCommas = /[,\ue000]|\d\.\d{3}\.\d{3}/.test(text) || (/[\t;]/.test(text) && /\d\.\d{3}(?!\d)/.test(text));
  const systems = hasCommas ? BOTH : POINT;
  if (text.includes("\t")) {
    const [loosened] = under(text.replaceAll("\u00a0", " "), apart, POINT);
    const doubts = /\d \d/.test(text) ? [{ ...loosened, isDoubt: true }] : []; // a space may part thousands, or cells
    return [...under(text, between("\t"), systems), ...doubts];
  }
  if (!text.includes(";")) return onLines(text, systems);
  const cells = under(text, between(";"), systems);
  // On one line, or at the end of each, a semicolon may end a row, as in MATLAB.
  const mayEnd = !/(?:^|[^\s;])[^\S\n]*\n/m.test(text.trim());
  if (!mayEnd || /^\s*;|;\s*;/m.test(text) || !/[^\s;][ ,\u00a0]+[^\s;]/.test(text)) return cells;
  const ended = onLines(text.replace(/;[^\S\n]*(?=\n)/g, "").replaceAll(";", "\n"), BOTH);
  return [...cells, ...ended.filter(({ split }) => split === apart || /[^\s,;] +[^\s,;]/.test(text))];
}

/** Those for a text without tabs and semicolons.
 * @param {string} text @param {System[]} systems @returns {Convention[]} */
function onLines(text, systems) {
  const commas = under(text, spaced, systems);
  const isRead = () => commas.some((one) => !(attempt(() => arrayUnder(one)) instanceof Unreadable));
  if (text.includes("\u00a0")) {
    // Beside plain spaces, hard ones part thousands if they can.
    const isJoined = text.split("\n").some((line) => line.trim().includes(" ")) && isRead();
    return isJoined ? commas : [...onLines(text.replaceAll("\u00a0", " "), BOTH), ...commas];
  }
  const isTight = /[^\s,],[^\s,]|(?:^|\s),\d/m.test(text);
  const isBare = /[^\s,] +[^\s,]/.test(text);
  const isLoose = /, |,$| ,/m.test(text);
  const hasQuotes = text.includes(QUOTED[0]);
  const lists = under(text, apart, hasQuotes ? systems : POINT);
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean); // prettier-ignore
  if (lines.every((line) => GROUPED.test(line))) lists.push(...under(text, grouped, POINT));
  if (!isTight) return systems.length > 1 && !isLoose && !hasQuotes ? [...lists, ...commas] : lists;
  if (!isBare || isLoose) return [...lists, ...commas];
  // 0,5 1,25: where spaces part the cells, a comma in each of them is a number's.
  const isEach = text.trim().split(/\s+/).every((word) => word.includes(",")); // prettier-ignore
  if (!isEach) return [...lists.map((one) => ({ ...one, isDoubt: true })), ...commas];
  // Commas and spaces that part cells alike: sloppy, or else two rows on a line.
  return isRead() ? commas : [...lists, { ...lists[0], text: text.trim().replace(/ +/g, "\n") }];
}

// --- reading --------------------------------------------------------------------------------------------------------

/** What a text says under a convention. @param {Convention} convention */
function arrayUnder({ text, split, system }) {
  const nought = split === apart && NOUGHT.exec(text);
  if (nought) throw new Unreadable("word", { what: "-0", line: lineAt(text, nought.index) });
  const lines = text.split("\n").map((line) => (line.trim() ? split(line) : []));
  return stack(lines.map((cells, at) => cells.map((cell) => numberIn(cell, at + 1, system))));
}

/** A cell's number; 05 and 000 are none. @param {string} cell @param {number} line @param {System} system */
function numberIn(cell, line, system) {
  const isQuoted = cell.length > 1 && cell.startsWith(QUOTED[1]) && cell.endsWith(QUOTED[1]);
  const word = (isQuoted ? cell.slice(1, -1) : cell.replaceAll(QUOTED[1], '"')).replaceAll(QUOTED[0], ",");
  if (/^[+-]?0\d/.test(word)) throw new Unreadable("word", { what: word, line });
  return number(word, line, system);
}

/** Maps of rows, parted by empty lines. @param {number[][]} lines @returns {Matrix} */
function stack(lines) {
  /** @type {number[][][]} */ const maps = [];
  lines.forEach((row, at) => {
    if (!row.length) return;
    if (!lines[at - 1]?.length) maps.push([]);
    const map = maps[maps.length - 1];
    const wanted = map[0]?.length ?? row.length;
    if (row.length !== wanted) throw new Unreadable("ragged", { cells: row.length, wanted });
    map.push(row);
  });
  if (!maps.length) throw new Unreadable("nothing");
  const shape = [maps[0].length, maps[0][0].length];
  if (maps.some((map) => map.length !== shape[0] || map[0].length !== shape[1])) throw new Unreadable("maps");
  return { shape: maps.length === 1 ? shape : [maps.length, ...shape], cells: maps.flat(2) };
}

// --- refusing -------------------------------------------------------------------------------------------------------

/** The complaint about an empty cell, about numbers that make no array, or about what is a number in no convention, if
 * there is one.
 * @param {Unreadable[]} errors */
const complaint = (errors) =>
  errors.find(({ reason }) => reason === "empty") ??
  errors.find(({ reason }) => /^(?:ragged|maps|size|rounded)$/.test(reason)) ?? // of numbers
  errors.find(({ reason, values }) => reason === "word" && !isNumeral(String(values.what))) ??
  errors[0];

/** The complaint about `1 000 2 050`: nobody writes 000 as a cell, so spaces may part thousands. What they then say is
 * offered: with as many groups in a number as there can be, and with those alone that begin with 0.
 * @param {string} text */
function thousands(text) {
  const open = text.replaceAll("\u00a0", " ");
  const found = /(?<![\d.,])0\d\d(?!\d)/.exec(open);
  if (!found) return undefined;
  const readings = ["\\d{3}", "0\\d\\d"].flatMap((group) => {
    const form = new RegExp(`(?<![\\d.,])[1-9]\\d{0,2}(?: ${group})+(?!\\d)`, "g");
    return readingsOf(
      attempt(() =>
        arrayOf(
          open.replace(form, (word) => word.replaceAll(" ", "\u00a0")),
          true,
        ),
      ),
    );
  });
  return new Unreadable("word", { what: found[0], line: lineAt(open, found.index) }, distinct(readings));
}

/** Names of columns above the numbers and of rows before them, as pandas prints. @param {string} text */
function namesOf(text) {
  const lines = text.split("\n").map((line) => line.trim());
  const [first, ...body] = lines.filter(Boolean).map((line) => line.split(/[\t;, ]+/)); // prettier-ignore
  const head = first[0] ? first : first.slice(1); // df.to_csv() begins with a comma
  const isIndex = (/** @type {string[]} */ words) =>
    words.every((word, at) => Number(word) === at + Number(words[0]) && /^[01]$/.test(words[0]));
  const isNamed = isIndex(head) ? isIndex(body.map(([name]) => name)) : head.every((word) => /^[^\d+.,-]/.test(word));
  const cells = body.map((words) => words.slice(1));
  if (!body.length || !isNamed || cells.some(({ length }) => length !== head.length)) return undefined;
  const said = attempt(() => stack(cells.map((words, at) => words.map((word) => number(word, at + 2)))));
  return new Unreadable("names", { what: head[0] }, readingsOf(said));
}
