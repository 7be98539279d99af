// @ts-check
// A text that someone pastes, as an array: signs first, then the parts of a session, then named parts and slices, then
// the cells of each in brackets, in LaTeX or on lines. docs/paste.md has the whole grammar. It knows no page and no
// layer.

import { inner } from "./around.js";
import { isLatex, latex } from "./latex.js";
import { CELLS, COMPARED, isMany } from "./many.js";
import { agree, isSame } from "./nested.js";
import { isAround, printed, sizesOf } from "./printed.js";
import { session } from "./session.js";
import { plain } from "./signs.js";
import { assembled, gathered } from "./slices.js";
import { statements } from "./statements.js";
import { attempt, reading, Unreadable, within } from "./unreadable.js";

/** @import { Matrix } from "./unreadable.js" */
/** @import { Named } from "./slices.js" */
/** @typedef {{name: string, index?: number[], slice?: Named["slice"], above: number, lines: string[]}} Section of a
 *   text; the slice that it is, and how many lines stand above it */

const NAME = "[\\p{L}_][\\w.]*(?:\\[[\\d, ]*\\])?";
const AXES = "(?:[:\\d]+\\s*,\\s*)+[:\\d]+";
const PLACE = `\\(${AXES}\\)|\\[${AXES}\\]|\\((?:[\\d.]+\\s*,\\s*)*[\\d.]+\\)`; // (:,:,2), [:, :, 2], (2,.,.)
const SECTION = new RegExp(`^\\s*(${NAME})?\\s*(${PLACE})?\\s*=\\s*(\\d+(?:[×x]\\d+)+(?: [\\w ]+)?)?\\s*$`, "u");
const CONTAINING = /^\s*(?:Parameter|Variable) containing:\s*$/;
const HEADING = /^\s*(\p{L}[\p{L}\p{N}_.× -]*?)(?:\s*#?(\d+))?\s*:\s*$/u; // Kernel:, Channel 0:
const LONGEST = 200; // characters of a heading
const UNENDING = /(?<![\w.])[-+]?(?:\w+\.)?(?:inf(?:inity)?|nan)(?!\w)/i;
const SLICE_OF_R = /^\s*, , (\d+(?:, \d+)*)\s*$/;

/** What a text says; an Unreadable if that is no array, or more than one. NaN and the infinities are no numbers of an
 * array, unless they are to be taken too. @param {string} text @param {boolean} [isAny] @returns {Matrix} */
export function parse(text, isAny = false) {
  const most = isAny ? COMPARED : CELLS;
  if (isMany(text, most)) throw new Unreadable("many", { most: most.toLocaleString("en") });
  const said = inner(plain(text));
  if (!said.trim()) throw new Unreadable("nothing");
  const found = attempt(() => single(arrays(said, isAny)));
  if (found instanceof Unreadable) throw found.reason === "dotted" ? elision(text, found) : found;
  return found;
}

/** The array that is meant. Equal ones are one if they bear one name, or if one was typed and the other printed; two
 * names are two arrays, whose numbers may only happen to be the same. @param {Named[]} found the printed ones first
 * @returns {Matrix} */
function single(found) {
  const all = found.filter((one, at) => !found.slice(0, at).some((other) => isAgain(one, other)));
  if (!all.length) throw new Unreadable("nothing");
  if (all.length === 1) return all[0].matrix;
  const names = all.map(({ name, matrix }) => name || matrix.shape.join("×"));
  throw new Unreadable(
    "several",
    { names: names.join(", ") },
    all.map(({ name, matrix }) => reading(matrix, name)),
  );
}

/** @param {Named} one @param {Named} other that stands before it */
function isAgain(one, other) {
  const isMeant = (one.name && one.name === other.name) || (one.isTyped && !other.isTyped);
  return isMeant && isSame(one.matrix.shape, other.matrix.shape) && isSame(one.matrix.cells, other.matrix.cells);
}

/** @param {string} text in plain signs @param {boolean} isAny @returns {Named[]} */
function arrays(text, isAny) {
  const parts = session(text);
  const shown = parts.filter(({ isTyped }) => !isTyped);
  const typed = parts.filter(({ isTyped }) => isTyped);
  const all = { name: "", above: typed[0]?.above ?? 0, lines: typed.flatMap(({ lines }) => lines) };
  // Without anything printed it is quoted, or one command after another.
  const found = (shown.length ? shown : [all]).flatMap(({ name, lines, above }) =>
    below(above, () => sections(lines, isAny)).map((each) => ({ ...each, name: each.name || name })),
  );
  if (!shown.length) return found;
  // What was typed is often no array, but a command.
  const others = typed.flatMap(({ lines }) => {
    const said = /[[{]|\bc\(/.test(lines.join("\n")) ? attempt(() => sections(lines, isAny)) : [];
    return said instanceof Unreadable ? [] : said.map((each) => ({ ...each, isTyped: true }));
  });
  return [...found, ...others];
}

// --- named parts and slices -----------------------------------------------------------------------------------------

/** @param {string[]} lines @param {boolean} isAny @returns {Named[]} */
function sections(lines, isAny) {
  const text = lines.join("\n");
  if (isLatex(text)) {
    const found = latex(text);
    const error = isAny ? undefined : unendingIn(found, [{ above: 0, lines }]);
    if (error) throw error;
    return found;
  }
  /** @type {Section[][]} */ const groups = []; // slices of one array, or one section
  for (const each of headed(lines, !/[[({]/.test(text))) {
    const last = groups.at(-1);
    if (each.index && last?.[0].index && last[0].name === each.name) last.push(each);
    else groups.push([each]);
  }
  if (!groups.length) throw new Unreadable("nothing");
  return gathered(readable(groups, isAny));
}

/** The sections of a text that are not empty.
 * @param {string[]} text its lines @param {boolean} isBare whether there is no bracket in it @returns {Section[]} */
function headed(text, isBare) {
  /** @type {Section[]} */ const all = [{ name: "", above: 0, lines: [] }];
  text.forEach((line, at) => {
    const isShort = line.length <= LONGEST;
    const heading = isShort && isBare && !isAround(line) && HEADING.exec(line);
    if (heading) {
      const [, word, number] = heading;
      const slice = number && !/\d/.test(word) ? { of: word, index: [Number(number)] } : undefined;
      return all.push({ name: line.trim().slice(0, -1).trim(), slice, above: at + 1, lines: [] });
    }
    const [, name, found, sizes] = (isShort && SECTION.exec(line)) || []; // A = 3×3
    const place = found ?? (isShort ? SLICE_OF_R.exec(line)?.[1] : undefined);
    const isBegun = (name || place) && (!sizes || sizesOf(sizes));
    if (!isBegun && !CONTAINING.test(line)) return all[all.length - 1].lines.push(line);
    const numbers = place && (place.match(/\d+/g) ?? []).map(Number);
    // The last one counts slowest, but in PyTorch.
    const index = numbers ? (place.includes(".") ? numbers : numbers.reverse()) : undefined;
    all.push({ name: name ?? "", index, above: sizes ? at : at + 1, lines: sizes ? [sizes] : [] });
  });
  // Above slices may stand the sizes of the whole.
  const isHead = (/** @type {Section} */ { index, lines }, /** @type {number} */ at) =>
    !index && all[at + 1]?.index && lines.every((line) => !line.trim() || sizesOf(line));
  return all.filter((each, at) => each.lines.some((line) => line.trim()) && !isHead(each, at));
}

/** What named parts say. Where one of them holds words such as -inf that are not to be taken, it is left out, and the
 * others are asked. @param {Section[][]} groups @param {boolean} isAny @returns {Named[]} */
function readable(groups, isAny) {
  /** @type {{name: string, error: Unreadable}[]} */ const strange = [];
  const found = groups.flatMap((group) => {
    const [{ name, index, slice }] = group;
    const said = index ? [{ name, matrix: stacked(group) }] : read(group[0]);
    const error = isAny ? undefined : unendingIn(said, group);
    if (!error) return said.map((each) => ({ slice, ...each, name: each.name || name }));
    if (!name) throw error;
    strange.push({ name, error });
    return [];
  });
  const [first] = strange;
  if (!first) return found;
  if (!found.length || found.some(({ name }) => !name)) throw first.error;
  const names = found.map(({ name }) => name).join(", ");
  const readings = found.map(({ name, matrix }) => reading(matrix, name));
  throw new Unreadable("some", { ...first.error.values, name: first.name, names }, readings);
}

/** The complaint about a word that names no number, if what is said has one. @param {Named[]} said
 * @param {Pick<Section, "above"|"lines">[]} group where it stands */
function unendingIn(said, group) {
  if (said.every(({ matrix }) => matrix.cells.every(Number.isFinite))) return undefined;
  const places = group.flatMap(({ above, lines }) => lines.map((line, at) => ({ line, number: above + at + 1 })));
  const place = places.find(({ line }) => UNENDING.test(line));
  return new Unreadable("word", { what: UNENDING.exec(place?.line ?? "")?.[0] ?? "", line: place?.number ?? 1 });
}

/** Slices as one array: the index of each says where it belongs, and all have to be there.
 * @param {Section[]} slices @returns {Matrix} */
function stacked(slices) {
  const last = slices[slices.length - 1];
  const tail = last.lines.findLast((line) => line.trim()) ?? "";
  const told = sizesOf(tail); // PyTorch tells the sizes of all the slices below the last one
  const maps = slices.map((each) => {
    const lines = told ? each.lines.map((line) => (line === tail ? "" : line)) : each.lines;
    return single(read({ ...each, lines }));
  });
  const matrix = assembled(maps, slices.map(({ index }) => index ?? []), last.above); // prettier-ignore
  if (told) agree(told, matrix.shape);
  return matrix;
}

/** @param {Section} section */
const read = ({ above, lines }) => below(above, () => body(lines.join("\n")));

/** What stands below other lines. @template T @param {number} above how many @param {() => T} read */
const below = (above, read) => within((line) => line + above, read);

/** @param {string} text without headings @returns {Named[]} */
function body(text) {
  const lines = text.split("\n").filter((line) => !/^\s*[#%](?=[\s#%]|$)/.test(line) && !isAround(line));
  const bare = lines.join("\n");
  const isVector = /^\s*\[1\]\s+[-+.\d]/.test(bare) && !/[,;]/.test(bare);
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
  const isOfNumpy = /\b(?:array|matrix)\(/.test(text) || (text.includes("[") && !text.includes(","));
  return isOfNumpy && !isLatex(text) ? new Unreadable("dots") : error;
}
