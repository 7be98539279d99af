// @ts-check
// What is said of the shape of an array that is being edited: the axes that are expected, what the shape looks like,
// and buttons for the changes that would make it fit, each of which can be put back. The server knows the layer; this
// module asks it whenever the shape is another one, and without an answer says nothing.

import { ask } from "./carried.js";
import { address, decimalsFor, lengthIn, rounded } from "../paste/address.js";
import { brackets, lines } from "../paste/matrix.js";
import { button, element, write } from "../page/page.js";

/** @typedef {import("../paste/matrix.js").Matrix} Matrix */
/** @typedef {Record<string, string>} Settings */
/** @typedef {{label: string, message: string, read: number[], axes: number[], settings: Settings}} Move */
/** @typedef {{axes: {letter: string, name: string}[], error: string|null, moves: Move[]}} Answer */
/** @typedef {(array: string, shape: number[], changes: Record<string, string>) => string} LayoutUrl where the server
 *   tells what a shape looks like, beside settings and arrays that would go with it */

const LONG = 1000; // cells: fewer always fit an address
const PAUSE = 120; // milliseconds, while somebody types

/** An array read as a shape, and its axes moved.
 * @param {Matrix} matrix @param {Pick<Move, "read"|"axes">} move @returns {Matrix} */
export function moved({ cells }, { read, axes }) {
  const strides = read.map((_, axis) => read.slice(axis + 1).reduce((all, size) => all * size, 1));
  const shape = axes.map((axis) => read[axis]);
  /** @param {number} from its first cell @param {number} at the axis @returns {number[]} */
  function part(from, at) {
    if (at === axes.length) return [cells[from]];
    return Array.from({ length: shape[at] }, (_, index) => part(from + index * strides[axes[at]], at + 1)).flat();
  }
  return { shape, cells: part(0, 0) };
}

/** @param {(text: string) => string} say
 * @param {{layoutUrl: LayoutUrl, room: (array: string) => number, most: (array: string) => number}} walk for how many
 *   bytes of an array there is room in an address, and in what is sent beside one
 * @param {{text: () => string, fill: (text: string) => void, judge: () => void}} sheet */
export function layouts(say, walk, sheet) {
  const axes = element("p", { class: "axes" });
  const hint = element("p", { class: "hint-of-shape", role: "status" });
  const buttons = element("div", { class: "moves" });
  const root = element("div", { class: "layout" }, axes, hint, buttons);

  let array = "";
  /** @type {Matrix|undefined} */ let matrix;
  /** @type {Answer|undefined} */ let said; // of the shape that is there now
  /** @type {Settings} */ let settings = {}; // that go with the array once it is applied
  /** @type {Map<string, Answer>} */ let answers = new Map();
  /** @type {{text: string, settings: Settings}[]} */ let before = []; // what a button can put back
  let tooLong = ""; // what is said of an array that cannot be sent at all
  let carried = ""; // and of one that can, but stands in no link
  let waiting = 0;
  let asked = "";

  /** Begin with an array. @param {string} name */
  function open(name) {
    [array, settings, answers, before, said, asked] = [name, {}, new Map(), [], undefined, ""];
    for (const part of [axes, hint]) write(part, "");
    buttons.replaceChildren();
  }

  /** The text says these numbers now, or none. @param {Matrix|undefined} next @param {boolean} typed by hand */
  function consider(next, typed) {
    if (typed) [before, settings] = [[], {}];
    matrix = next;
    const key = next ? walk.layoutUrl(array, next.shape, settings) : "";
    said = answers.get(key);
    tooLong = carried = "";
    if (matrix && matrix.cells.length > LONG && !said?.error) measure(matrix);
    if (key && !said && key !== asked) {
      clearTimeout(waiting);
      asked = key;
      waiting = window.setTimeout(() => void inquire(key), answers.size ? PAUSE : 0);
    }
    draw();
  }

  /** @param {string} key the address, which is of a shape: a late answer says nothing of another one */
  async function inquire(key) {
    const mine = answers;
    try {
      const response = await ask(key);
      if (response.ok) mine.set(key, await response.json());
    } catch {
      // Without the server nothing is said: what is applied is refused in words by it, as ever.
    }
    if (asked === key) asked = "";
    if (mine !== answers || !matrix || key !== walk.layoutUrl(array, matrix.shape, settings)) return;
    said = answers.get(key);
    draw();
    sheet.judge();
  }

  /** @param {Matrix} long */
  function measure(long) {
    const text = address(long);
    const [bytes, room, most] = [lengthIn(text), walk.room(array), walk.most(array)];
    const [sent, left, all] = [bytes, room, most].map((count) => count.toLocaleString("en"));
    const said = (/** @type {string} */ key, /** @type {string} */ limit) =>
      say(key).replace("{bytes}", sent).replace("{room}", limit);
    if (text.length > most) tooLong = said("editor.long", all);
    else if (bytes > room) carried = said("editor.carried", left);
  }

  /** Why the array cannot be applied; an empty text if nothing is known against it. */
  const refusal = () => (said?.error ? (said.moves[0]?.message ?? said.error) : tooLong);

  function draw() {
    const [letters, names] = [said?.axes.map((axis) => axis.letter), said?.axes.map((axis) => axis.name)];
    const isTold = letters?.some((letter, at) => letter !== said?.axes[at].name);
    if (letters && names) write(axes, `${array}: ${letters.join(", ")}${isTold ? ` (${names.join(", ")})` : ""}`);
    const moves = said?.moves ?? [];
    const others = [...new Set(moves.map((move) => move.message))].filter((message) => message !== refusal());
    write(
      hint,
      [
        ...others,
        ...(carried ? [carried] : []),
        ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
      ].join(" · "),
    );
    const taking = moves.map((move) => button({}, () => take(move), move.label));
    buttons.replaceChildren(...taking, ...toShorten(), ...back());
  }

  /** @param {Move} move */
  function take(move) {
    if (!matrix) return;
    const isMove = move.read.join() !== matrix.shape.join() || move.axes.some((axis, at) => axis !== at);
    remember();
    settings = { ...settings, ...move.settings };
    const next = moved(matrix, move);
    // Maps below each other would be read as those of a filter, as they are now: brackets say which belong together.
    if (isMove) sheet.fill(Object.keys(move.settings).length ? brackets(next) : lines(next));
    else sheet.judge();
  }

  function toShorten() {
    const long = matrix;
    const decimals =
      (tooLong || carried) && long && !said?.error
        ? decimalsFor(long, tooLong ? walk.most(array) : walk.room(array))
        : undefined;
    if (!long || decimals === undefined) return [];
    const round = () => (remember(), sheet.fill(lines(rounded(long, decimals))));
    return [button({}, round, say("editor.round").replace("{decimals}", String(decimals)))];
  }

  const back = () => (before.length ? [button({}, restore, say("editor.back"))] : []);

  /** Put back what was there, unless somebody has typed since. @returns {boolean} whether there was anything */
  function restore() {
    const last = before.pop();
    if (!last) return false;
    settings = last.settings;
    sheet.fill(last.text);
    return true;
  }

  /** Another array is laid over the text: it brings no settings, and what was there can be put back. */
  function replace() {
    remember();
    settings = {};
  }

  const remember = () => before.push({ text: sheet.text(), settings });

  return { root, open, consider, refusal, replace, restore, settings: () => settings };
}
