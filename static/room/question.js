// @ts-check
// A question as it stands on the page: its text, a way to answer it or to show what was answered, and in the end what
// is right. It knows nothing of how a room is spoken to.

import { numberOf } from "../page/number.js";
import { button, element, tell, write } from "../page/page.js";
import { drawAnswers } from "./answers.js";

/** @import { Answer, Question, Room, Spot } from "./talk.js" */
/** @typedef {(key: string) => string} Say */
/** @typedef {object} Hand what can be done
 * @property {(answer: Answer) => Promise<void>} answer
 * @property {() => Spot|null} pinned the cell that its reader has pinned
 * @property {() => void} show @property {() => void} tell @property {() => void} done */

/** @param {HTMLElement} root @param {Say} say @param {string} lang @param {Hand} hand */
export function questions(root, say, lang, hand) {
  const text = element("p", { class: "text" });
  const body = element("div", { class: "body" });
  const said = element("p", { class: "answered", role: "status" });
  const nexts = element("div", { class: "nexts" }); // what a teacher does next
  root.replaceChildren(text, said, nexts, body);
  let shown = ""; // which question, in which state

  /** @param {Room} room @param {boolean} isTeacher @param {Answer|undefined} mine */
  function draw({ question, count }, isTeacher, mine) {
    root.hidden = !question;
    if (!question) return void (shown = "");
    const key = [question.number, question.state, isTeacher].join();
    if (key !== shown) {
      shown = key;
      write(text, textOf(question));
      write(said, "");
      const next = /** @type {const} */ ({ open: "show", shown: "tell", told: "done" })[question.state];
      nexts.replaceChildren(...(isTeacher ? teaching(next) : []));
      if (question.state === "open") body.replaceChildren(...(isTeacher ? [] : answering(question)));
      else showAnswers(question, isTeacher, mine);
    }
    if (question.state === "open")
      write(said, isTeacher ? counted(count) : mine === undefined ? "" : sent(question, mine));
  }

  /** @param {{students: number, answers: number}|undefined} count */
  const counted = (count) =>
    say("room.answered")
      .replace("{answers}", String(count?.answers ?? 0))
      .replace("{students}", String(count?.students ?? 0));

  /** @param {Question} question @param {Answer} mine */
  const sent = (question, mine) => say("room.sent").replace("{answer}", labelOf(question, mine));

  /** What a teacher does next. @param {"show"|"tell"|"done"} next */
  const teaching = (next) => [
    button({ class: "onward" }, () => hand[next](), say(`room.${next}`)),
    ...(next === "done" ? [] : [button({ class: "done" }, () => hand.done(), say("room.done"))]),
  ];

  /** A way to answer. @param {Question} question @returns {HTMLElement[]} */
  function answering(question) {
    const amiss = element("span", { class: "amiss", role: "alert", hidden: "" });
    const give = async (/** @type {Answer} */ answer) => {
      tell(amiss, "");
      await hand.answer(answer).catch(({ message }) => tell(amiss, say("room.refused").replace("{reason}", message)));
    };
    if (question.options)
      return [...question.options.map((_, at) => button({}, () => void give(at), labelOf(question, at))), amiss];
    if (question.kind === "place") {
      const point = button({}, () => {
        const cell = hand.pinned();
        if (cell?.array === question.array) void give(cell.place);
        else tell(amiss, say("room.no-cell").replace("{array}", question.array ?? ""));
      }, say("room.send")); // prettier-ignore
      return [point, amiss];
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

  /** @param {Question} question @param {boolean} isTeacher @param {Answer|undefined} mine */
  function showAnswers(question, isTeacher, mine) {
    const chart = element("div", { class: "chart", role: "img", "aria-label": say("room.chart") });
    const answers = question.answers ?? [];
    const isRight = (/** @type {Answer} */ one) => has(question.truth ?? [], one);
    const list = answers.map(({ answer, count }) => `${labelOf(question, answer)}: ${count}`).join(", ");
    chart.setAttribute("aria-label", `${say("room.chart")}: ${list}`);
    body.replaceChildren(answers.length ? chart : say("room.none"));
    write(said, verdict(question, mine, isTeacher));
    const bars = answers.map(({ answer, count }) => ({
      label: labelOf(question, answer),
      count,
      isRight: isRight(answer),
      isMine: mine !== undefined && has([answer], mine),
    }));
    if (answers.length) void drawAnswers(chart, bars);
  }

  /** @param {Question} question @param {Answer|undefined} mine @param {boolean} isTeacher */
  function verdict(question, mine, isTeacher) {
    const yours = mine === undefined ? "" : labelOf(question, mine);
    if (!question.truth) return yours && say("room.yours").replace("{answer}", yours);
    const truth = labelOf(question, question.truth[0]);
    if (isTeacher || !yours) return say("room.right").replace("{answer}", truth);
    const key = has(question.truth, /** @type {Answer} */ (mine)) ? "room.you-right" : "room.you-wrong";
    return say(key).replace("{answer}", yours).replace("{truth}", truth);
  }

  /** @param {Question} question */
  function textOf(question) {
    if (question.text) return inLanguage(question.text);
    const cell = `${question.array}[${question.cell?.join(", ")}]`;
    return say(`room.${question.kind}`)
      .replace("{cell}", cell)
      .replace("{array}", question.array ?? "");
  }

  /** @param {string|Record<string, string>} text */
  const inLanguage = (text) => (typeof text === "string" ? text : (text[lang] ?? Object.values(text)[0] ?? ""));

  /** @param {Question} question @param {Answer} answer */
  function labelOf({ options, array }, answer) {
    if (options) return inLanguage(options[Number(answer)] ?? "");
    return Array.isArray(answer) ? `${array}[${answer.join(", ")}]` : String(answer).replace("-", "−");
  }

  return { draw };
}

/** @param {Answer[]} answers @param {Answer} one */
const has = (answers, one) => answers.some((each) => JSON.stringify(each) === JSON.stringify(one));
