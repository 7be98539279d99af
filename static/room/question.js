// @ts-check
// A question as it stands on the page: its text, a way to answer it or to show what was answered, and in the end what
// is right. It knows nothing of how a room is spoken to.

import { button, element, write } from "../page/page.js";
import { drawAnswers } from "./answers.js";
import { answering, mark, option } from "./answering.js";
import { has, labelOf, letterOf, textOf, verdictOf } from "./wording.js";

/** @import { Answer, Question, Room, Spot } from "./talk.js" */
/** @import { Say } from "./wording.js" */
/** @typedef {object} Hand what can be done
 * @property {(answer: Answer) => Promise<void>} answer
 * @property {() => Spot|null} pinned the cell that its reader has pinned
 * @property {() => void} show @property {() => void} tell @property {() => void} done
 * @property {(question: Question) => HTMLElement[]} [beside] what there is to tell besides */

/** What a teacher does next, by the state of the question. */
export const NEXT = /** @type {const} */ ({ open: "show", shown: "tell", told: "done" });

/** @param {HTMLElement} root @param {Say} say @param {string} lang @param {Hand} hand */
export function questions(root, say, lang, hand) {
  const text = element("p", { class: "text" });
  const reply = element("div", { class: "reply" });
  const said = element("p", { class: "answered", role: "status" });
  const nexts = element("div", { class: "nexts" }); // what a teacher does next
  const beside = element("div", { class: "beside" });
  root.replaceChildren(text, said, beside, nexts, reply);
  root.tabIndex = -1;
  let shown = ""; // which question, in which state

  /** @param {Room} room @param {boolean} isTeacher @param {Answer|undefined} mine */
  function draw({ question, count }, isTeacher, mine) {
    root.hidden = !question;
    if (!question) return void (shown = "");
    const isOpen = question.state === "open";
    const key = [question.number, question.state, isTeacher].join();
    if (key !== shown) {
      const isHeld = root.contains(document.activeElement);
      shown = key;
      root.dataset.state = question.state;
      write(text, textOf(question, say, lang));
      write(said, "");
      beside.replaceChildren(...(hand.beside?.(question) ?? []));
      nexts.replaceChildren(...(isTeacher ? teaching(NEXT[question.state]) : []));
      if (!isOpen) showAnswers(question, isTeacher, mine);
      else reply.replaceChildren(...(isTeacher ? optionsOf(question) : answering(question, say, lang, hand)));
      // What had the focus is gone. A teacher goes on by the same key.
      const { activeElement: held, body } = document;
      if (isHeld || (isTeacher && (!held || held === body || !held.checkVisibility())))
        (root.querySelector("button") ?? root).focus();
    }
    if (!isOpen) return;
    write(said, isTeacher ? counted(count) : mine === undefined ? "" : sent(question, mine));
    mark(reply, question, mine, say, lang, hand);
  }

  /** @param {{students: number, answers: number}|undefined} count */
  const counted = (count) =>
    say("room.answered")
      .replace("{answers}", () => String(count?.answers ?? 0))
      .replace("{students}", () => String(count?.students ?? 0));

  /** @param {Question} question @param {Answer} mine */
  const sent = (question, mine) => say("room.sent").replace("{answer}", () => labelOf(question, mine, lang));

  /** @param {"show"|"tell"|"done"} next */
  const teaching = (next) => [
    button({ class: "onward" }, () => hand[next](), say(`room.${next}`)),
    ...(next === "done" ? [] : [button({ class: "done" }, () => hand.done(), say("room.take-away"))]),
  ];

  /** The options, to be read. @param {Question} question @returns {HTMLElement[]} */
  function optionsOf({ options, truth }) {
    if (!options) return [];
    const rows = options.map((one, at) =>
      element("li", { class: has(truth ?? [], at) ? "right" : "" }, ...option(one, at, lang)),
    );
    return [element("ol", { class: "options" }, ...rows)];
  }

  /** @param {Question} question @param {boolean} isTeacher @param {Answer|undefined} mine */
  function showAnswers(question, isTeacher, mine) {
    const { truth, options } = question;
    const answers = countsOf(question);
    const list = answers.map(({ answer, count }) => `${labelOf(question, answer, lang)}: ${count}`).join(", ");
    const chart = element("div", { class: "chart", role: "img", "aria-label": `${say("room.chart")}: ${list}` });
    reply.replaceChildren(...optionsOf(question), answers.length ? chart : say("room.none"));
    write(said, verdictOf(question, mine, isTeacher, say, lang));
    const bars = answers.map(({ answer, count }) => ({
      label: options ? letterOf(Number(answer)) : labelOf(question, answer, lang),
      count,
      isRight: has(truth ?? [], answer),
      isMine: mine !== undefined && has([answer], mine),
    }));
    if (answers.length) void drawAnswers(chart, bars, say("room.mine"));
  }

  return { draw };
}

/** How often each answer was given; options in their order, those that nobody chose too, unless nobody chose any.
 * @param {Question} question */
function countsOf({ answers, options }) {
  if (!options || !answers?.length) return answers ?? [];
  const of = (/** @type {number} */ at) => answers.find(({ answer }) => Number(answer) === at)?.count ?? 0;
  return options.map((_, at) => ({ answer: at, count: of(at) }));
}
