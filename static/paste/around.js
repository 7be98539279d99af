// @ts-check
// A text without what stands around numbers in mails, tables, consoles and files. Lines stay where they are, so that a
// complaint names the right one; "#" takes the place of a line, since an empty one parts maps.

const FORMS = /** @type {[RegExp, string][]} */ ([
  [/^[ \t]*```\w*[ \t]*$/gm, ""], // the fences of a chat's code
  [/^\s*sep=.[ \t]*$/m, "#"], // Excel's first line
  [/^[ \t]*Tensor[ \t]*$/gm, ""], // TensorFlow.js
  [/^[ \t]*<class '[\w.]+'>[ \t]*$/gm, ""], // print(type(x))
  [/^[ \t]*(?:[sS]hape *[:=] *)?(\(\d+(?:, ?\d+)+\)|\(\d+,\))[ \t]*$(?=\s*\[)/gm, "Size$1"], // print(x.shape)
]);
const OF_CONSOLE = /^([ \t]*)\((\d+)\) (?=(\[[^[\]]*\])\s*$)/gm; // a browser's: (4) [1, 2, 3, 4]
const TABLE = /^\s*\|.*\|\s*$/;
const RULE = /^\s*\|(?:\s*:?-+:?\s*\|)+\s*$/;

/** @param {string} text in plain signs */
export function inner(text) {
  let said = text;
  for (const [form, other] of FORMS) said = said.replace(form, other);
  said = said.replace(OF_CONSOLE, (all, room, count, list) => (list.split(",").length === Number(count) ? room : all));
  const full = said.split("\n").filter((line) => line.trim());
  const each = (/** @type {RegExp} */ form) => full.length > 0 && full.every((line) => form.test(line));
  if (each(/^> ?[^>]|^>$/) && !/[A-DF-Za-df-z]/.test(said)) return said.replace(/^> ?/gm, ""); // a quoted mail
  if (each(/^- \[/)) return said.replace(/^- /gm, "  "); // YAML
  if (each(TABLE) && full.some((line) => RULE.test(line))) return said.split("\n").map(cells).join("\n"); // Markdown
  return said;
}

/** A row of a Markdown table. @param {string} line */
function cells(line) {
  if (RULE.test(line) || /^[\s|]+$/.test(line)) return "#";
  return line.trim().slice(1, -1).split("|").map((cell) => cell.trim()).join("\t"); // prettier-ignore
}
