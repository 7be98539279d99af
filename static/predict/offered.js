// @ts-check
// What a class can be asked about the steps that come next, one question of each kind: as predictions ask, in all
// languages at once, and with what is right. It knows questions, and no page.

import { PACES } from "../run/trace.js";
import { indicesOf } from "../say/cell.js";
import { Order } from "./order.js";
import { answerTo } from "./question.js";
import { askedIn } from "./words.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Question } from "./question.js" */
/** @typedef {Record<string, string>} Text by language
 * @typedef {{kind: "place"|"choice", array: string, step: number, text: Text, options?: Text[]}} Asked
 * @typedef {{asks: string, question: Asked, truth: (number|number[])[], stop: number}} Offer with the moment at which
 *   it is to be seen */

const LANGUAGES = ["en", "zh"];
const MOST = 4;
const AHEAD = 600; // steps in which they are looked for

/** @param {Trace} trace @param {number} from a moment @returns {Promise<Offer[]>} */
export async function offered(trace, from) {
  const catalogues = await Promise.all(LANGUAGES.map(wordsIn));
  /** @type {Map<string, Question>} */ const found = new Map();
  const order = new Order(trace);
  const chapter = trace.chapters[trace.chapterAt(Math.min(from + 1, trace.length))];
  const stop = Math.min(chapter.stop, from + AHEAD, trace.steps.length);
  order.first(from, stop, PACES.beat, (question) => {
    if (question.kind !== "value" && !found.has(question.asks)) found.set(question.asks, question);
    return found.size >= MOST;
  });
  return [...found.values()].map((question) => offerOf(trace, question, catalogues));
}

/** @param {string} language */
async function wordsIn(language) {
  const answer = await fetch(new URL(`${language}.json`, import.meta.url));
  if (!answer.ok) throw new Error("the words have not come");
  return answer.json();
}

/** @param {Trace} trace @param {Question} question @param {Record<string, string>[]} catalogues @returns {Offer} */
function offerOf(trace, question, catalogues) {
  const { asks, kind, array, step, options } = question;
  /** @param {(say: (key: string) => string) => string} text @returns {Text} */
  const inAll = (text) =>
    Object.fromEntries(catalogues.map((words, at) => [LANGUAGES[at], text((key) => words[key])]));
  const asked = (/** @type {(key: string) => string} */ say) => {
    const nodes = askedIn(trace, question, say);
    return nodes.map((node) => (typeof node === "string" ? node : node.textContent)).join("");
  };
  const answer = answerTo(trace, question);
  const named = /** @type {NamedArray} */ (trace.byName.get(array));
  return {
    asks,
    question: {
      kind: kind === "choice" ? "choice" : "place",
      array,
      step,
      text: inAll(asked),
      ...(options && { options: options.map((one) => inAll((say) => say(`predict.${one}`))) }),
    },
    truth:
      "option" in answer
        ? [(options ?? []).indexOf(answer.option)]
        : "flats" in answer
          ? answer.flats.map((flat) => indicesOf(named, flat))
          : [],
    stop: step + 1,
  };
}
