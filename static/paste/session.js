// @ts-check
// A stretch of a session: what was typed after a prompt, and what was printed below it. What was printed is meant;
// what was typed, where it holds an array itself.

/** @typedef {{name: string, above: number, lines: string[], isTyped: boolean}} Part how many lines stand above it */

const PROMPT =
  /^\s*(?:>>>(?: |$)|In ?\[\d*\]: ?|>> |octave(?:\.exe)?:\d+> ?|julia> ?|\(Pdb\) |ipdb> |> (?=[^\n]*[A-Za-z]))/;
const GOES_ON = /^(?:\s*\.{3}: ?|\.{3}(?: |$)|\+ {1,3}(?=\S))/;
const PRINTED = /^\s*(?:Out ?\[\d*\]|\[\d+\]): ?/; // JupyterLab copies [3]:

/** The parts of a session; a text without prompts is one that was printed. @param {string} text @returns {Part[]} */
export function session(text) {
  /** @type {Part[]} */ const parts = [];
  text.split("\n").forEach((line, above) => {
    const last = parts.at(-1);
    const isOn = last?.isTyped && GOES_ON.test(line);
    if (PROMPT.test(line)) parts.push({ name: "", above, lines: [], isTyped: true });
    else if (PRINTED.test(line) || !last || (last.isTyped && !isOn))
      parts.push({ name: last?.isTyped ? asked(last.lines.join(" ")) : "", above, lines: [], isTyped: false });
    const bare = line.replace(PROMPT, blank).replace(PRINTED, blank);
    parts[parts.length - 1].lines.push(isOn ? bare.replace(GOES_ON, blank) : bare);
  });
  return parts.filter((part) => part.lines.some((line) => line.trim()));
}

/** Spaces in place of a prompt, so that columns stay below each other. @param {string} prompt */
const blank = (prompt) => " ".repeat(prompt.length);

/** The name of what a command prints: x, print(x). @param {string} command */
const asked = (command) => /^(?:print|disp)?\(?([\p{L}_][\w.]*)\)?;?$/u.exec(command.trim())?.[1] ?? "";
