// @ts-check
// A question, its options and its answers in words. It knows no page.

/** @import { Answer, Question } from "./talk.js" */
/** @typedef {(key: string) => string} Say */
/** @typedef {string|Record<string, string>} Text */
/** @typedef {{kind: string, text?: Text|null, array?: string|null, cell?: number[]|null}} Asked */

/** A text in a language, or in the other one. @param {Text|null|undefined} text @param {string} lang */
export const inLanguage = (text, lang) =>
  typeof text === "string" ? text : (text?.[lang] ?? Object.values(text ?? {})[0] ?? "");

/** What is asked. @param {Asked} question @param {Say} say @param {string} lang */
export function textOf({ kind, text, array, cell }, say, lang) {
  if (text) return inLanguage(text, lang);
  return say(`room.${kind}`)
    .replace("{cell}", () => `${array}[${cell?.join(", ")}]`)
    .replace("{array}", () => array ?? "");
}

/** The sign of an option. @param {number} at */
export const letterOf = (at) => String.fromCharCode(65 + at);

/** An answer in a line. @param {Question} question @param {Answer} answer @param {string} lang */
export function labelOf({ options, array }, answer, lang) {
  if (options) return inLanguage(options[Number(answer)], lang).replaceAll("\n", " / ");
  return Array.isArray(answer) ? `${array}[${answer.join(", ")}]` : String(answer).replace("-", "−");
}

/** What has become of an answer, or of the question. @param {Question} question @param {Answer|undefined} mine
 * @param {boolean} isTeacher @param {Say} say @param {string} lang */
export function verdictOf(question, mine, isTeacher, say, lang) {
  const { truth, options } = question;
  const yours = mine === undefined ? "" : labelOf(question, mine, lang);
  if (!truth) return yours && say("room.yours").replace("{answer}", () => yours);
  const right = truth.slice(0, options ? undefined : 1).map((one) => labelOf(question, one, lang)); // prettier-ignore
  if (isTeacher || mine === undefined)
    return say(right.length > 1 ? "room.many" : "room.right").replace("{answer}", () => right.join("; "));
  const key = has(truth, mine) ? "room.you-right" : "room.you-wrong";
  return say(key)
    .replace("{answer}", () => yours)
    .replace("{truth}", () => right.join("; "));
}

/** @param {Answer[]} answers @param {Answer} one */
export const has = (answers, one) => answers.some((each) => JSON.stringify(each) === JSON.stringify(one));
