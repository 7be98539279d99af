// @ts-check
// A way to answer a question: a number, a cell that is pointed at, or one of some options. It knows nothing of how a
// room is spoken to.

import { numberOf } from "../page/number.js";
import { attribute, button, element, tell, write } from "../page/page.js";
import { inLanguage, labelOf, letterOf } from "./wording.js";

/** @import { Answer, Question } from "./talk.js" */
/** @import { Hand } from "./question.js" */
/** @import { Say, Text } from "./wording.js" */

/** @param {Question} question @param {Say} say @param {string} lang @param {Hand} hand
 * @returns {HTMLElement[]} */
export function answering(question, say, lang, hand) {
  const amiss = element("span", { class: "amiss", role: "alert", hidden: "" });
  const give = async (/** @type {Answer} */ answer) => {
    tell(amiss, "");
    await hand.answer(answer).catch(({ message }) =>
      tell(
        amiss,
        say("room.refused").replace("{reason}", () => message),
      ),
    );
  };
  if (question.options) {
    const choice = (/** @type {Text} */ one, /** @type {number} */ at) =>
      button({ "data-option": "" }, () => void give(at), ...option(one, at, lang));
    return [...question.options.map(choice), amiss];
  }
  if (question.kind === "place") {
    const point = () => {
      const cell = hand.pinned();
      if (cell?.array === question.array) void give(cell.place);
      else
        tell(
          amiss,
          say("room.no-cell").replace("{array}", () => question.array ?? ""),
        );
    };
    return [button({ class: "point" }, point), amiss];
  }
  const input = element("input", { inputmode: "text", autocomplete: "off", enterkeyhint: "send", size: "8" });
  const label = element("label", {}, `${say("room.answer")} `, input);
  const form = element("form", {}, label, element("button", {}, say("room.send")), amiss);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { value } = numberOf(input.value);
    if (value === undefined) tell(amiss, say("room.no-number"));
    else void give(value);
  });
  return [form];
}

/** Mark the option that is one's answer, and name the cell that would be sent.
 * @param {HTMLElement} reply @param {Question} question @param {Answer|undefined} mine
 * @param {Say} say @param {string} lang @param {Hand} hand */
export function mark(reply, question, mine, say, lang, hand) {
  for (const [at, each] of reply.querySelectorAll("[data-option]").entries())
    attribute(each, { "aria-pressed": String(at === mine) });
  const point = /** @type {HTMLElement|null} */ (reply.querySelector(".point"));
  const cell = hand.pinned();
  const named = cell && cell.array === question.array ? ` ${labelOf(question, cell.place, lang)}` : "";
  if (point) write(point, `${say("room.send")}${named}`);
}

/** An option with its sign. One of several lines is a square of numbers. @param {Text} text @param {number} at
 * @param {string} lang */
export function option(text, at, lang) {
  const said = inLanguage(text, lang);
  return [element("b", {}, letterOf(at)), " ", element("span", said.includes("\n") ? { class: "square" } : {}, said)];
}
