// @ts-check
// The tokens of a text in brackets: brackets, words, strings and the signs between them. A comment is none; it knows
// Python's, MATLAB's and C's. What a word means is not for here.

/** @typedef {"open"|"close"|"sign"|"word"|"string"|"dots"} Kind */
/** @typedef {{kind: Kind, text: string, line: number, spaced: boolean}} Token its line counts from 1; whether a space
 *   or the end of a line stands before it */

const FORMS = /** @type {[Kind|"space"|"comment", RegExp][]} */ ([
  ["word", /[\w+-](?:[\w+-]|\.(?!\.))*(?=[\s\],)}]|$)/y], // most words are numbers: this is for speed
  ["space", /\s+|\\(?=[^\S\n]*\n)/y],
  ["comment", /%(?=\s)[^\n]*[A-Za-z]{2}.*|%\s*(?=\n|$)/y], // MATLAB's, which 50 % is not
  ["comment", /#(?=[\s#]|$).*|\/\/.*|\/\*[^]*?\*\//y],
  ["string", /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y],
  ["dots", /\.{3}/y],
  ["open", /[[({]/y],
  ["close", /[\])}]/y],
  ["sign", /[,;:=<>]/y],
  ["word", /(?:(?!\.{3}|\/\/|\/\*)[^\s[\](){},;:=<>"'])+|["'/]/y],
]);
const TERSE = /^\/\/\s*\S*$/; // behind a value: Python's [5] // 2, Mathematica's {1} // Total

/** @param {string} text in plain signs @returns {Token[]} */
export function tokens(text) {
  /** @type {Token[]} */ const all = [];
  /** @type {Kind|undefined} */ let last; // on the line
  let [line, spaced] = [1, true];
  for (let at = 0; at < text.length;) {
    const [kind, found] = next(text, at, spaced, last);
    if (kind !== "space" && kind !== "comment") all.push({ kind: (last = kind), text: found, line, spaced });
    if (found.includes("\n")) last = undefined;
    spaced = kind === "space" || kind === "comment";
    line += found.split("\n").length - 1;
    at += found.length;
  }
  return all;
}

/** @param {string} text @param {number} at @param {boolean} spaced @param {Kind} [last]
 * @returns {[Kind|"space"|"comment", string]} */
function next(text, at, spaced, last) {
  const isBehind = last === "close" || last === "word"; // a value
  for (const [kind, form] of FORMS) {
    if (kind === "string" && isBehind && !spaced) continue; // ' transposes
    if (kind === "comment" && last === "word" && !spaced) continue;
    form.lastIndex = at;
    const [found] = form.exec(text) ?? [];
    if (found && !(kind === "comment" && isBehind && TERSE.test(found))) return [kind, found];
  }
  throw new Error(`no token begins with ${text[at]}`);
}

/** The place of the first of some signs from a token on, outside of brackets, also < and >; or the end.
 * @param {Token[]} all @param {number} from @param {string[]} until */
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
