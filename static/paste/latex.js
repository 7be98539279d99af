// @ts-check
// Matrices of LaTeX: cells between &, rows between \\. What stands around one must be its name and its brackets; a factor
// before it, such as \frac{1}{9}, would be another array.

import { rows } from "./rows.js";
import { Unreadable } from "./unreadable.js";

/** @typedef {import("./statements.js").Named} Named */

const MATRIX = /\\begin\{((?:[bBpvV]|small)?matrix\*?|array|tabular)\}(?:\[\w+\])?(?:\{[^}]*\})?([^]*?)\\end\{\1\}/g;
const PLAIN = /\\([bBpvV]?matrix)\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g; // TeX's own \pmatrix{1 & 2 \cr 3 & 4}
const AROUND = /\\(?:left|right|[bB]igg?[lr]?)\s*(?:\\?[[\](){}|.])|\\(?:begin|end)\{(?:equation|align|displaymath|math|gather)\*?\}|\\[[\]()]|\$+|[&,;.\s]|\\[,;!\s]|\\(?:displaystyle|quad|qquad|notag|nonumber)(?![a-z])|\\(?:tag|label)\*?\{[^{}]*\}/g; // prettier-ignore
const ROOM = /\\(?:hline|displaystyle|quad|qquad|h?phantom\{[^}]*\}|[,;:! ])|~|\\(?:top|mid|bottom)rule|\\cline\{[^}]*\}/g;

const PARTED = /(?:^|[^&])&(?!&)/; // by &, which also stands in comments and strings of code
const LISTED = /[[({]\s*[-+.\d][^&\])}]*[,;\s][^&\])}]*[\])}]|[[(]\s*[-+.\d]+\s*[\])]/;

/** Whether a text is LaTeX's. @param {string} text */
export const isLatex = (text) => /\\begin\{|\\\\|\\cr\b/.test(text) || (PARTED.test(text) && !LISTED.test(text));

/** The matrices in a text, each with the name before it. @param {string} given in plain signs @returns {Named[]} */
export function latex(given) {
  const text = given.replace(PLAIN, "\\begin{$1}$2\\end{$1}");
  const dots = /\\[cvld]?(?:dots|ddots)(?![a-z])/.exec(text);
  if (dots) throw new Unreadable("dotted", { line: text.slice(0, dots.index).split("\n").length });
  /** @type {Named[]} */ const found = [];
  let end = 0;
  const lineAt = (/** @type {number} */ at) => text.slice(0, at).split("\n").length;
  for (const each of text.matchAll(MATRIX)) {
    const name = nameIn(text.slice(end, each.index), lineAt(each.index));
    const [, , body] = each;
    found.push({ name, matrix: cellsOf(body, lineAt(each.index + each[0].indexOf(body))) });
    end = each.index + each[0].length;
  }
  if (!found.length) return [{ name: "", matrix: cellsOf(text, 1) }];
  const rest = text.slice(end).replace(/^[\s}]*/, "").replace(AROUND, "");
  if (rest) throw new Unreadable("word", { what: rest.slice(0, 20), line: lineAt(end) });
  return found;
}

/** @param {string} text what stands before a matrix @param {number} line */
function nameIn(text, line) {
  const bare = text.replace(/(?:\{|\\displaystyle|\s)+$/, "").replace(/^\s*\{\s*\\displaystyle/, "").replace(AROUND, "");
  const named = /^(?:\\(?:mathbf|bm|mathrm|boldsymbol|vec|hat|tilde|text)\{)?(\\?[A-Za-z]\w*)\}?(?:[_^](?:\w|\{[^{}]*\}|\([^()]*\)))*(?::?=)$/.exec(bare);
  if (bare && !named) throw new Unreadable("word", { what: bare.slice(0, 20), line });
  return named?.[1] ?? "";
}

/** @param {string} body @param {number} line that it begins with, counted from 1 */
function cellsOf(body, line) {
  /** @param {string} row */
  const bare = (row) => row.replace(/(?<=[-+])\s*\\[,;:! ]\s*(?=[.\d])/g, "").replace(ROOM, " ").replace(/\{,\}/g, ",").replace(/\{([-+.,\d]+)\}/g, "$1").replaceAll("$", "").trim(); // prettier-ignore
  const all = body.replace(/(?<=^|\s|\\\\)%(?![^\n]*\d).*/gm, "").split(/\\\\(?:\s*\[[^\]]*\])?|\\tabularnewline|\\cr(?![a-z])/);
  const lines = all.map((row) => bare(row.replaceAll("\n", " ")));
  while (lines.at(-1) === "") lines.pop(); // behind the last \\
  const empty = lines.indexOf("");
  if (empty >= 0 || !lines.length) throw new Unreadable("empty", { line: line + all.slice(0, empty).join("").split("\n").length - 1 });
  const cells = lines.map((each) => each.split("&").map((cell) => cell.trim()));
  // LaTeX has points: without a comma in it, 1.234 is no thousand.
  const isPlain = cells.flat().every((cell) => /^[-+.\w]+$/.test(cell));
  try {
    if (isPlain) return rows(cells.map((row) => row.join(" ")).join("\n"));
    return rows(lines.map((each) => (each.includes("&") ? each.split("&").map((cell) => cell.trim()).join("\t") : `${each}\t`)).join("\n")); // prettier-ignore
  } catch (error) {
    if (!(error instanceof Unreadable) || !("line" in error.values)) throw error;
    const before = all.slice(0, Number(error.values.line)).join("\\\\").trimEnd();
    throw new Unreadable(error.reason, { ...error.values, line: line + before.split("\n").length - 1 }, error.readings);
  }
}
