// @ts-check
// What is said of the shape of an array that is being edited: the axes that are expected, what the shape looks like, and
// buttons for the changes that would make it fit, each of which can be put back. The server knows the layer; this module
// asks it whenever the shape is another one, and without an answer says nothing.

import { address, decimalsFor, lengthIn, rounded } from "../paste/address.js";
import { element, write } from "../page/page.js";

/** @typedef {import("../paste/matrix.js").Matrix} Matrix */
/** @typedef {{label: string, message: string, read: number[], axes: number[], shape: number[], settings: Record<string, string>}} Move */
/** @typedef {{axes: {letter: string, name: string}[], error: string|null, moves: Move[]}} Answer */
/** @typedef {{label: string, act: () => void}} Offer */

const LONG = 1000; // cells: fewer always fit an address
const PAUSE = 120; // milliseconds, while somebody types

/** An array read as a shape, and its axes moved. @param {Matrix} matrix @param {Pick<Move, "read"|"axes">} move @returns {Matrix} */
export function moved({ cells }, { read, axes }) {
  const strides = read.map((_, axis) => read.slice(axis + 1).reduce((all, size) => all * size, 1));
  const shape = axes.map((axis) => read[axis]);
  const count = shape.reduce((all, size) => all * size, 1);
  const made = Array.from({ length: count }, (_, flat) => {
    let [rest, from] = [flat, 0];
    for (let at = axes.length - 1; at >= 0; at--) {
      from += (rest % shape[at]) * strides[axes[at]];
      rest = Math.floor(rest / shape[at]);
    }
    return cells[from];
  });
  return { shape, cells: made };
}

/** @param {(text: string) => string} say
 * @param {{layoutUrl: (array: string, shape: number[], settings: Record<string, string>) => string, room: (array: string) => number}} walk
 * @param {{put: (matrix: Matrix) => void, text: () => string, restore: (text: string) => void, judge: () => void}} sheet */
export function layouts(say, walk, sheet) {
  const axes = element("p", { class: "axes" });
  const hint = element("p", { class: "hint-of-shape", role: "status" });
  const buttons = element("div", { class: "moves" });
  const root = element("div", { class: "layout" }, axes, hint, buttons);

  let array = "";
  /** @type {Matrix|undefined} */ let matrix;
  /** @type {Answer|undefined} */ let said; // of the shape that is there now
  /** @type {Record<string, string>} */ let settings = {}; // that go with the array once it is applied
  /** @type {Map<string, Answer>} */ let answers = new Map();
  /** @type {{text: string, settings: Record<string, string>}[]} */ let before = []; // what a button can put back
  let tooLong = "";
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
    tooLong = "";
    if (matrix && matrix.cells.length > LONG && !said?.error) measure(matrix);
    if (key && !said && key !== asked) {
      clearTimeout(waiting);
      asked = key;
      waiting = window.setTimeout(() => void ask(key), answers.size ? PAUSE : 0);
    }
    draw();
  }

  /** @param {string} key the address, which is of a shape: a late answer says nothing of another one */
  async function ask(key) {
    const mine = answers;
    try {
      const response = await fetch(key);
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
    const [bytes, room] = [lengthIn(address(long)), walk.room(array)];
    if (bytes > room) tooLong = say("editor.long").replace("{bytes}", bytes.toLocaleString("en")).replace("{room}", room.toLocaleString("en"));
  }

  /** Why the array cannot be applied; an empty text if nothing is known against it. */
  const refusal = () => (said?.error ? (said.moves[0]?.message ?? said.error) : tooLong);

  function draw() {
    if (said) write(axes, `${array}: ${said.axes.map((axis) => axis.letter).join(", ")} (${said.axes.map((axis) => axis.name).join(", ")})`);
    const moves = said?.moves ?? [];
    const others = [...new Set(moves.map((move) => move.message))].filter((message) => message !== refusal());
    write(hint, [...others, ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`)].join(" · "));
    buttons.replaceChildren(...[...moves.map(offerOf), ...offersOfLength(), ...offersBack()].map(button));
  }

  /** @param {Offer} offer */
  function button({ label, act }) {
    const made = element("button", { type: "button" }, label);
    made.addEventListener("click", act);
    return made;
  }

  /** @param {Move} move @returns {Offer} */
  function offerOf(move) {
    const act = () => {
      if (!matrix) return;
      const isMove = move.read.length !== matrix.shape.length || move.axes.some((axis, at) => axis !== at);
      remember();
      settings = { ...settings, ...move.settings };
      if (isMove) sheet.put(moved(matrix, move));
      else sheet.judge();
    };
    return { label: move.label, act };
  }

  /** @returns {Offer[]} */
  function offersOfLength() {
    const long = matrix;
    const decimals = tooLong && long && !said?.error ? decimalsFor(long, walk.room(array)) : undefined;
    if (!long || decimals === undefined) return [];
    return [{ label: say("editor.round").replace("{decimals}", String(decimals)), act: () => (remember(), sheet.put(rounded(long, decimals))) }];
  }

  /** @returns {Offer[]} */
  function offersBack() {
    const last = before.at(-1);
    if (!last) return [];
    const act = () => {
      before.pop();
      settings = last.settings;
      sheet.restore(last.text);
    };
    return [{ label: say("editor.back"), act }];
  }

  const remember = () => before.push({ text: sheet.text(), settings });

  return { root, open, consider, refusal, settings: () => settings };
}
