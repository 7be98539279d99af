// @ts-check
// What stands around numbers and is none of them, in mails, tables, consoles and files: a text without it. Lines stay where
// they are, so that a complaint names the right one; "#" alone takes the place of a line, since an empty one parts maps.

const FORMS = /** @type {[RegExp, string][]} */ ([
  [/^\s*sep=.[ \t]*$/m, "#"], // Excel's first line
  [/^[ \t]*Tensor[ \t]*$/gm, ""], // TensorFlow.js
  [/^[ \t]*<class '[\w.]+'>[ \t]*$/gm, ""], // print(type(x))
  [/^[ \t]*(?:[sS]hape *[:=] *)?(\(\d+(?:, ?\d+)+\)|\(\d+,\))[ \t]*$(?=\s*\[)/gm, "Size$1"], // print(x.shape)
]);
const TABLE = /^\s*\|.*\|\s*$/;
const RULE = /^\s*\|(?:\s*:?-+:?\s*\|)+\s*$/;

/** @param {string} text in plain signs */
export function inner(text) {
  let said = text;
  for (const [form, other] of FORMS) said = said.replace(form, other);
  said = said.replace(/^([ \t]*)\((\d+)\) (?=(\[[^[\]]*\])\s*$)/gm, (all, room, count, list) => (list.split(",").length === Number(count) ? room : all)); // a browser's console
  const lines = said.split("\n");
  const full = lines.filter((line) => line.trim());
  const each = (/** @type {RegExp} */ form) => full.length > 0 && full.every((line) => form.test(line));
  if (each(/^> ?[^>]|^>$/) && !/[A-DF-Za-df-z]/.test(said)) return lines.map((line) => line.replace(/^> ?/, "")).join("\n"); // a quoted mail
  if (each(/^- \[/)) return lines.map((line) => line.replace(/^- /, "  ")).join("\n"); // YAML
  if (each(TABLE) && full.some((line) => RULE.test(line))) return lines.map(cells).join("\n"); // Markdown
  return said;
}

/** A row of a Markdown table. @param {string} line */
function cells(line) {
  if (RULE.test(line) || /^[\s|]+$/.test(line)) return "#";
  return line.trim().slice(1, -1).split("|").map((cell) => cell.trim()).join("\t"); // prettier-ignore
}
