// @ts-check
// A text that someone pastes, as an array: signs first, then the parts of a session, then named parts and slices, then the
// cells of each in brackets, in LaTeX or on lines. docs/paste.md has the whole grammar. It knows no page and no layer.

import { inner } from "./around.js";
import { isLatex, latex } from "./latex.js";
import { isAround, printed, sizesOf } from "./printed.js";
import { session } from "./session.js";
import { plain } from "./signs.js";
import { assembled, gathered } from "./slices.js";
import { statements } from "./statements.js";
import { below, glance, Unreadable } from "./unreadable.js";

/** @typedef {import("./unreadable.js").Matrix} Matrix */
/** @typedef {import("./statements.js").Named} Named */
/** @typedef {{name: string, index: number[]|undefined, slice?: Named["slice"], above: number, lines: string[]}} Section of a text; the
 *   slice that it is, and how many lines stand above it */

const SECTION = /^\s*([\p{L}_][\w.]*(?:\[[\d, ]*\])?)?\s*(?:\(((?:[:\d]+\s*,\s*)+[:\d]+)\)|\(((?:[\d.]+\s*,\s*)*[\d.]+)\)|\[((?:[:\d]+\s*,\s*)+[:\d]+)\])?\s*=\s*(\d+(?:[×x]\d+)+(?: [\w ]+)?)?\s*$/u; // prettier-ignore
const CONTAINING = /^\s*(?:Parameter|Variable) containing:\s*$/;
const HEADING = /^\s*(\p{L}[\p{L}\p{N}_.× -]*?)(?:\s*#?(\d+))?\s*:\s*$/u; // Kernel:, Channel 0:
const LONGEST = 200; // characters of a heading
const INFINITE = /^[-+]?(?:inf(?:inity)?|nan)$/i;
const SLICE_OF_R = /^\s*, , (\d+(?:, \d+)*)\s*$/;

/** What a text says; an Unreadable if that is no array, or more than one. @param {string} text @returns {Matrix} */
export function parse(text) {
  const said = inner(plain(text).replace(/^[ \t]*```\w*[ \t]*$/gm, "")); // the fences of a chat's code
  if (!said.trim()) throw new Unreadable("nothing");
  try {
    return single(arrays(said));
  } catch (error) {
    if (error instanceof Unreadable && error.reason === "dotted") throw elision(text, error);
    throw error;
  }
}

/** The array that is meant. Equal ones are one if they bear one name, or if one was typed and the other printed; two names
 * are two arrays, whose numbers may only happen to be the same. @param {Named[]} found @returns {Matrix} */
function single(found) {
  const isEqual = (/** @type {Named} */ one, /** @type {Named} */ other) => one.matrix.shape.join() === other.matrix.shape.join() && one.matrix.cells.join() === other.matrix.cells.join(); // prettier-ignore
  const isAgain = (/** @type {Named} */ one, /** @type {Named} */ other) => (one.name && one.name === other.name) || (one.isTyped && !other.isTyped);
  const all = found.filter((one, at) => !found.some((other, i) => i !== at && isEqual(one, other) && isAgain(one, other) && (i < at || !(isAgain(other, one)))));
  if (!all.length) throw new Unreadable("nothing");
  if (all.length === 1) return all[0].matrix;
  const names = all.map(({ name, matrix }) => name || matrix.shape.join("×"));
  const readings = all.map(({ name, matrix }) => ({ label: `${name} ${glance(matrix)}`.trim(), matrix }));
  throw new Unreadable("several", { names: names.join(", ") }, readings);
}

/** @param {string} text in plain signs @returns {Named[]} */
function arrays(text) {
  const parts = session(text);
  if (!parts) return sections(text.split("\n"));
  const shown = parts.filter(({ isTyped }) => !isTyped);
  if (!shown.length && parts.length > 1) return sections(parts.flatMap(({ lines }) => lines)); // quoted, or one command after another
  const found = (shown.length ? shown : parts).flatMap(({ name, lines, above }) =>
    below(above, () => sections(lines)).map((each) => ({ ...each, name: each.name || name })),
  );
  const typed = shown.length ? parts.filter(({ isTyped, lines }) => isTyped && /[[{]|\bc\(/.test(lines.join("\n"))) : [];
  return [...typed.flatMap(({ lines }) => attempt(() => sections(lines)).map((each) => ({ ...each, isTyped: true }))), ...found];
}

/** What was typed is often no array, but a command. @param {() => Named[]} read */
function attempt(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return [];
    throw error;
  }
}

// --- named parts and slices -----------------------------------------------------------------------------------------

/** What several parts with names say, where one of them holds words such as -inf: it is left out, and the others are asked.
 * @param {{name: string, read: () => Named[]}[]} parts @returns {Named[]} */
function readable(parts) {
  /** @type {{name: string, error: Unreadable}[]} */ const strange = [];
  const found = parts.flatMap(({ name, read }) => {
    try {
      return read();
    } catch (error) {
      const isStrange = error instanceof Unreadable && error.reason === "word" && name && INFINITE.test(String(error.values.what));
      if (!isStrange) throw error;
      strange.push({ name, error: /** @type {Unreadable} */ (error) });
      return [];
    }
  });
  const [first] = strange;
  if (!first) return found;
  if (!found.length || found.some(({ name }) => !name)) throw first.error;
  const readings = found.map(({ name, matrix }) => ({ label: `${name} ${glance(matrix)}`, matrix }));
  throw new Unreadable("some", { ...first.error.values, name: first.name, names: found.map(({ name }) => name).join(", ") }, readings);
}

/** @param {string[]} text its lines @returns {Named[]} */
function sections(text) {
  if (isLatex(text.join("\n"))) return latex(text.join("\n"));
  /** @type {Section[]} */ const all = [{ name: "", index: undefined, above: 0, lines: [] }];
  const isBare = !/[[({]/.test(text.join("\n"));
  text.forEach((line, at) => {
    const heading = isBare && line.length <= LONGEST && !isAround(line) && HEADING.exec(line);
    if (heading) {
      const [, word, number] = heading;
      const slice = number && !/\d/.test(word) ? { of: word, index: [Number(number)] } : undefined;
      return all.push({ name: line.trim().slice(0, -1).trim(), slice, index: undefined, above: at + 1, lines: [] });
    }
    const [found, ofR] = line.length > LONGEST ? [null, null] : [SECTION.exec(line), SLICE_OF_R.exec(line)];
    const isBegun = found && (found[1] || found[2] || found[3] || found[4]);
    const isAlone = !found?.[5] || sizesOf(found[5]);
    if (!(isBegun && isAlone) && !ofR && !CONTAINING.test(line)) return all[all.length - 1].lines.push(line);
    const columns = found?.[2] ?? found?.[4] ?? ofR?.[1]; // of MATLAB, Julia and R, where the last one counts slowest
    const index = columns ? numbersIn(columns).reverse() : found?.[3] ? numbersIn(found[3]) : undefined;
    const sizes = found?.[5]; // A = 3×3
    all.push({ name: found?.[1] ?? "", index, above: sizes ? at : at + 1, lines: sizes ? [sizes] : [] });
  });
  const full = all.filter(({ lines, index }, at) => lines.some((line) => line.trim()) && !(all[at + 1]?.index && !index && isHead(lines))); // prettier-ignore
  if (!full.length) throw new Unreadable("nothing");
  /** @type {{name: string, read: () => Named[]}[]} */ const parts = [];
  for (let at = 0; at < full.length; at++) {
    const { name, slice, index, above, lines } = full[at];
    if (!index) parts.push({ name, read: () => below(above, () => body(lines.join("\n"))).map((each) => ({ ...each, name: each.name || name, slice: each.slice ?? slice })) });
    else {
      let stop = at + 1;
      while (stop < full.length && full[stop].index && full[stop].name === name) stop++;
      const slices = full.slice(at, stop);
      parts.push({ name, read: () => [{ name, matrix: stacked(slices) }] });
      at = stop - 1;
    }
  }
  return gathered(readable(parts));
}

/** Whether all that a part says is the sizes of the slices below. @param {string[]} lines */
const isHead = (lines) => lines.every((line) => !line.trim() || sizesOf(line));

/** @param {string} words */
const numbersIn = (words) => (words.match(/\d+/g) ?? []).map(Number);

/** Slices as one array: the index of each says where it belongs, and all have to be there.
 * @param {Section[]} slices @returns {Matrix} */
function stacked(slices) {
  const tail = slices[slices.length - 1].lines.findLast((line) => line.trim()) ?? "";
  const bare = (/** @type {string[]} */ lines) => lines.map((line) => (line === tail && sizesOf(line) ? "" : line)).join("\n");
  const maps = slices.map(({ lines, above }) => below(above, () => single(body(bare(lines)))));
  const indices = slices.map(({ index }) => /** @type {number[]} */ (index));
  const matrix = assembled(maps, indices, slices[slices.length - 1].above);
  const told = sizesOf(tail); // PyTorch tells the sizes of all the slices below the last one
  if (told && told.join() !== matrix.shape.join())
    throw new Unreadable("shape", { printed: told.join("×"), found: matrix.shape.join("×") });
  return matrix;
}

/** @param {string} text without headings @returns {Named[]} */
function body(text) {
  const bare = text.split("\n").filter((line) => !/^\s*[#%](?=[\s#%]|$)/.test(line) && !isAround(line)).join("\n"); // prettier-ignore
  const isVector = /^\s*\[1\]\s+[-+.\d]/.test(bare.trimStart()) && !/[,;]/.test(bare);
  if (!isVector && /[[({<=\])}]|\w"?:\s/.test(bare)) return statements(text);
  if (bare.includes("...")) throw new Unreadable("dotted", { line: 1 });
  return [{ name: "", matrix: printed(text) }];
}

// --- what was left out ----------------------------------------------------------------------------------------------

const TOOLS = /** @type {[RegExp, string, string][]} */ ([
  [/\btensor\(|Parameter containing/, "PyTorch", "torch.set_printoptions(profile='full')"],
  [/<?tf\./, "TensorFlow", "tf.print(x, summarize=-1)"],
  [/\b(?:Device)?Array\(/, "JAX", "np.set_printoptions(threshold=np.inf)"],
  [/NDArray/, "MXNet", "np.set_printoptions(threshold=np.inf)"],
  [/\brows x \d+ columns\]|dtype: |^\.\. /m, "pandas", "print(df.to_numpy().tolist())"],
  [/[⋮⋯⋱]|-element |\d×\d/, "Julia", "print(x)"],
]);

/** How to have all of it printed, in the tool that left numbers out. @param {string} text @param {Unreadable} error */
function elision(text, error) {
  const [, tool, advice] = TOOLS.find(([form]) => form.test(text)) ?? [];
  if (tool && advice) return new Unreadable("cut", { tool, advice });
  const isOfNumpy = !isLatex(text) && (/\b(?:array|matrix)\(/.test(text) || (text.includes("[") && !text.includes(",")));
  return isOfNumpy ? new Unreadable("dots") : error;
}
