// @ts-check
// A lesson: walks, steps and questions in the order in which a class goes through them, as one file of JSON. Here it
// is read, each name and each bound of it, before anything is done with it. It knows no page, no room and no layer.
//
//   {"convwalk": "lesson", "title": {"en": "…", "zh": "…"}, "items": [
//     {"walk": {"layer": "conv2d", "algorithm": "walk", "query": "stride=1"}, "step": 8,
//      "cell": {"array": "z", "place": [0, 0, 1]}, "note": {"en": "…", "zh": "…"},
//      "question": {"kind": "value", "array": "z", "cell": [0, 0, 2]}}]}

import { isArray, isPlace, object, Refused, short, whole, words } from "./fields.js";

/** @import { Where } from "./fields.js" */
/** @import { Spot, Walk } from "./talk.js" */
/** @import { Text } from "./wording.js" */
/** @typedef {{kind: "value"|"place"|"choice"|"free", text?: Text, options?: Text[], right?: number[], array?: string,
 *   cell?: number[]}} LessonQuestion what is right of a value or a place comes from the run */
/** @typedef {{walk: Walk, step: number, cell?: Spot, note?: Text, question?: LessonQuestion}} Item */
/** @typedef {{title: Text, items: Item[]}} Lesson */
/** @typedef {{name: string, title: string, algorithms: string[], settings: string[]}} Layer */

export const MOST = { bytes: 60_000, items: 40, title: 100, note: 1000, text: 500, option: 100, query: 8000 };
const STEPS = 200_000;
const OPTIONS = [2, 5];
const KIND = "lesson";
const QUERY = /^[!$-;=?-[\]_a-z|~]*$/; // what an address has behind its ?

// What a question of each kind has: what it must have, and what it may.
const KINDS = {
  value: { needed: ["array", "cell"], may: ["text"] },
  place: { needed: ["array"], may: ["text"] },
  choice: { needed: ["text", "options"], may: ["right"] },
  free: { needed: ["text", "options"], may: ["right"] },
};

/** Read a lesson; whatever is wrong with it is Refused. @param {string} text @param {Layer[]} layers that there are
 * @returns {Lesson} */
export function read(text, layers) {
  const size = new TextEncoder().encode(text).length;
  if (size > MOST.bytes) throw new Refused("large", { limit: MOST.bytes, size });
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    throw new Refused("no-json");
  }
  const lesson = object(said, { of: "lesson" }, ["convwalk", "title", "items"]);
  if (lesson.convwalk !== KIND) throw new Refused("another");
  const { items } = lesson;
  if (!Array.isArray(items) || !items.length || items.length > MOST.items)
    throw new Refused("items", { limit: MOST.items });
  return {
    title: words(lesson.title, { of: "lesson" }, "title", MOST.title),
    items: items.map((each, at) => item(each, at + 1, layers)),
  };
}

/** The file of a lesson. @param {Lesson} lesson @param {number} [indent] */
export const write = (lesson, indent) => JSON.stringify({ convwalk: KIND, ...lesson }, null, indent);

/** A text that says this in a language, and what it said in the other. @param {Text|undefined} text
 * @param {string} lang @param {string} said @returns {Text|undefined} */
export function withLanguage(text, lang, said) {
  if (typeof text !== "object") return said || undefined;
  const { [lang]: _, ...others } = text;
  const all = said ? { ...others, [lang]: said } : others;
  return Object.keys(all).length ? all : undefined;
}

/** @param {any} said @param {number} number @param {Layer[]} layers @returns {Item} */
function item(said, number, layers) {
  const where = /** @type {Where} */ ({ of: "item", number });
  const { walk, step, cell, note, question } = object(said, where, ["walk", "step"], ["cell", "note", "question"]);
  return {
    walk: walkOf(walk, where, layers),
    step: whole(step, where, "step", STEPS),
    ...(cell !== undefined && { cell: spot(cell, where) }),
    ...(note !== undefined && { note: words(note, where, "note", MOST.note) }),
    ...(question !== undefined && { question: questionOf(question, number) }),
  };
}

/** @param {any} said @param {Where} where @param {Layer[]} layers @returns {Walk} */
function walkOf(said, where, layers) {
  const { layer, algorithm, query } = object(said, where, ["layer", "algorithm", "query"]);
  const known = layers.find(({ name }) => name === layer);
  if (!known) throw new Refused("layer", { ...where, name: short(layer) });
  if (!known.algorithms.includes(algorithm)) throw new Refused("algorithm", { ...where, name: short(algorithm) });
  if (typeof query !== "string" || query.length > MOST.query || !QUERY.test(query))
    throw new Refused("query", { ...where });
  const names = [...new URLSearchParams(query).keys()];
  const odd = names.find((name, at) => !known.settings.includes(name) || names.indexOf(name) !== at);
  if (odd !== undefined) throw new Refused("setting", { ...where, name: short(odd) });
  return { layer, algorithm, query };
}

/** @param {any} said @param {number} number @returns {LessonQuestion} */
function questionOf(said, number) {
  const where = /** @type {Where} */ ({ of: "question", number });
  const kind = /** @type {keyof typeof KINDS} */ (said?.kind);
  if (!Object.hasOwn(KINDS, String(kind)))
    throw new Refused("kind", { ...where, kinds: Object.keys(KINDS).join(", ") });
  const { text, options, right, array, cell } = object(said, where, ["kind", ...KINDS[kind].needed], KINDS[kind].may);
  const isList = Array.isArray(options) && options.length >= OPTIONS[0] && options.length <= OPTIONS[1];
  if (options !== undefined && !isList) throw new Refused("options", { ...where, low: OPTIONS[0], high: OPTIONS[1] });
  const isRight =
    Array.isArray(right) && right.every((one) => Number.isInteger(one) && one >= 0 && one < options.length);
  if (right !== undefined && !isRight) throw new Refused("right", { ...where, high: options.length - 1 });
  if (array !== undefined && !isArray(array)) throw new Refused("array", { ...where, name: "array" });
  if (cell !== undefined && !isPlace(cell)) throw new Refused("place", { ...where, name: "cell" });
  return {
    kind,
    ...(text !== undefined && { text: words(text, where, "text", MOST.text) }),
    ...(options && { options: options.map((/** @type {any} */ one) => words(one, where, "options", MOST.option)) }),
    ...(right && { right }),
    ...(array && { array }),
    ...(cell && { cell }),
  };
}

/** @param {any} said @param {Where} where @returns {Spot} */
function spot(said, where) {
  const { array, place } = object(said, where, ["array", "place"]);
  if (!isArray(array) || !isPlace(place)) throw new Refused("place", { ...where, name: "cell" });
  return { array, place };
}
