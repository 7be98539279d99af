// @ts-check
// The tokens of a text in brackets: brackets, words, strings, the signs between them, and the ends of lines. A comment is
// none; it knows Python's, MATLAB's and C's. What a word means is not for here.

/** @typedef {"open"|"close"|"sign"|"word"|"string"|"dots"|"line"} Kind */
/** @typedef {{kind: Kind, text: string, line: number, spaced: boolean}} Token its line counts from 0; whether a space or
 *   the end of a line stands before it */

const FORMS = /** @type {[Kind|"space"|"comment", RegExp][]} */ ([
  ["line", /\n/y],
  ["space", /[^\S\n]+|\\(?=[^\S\n]*\n)/y],
  ["comment", /#(?=[\s#]|$).*|\/\/.*|\/\*[^]*?\*\//y],
  ["string", /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y],
  ["dots", /\.{3}/y],
  ["open", /[[({]/y],
  ["close", /[\])}]/y],
  ["sign", /[,;:=<>]/y],
  ["word", /(?:(?!\.{3}|\/\/|\/\*)[^\s[\](){},;:=<>"'])+|["'/]/y],
]);
const TERSE = /^\/\/\s*\S*$/; // behind a value: Python's [5] // 2, Mathematica's {1} // Total
const PERCENT = /%(?=\s)[^\n]*[A-Za-z]{2}.*|%\s*(?=\n|$)/y; // MATLAB's comment, which 50 % is not

/** @param {string} text in plain signs @returns {Token[]} */
export function tokens(text) {
  /** @type {Token[]} */ const all = [];
  let [at, line, spaced] = [0, 0, true];
  while (at < text.length) {
    const last = all.at(-1);
    const [kind, found] = next(text, at, spaced, last);
    if (kind !== "space" && kind !== "comment") all.push({ kind, text: found, line, spaced });
    spaced = kind === "space" || kind === "comment" || kind === "line";
    line += found.split("\n").length - 1;
    at += found.length;
  }
  return all;
}

const PLAIN = /[\w+\-.]*(?<!\.{2})(?=[\s\],)}]|$)/y; // most words are numbers

/** @param {string} text @param {number} at @param {boolean} spaced @param {Token|undefined} last
 * @returns {[Kind|"space"|"comment", string]} */
function next(text, at, spaced, last) {
  PLAIN.lastIndex = at;
  const plain = /[\w+-]/.test(text[at]) && PLAIN.exec(text)?.[0];
  if (plain && !plain.includes("...")) return ["word", plain];
  const mayComment = spaced || last?.kind !== "word";
  PERCENT.lastIndex = at;
  const percent = mayComment && text[at] === "%" && PERCENT.exec(text);
  if (percent) return ["comment", percent[0]];
  for (const [kind, form] of FORMS) {
    if (kind === "string" && (last?.kind === "close" || last?.kind === "word") && !spaced) continue; // ' transposes
    if (kind === "comment" && !mayComment) continue;
    form.lastIndex = at;
    const found = form.exec(text);
    const isComputed = kind === "comment" && found && TERSE.test(found[0]) && (last?.kind === "close" || last?.kind === "word");
    if (found && !isComputed) return [kind, found[0]];
  }
  throw new Error(`no token begins with ${text[at]}`);
}

/** The tokens from one up to where brackets, also < and >, are closed again and one of some signs stands, or to the end.
 * @param {Token[]} all @param {number} from @param {string[]} until @returns {number} the place of that token */
export function skip(all, from, until) {
  let depth = 0;
  for (let at = from; at < all.length; at++) {
    const { kind, text } = all[at];
    if (!depth && until.includes(text)) return at;
    if (kind === "open" || text === "<") depth++;
    if (kind === "close" || text === ">") depth--;
  }
  return all.length;
}
