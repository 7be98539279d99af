// @ts-check
// Matrices of LaTeX: cells between &, rows between \\. What stands around one must be its name and its brackets; a
// factor before it, such as \frac{1}{9}, would be another array.

import { rows } from "./rows.js";
import { lineAt, Unreadable, within } from "./unreadable.js";

/** @import { Named } from "./slices.js" */

const MATRIX = /\\begin\{((?:[bBpvV]|small)?matrix\*?|array|tabular)\}(?:\[\w+\])?(?:\{[^}]*\})?([^]*?)\\end\{\1\}/g;
const PLAIN = /\\([bBpvV]?matrix)\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g; // TeX's own \pmatrix{1 & 2 \cr 3 & 4}
const AROUND = new RegExp(
  [
    /\\(?:left|right|[bB]igg?[lr]?)\s*(?:\\?[[\](){}|.])|\\[[\]()]|\$+/, // brackets
    /\\(?:begin|end)\{(?:equation|align|displaymath|math|gather)\*?\}|\\(?:tag|label)\*?\{[^{}]*\}/,
    /[&,;.\s]|\\[,;!\s]|\\(?:displaystyle|quad|qquad|notag|nonumber)(?![a-z])/, // room
  ].map(({ source }) => source).join("|"),
  "g",
); // prettier-ignore
const ROOM = /\\(?:(?:h|top|mid|bottom)(?:line|rule)|displaystyle|q?quad|(?:h?phantom|cline)\{[^}]*\}|[,;:! ])|~/g;
const ROW_ENDS = /\\\\(?:\s*\[[^\]]*\])?|\\tabularnewline|\\cr(?![a-z])/;
const COMMENT = /(?<=^|\s|\\\\)%(?![^\n]*\d).*/gm;
const NAME = /^(?:\\(?:mathbf|bm|mathrm|boldsymbol|vec|hat|tilde|text)\{)?(\\?[A-Za-z]\w*)\}?/.source;
const NAMED = new RegExp(`${NAME}(?:[_^](?:\\w|\\{[^{}]*\\}|\\([^()]*\\)))*(?::?=)$`);

const PARTED = /(?:^|[^&])&(?!&)/; // by &, which also stands in comments and strings of code
const LISTED = /[[({]\s*[-+.\d][^&\])}]*[,;\s][^&\])}]*[\])}]|[[(]\s*[-+.\d]+\s*[\])]/;

/** Whether a text is LaTeX's. @param {string} text */
export const isLatex = (text) => /\\begin\{|\\\\|\\cr\b/.test(text) || (PARTED.test(text) && !LISTED.test(text));

/** The matrices in a text, each with the name before it. @param {string} given in plain signs @returns {Named[]} */
export function latex(given) {
  const text = given.replace(PLAIN, "\\begin{$1}$2\\end{$1}");
  const dots = /\\[cvld]?(?:dots|ddots)(?![a-z])/.exec(text);
  if (dots) throw new Unreadable("dotted", { line: lineAt(text, dots.index) });
  /** @type {Named[]} */ const found = [];
  let end = 0;
  for (const each of text.matchAll(MATRIX)) {
    const [all, , body] = each;
    const name = nameIn(text.slice(end, each.index), lineAt(text, each.index));
    found.push({ name, matrix: cellsOf(body, lineAt(text, each.index + all.indexOf(body))) });
    end = each.index + all.length;
  }
  if (!found.length) return [{ name: "", matrix: cellsOf(text, 1) }];
  const rest = text.slice(end).replace(/^[\s}]*/, "").replace(AROUND, ""); // prettier-ignore
  if (rest) throw new Unreadable("word", { what: rest, line: lineAt(text, end) });
  return found;
}

/** @param {string} text what stands before a matrix @param {number} line */
function nameIn(text, line) {
  const bare = text
    .replace(/(?:\{|\\displaystyle|\s)+$/, "")
    .replace(/^\s*\{\s*\\displaystyle/, "")
    .replace(AROUND, "");
  const named = NAMED.exec(bare);
  if (bare && !named) throw new Unreadable("word", { what: bare, line });
  return named?.[1] ?? "";
}

/** A row without what stands around and between its numbers. @param {string} row */
const bare = (row) =>
  row
    .replaceAll("\n", " ")
    .replace(/(?<=[-+])\s*\\[,;:! ]\s*(?=[.\d])/g, "")
    .replace(ROOM, " ")
    .replace(/\{,\}/g, ",")
    .replace(/\{([-+.,\d]+)\}/g, "$1")
    .replaceAll("$", "")
    .trim();

/** @param {string} body @param {number} line that it begins with, counted from 1 */
function cellsOf(body, line) {
  const all = body.replace(COMMENT, "").split(ROW_ENDS);
  const lineOf = (/** @type {string} */ before) => line + before.split("\n").length - 1;
  const lines = all.map(bare);
  while (lines.at(-1) === "") lines.pop(); // behind the last \\
  const empty = lines.indexOf("");
  if (empty >= 0 || !lines.length) throw new Unreadable("empty", { line: lineOf(all.slice(0, empty).join("")) });
  const cells = lines.map((row) => row.split("&").map((cell) => cell.trim()));
  // LaTeX has points: without a comma in it, 1.234 is no thousand.
  const isPlain = cells.flat().every((cell) => /^[-+.\w]+$/.test(cell));
  const text = cells.map((row) => (isPlain ? row.join(" ") : `${row.join("\t")}\t`)).join("\n");
  return within((row) => lineOf(all.slice(0, row).join("").trimEnd()), () => rows(text)); // prettier-ignore
}
