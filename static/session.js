// @ts-check
// A stretch of a session: what was typed after a prompt, and what was printed below it. What was printed is meant; what was
// typed, where it holds an array itself.

/** @typedef {{name: string, text: string, isTyped: boolean}} Part its text keeps the lines' places */

const PROMPT = /^\s*(?:>>>(?: |$)|In ?\[\d*\]: ?|>> |octave(?:\.exe)?:\d+> ?|julia> ?|> (?=[^\n]*[A-Za-z]))/;
const GOES_ON = /^(?:\s*\.{3}: ?|\.{3}(?: |$)|\+ {1,3}(?=\S))/;
const PRINTED = /^\s*Out ?\[\d*\]: ?/;

/** The parts of a session; undefined if there is no prompt in a text. @param {string} text @returns {Part[]|undefined} */
export function session(text) {
  const lines = text.split("\n");
  if (!lines.some((line) => PROMPT.test(line) || PRINTED.test(line))) return undefined;
  /** @type {Part[]} */ const parts = [];
  /** @param {string} name @param {boolean} isTyped @param {number} at */
  const begin = (name, isTyped, at) => parts.push({ name, isTyped, text: "\n".repeat(at) }); // lines keep their numbers
  lines.forEach((line, at) => {
    const last = parts.at(-1);
    const isOn = last?.isTyped && GOES_ON.test(line);
    if (PROMPT.test(line)) begin("", true, at);
    else if (PRINTED.test(line) || !last || (last.isTyped && !isOn)) begin(last?.isTyped ? asked(last.text) : "", false, at);
    const part = parts[parts.length - 1];
    part.text += line.replace(PROMPT, blank).replace(PRINTED, blank).replace(isOn ? GOES_ON : /^(?!)/, blank) + "\n"; // prettier-ignore
  });
  return parts.filter(({ text: each }) => each.trim());
}

/** Spaces in place of a prompt, so that columns stay below each other. @param {string} prompt */
const blank = (prompt) => " ".repeat(prompt.length);

/** The name of what a command prints: x, print(x). @param {string} command */
const asked = (command) => /^(?:print|disp)?\(?([\p{L}_][\w.]*)\)?;?$/u.exec(command.trim())?.[1] ?? "";
