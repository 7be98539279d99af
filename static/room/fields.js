// @ts-check
// What may stand in a lesson, name by name: each is looked at before anything else is done with it.

/** @import { Text } from "./wording.js" */
/** @typedef {{of: "lesson"|"item"|"question", number?: number}} Where */

const FARTHEST = 999_999;
const AXES = 4;
const LANGUAGES = ["en", "zh"];
const NAME = /^[A-Za-z]\w{0,39}$/;

/** Why something is no lesson: the key of a sentence, and what stands in it. */
export class Refused extends Error {
  /** @param {string} key @param {Record<string, string|number>} [values] */
  constructor(key, values = {}) {
    super(key);
    this.values = values;
  }
}

export const isArray = (/** @type {any} */ said) => typeof said === "string" && NAME.test(said);

export const isPlace = (/** @type {any} */ said) =>
  Array.isArray(said) &&
  said.length >= 1 &&
  said.length <= AXES &&
  said.every((one) => Number.isInteger(one) && one >= 0 && one <= FARTHEST);

/** An object that has these names, and may have those. @param {any} said @param {Where} where
 * @param {string[]} needed @param {string[]} [may] @returns {Record<string, any>} */
export function object(said, where, needed, may = []) {
  const names = [...needed, ...may].join(", ");
  if (typeof said !== "object" || said === null || Array.isArray(said))
    throw new Refused("object", { ...where, names });
  const odd = Object.keys(said).find((name) => !needed.includes(name) && !may.includes(name));
  if (odd !== undefined) throw new Refused("unknown", { ...where, name: short(odd), names });
  const lacking = needed.find((name) => said[name] === undefined);
  if (lacking) throw new Refused("lacks", { ...where, name: lacking });
  return said;
}

/** A text, or one in each of some languages. @param {any} said @param {Where} where @param {string} name
 * @param {number} limit @returns {Text} */
export function words(said, where, name, limit) {
  const isObject = typeof said === "object" && said !== null && !Array.isArray(said);
  const all = isObject ? Object.entries(said) : [[LANGUAGES[0], said]];
  const isText = (/** @type {any} */ one) => typeof one === "string" && one.trim() && one.length <= limit;
  if (!all.length || !all.every(([language, one]) => LANGUAGES.includes(language) && isText(one)))
    throw new Refused("text", { ...where, name, limit });
  return said;
}

/** @param {any} said @param {Where} where @param {string} name @param {number} limit @returns {number} */
export function whole(said, where, name, limit) {
  if (!Number.isInteger(said) || said < 0 || said > limit) throw new Refused("whole", { ...where, name, limit });
  return said;
}

/** As much of a name as a sentence has room for. @param {any} name */
export const short = (name) => String(name).slice(0, 40);
