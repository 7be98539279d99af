// @ts-check
// What gives the wrong numbers of a class, once it has been told what is right: each with the mistake that the walk in
// the frame knows for it, and what shows it. That is the cells it is about, or both walks side by side, if a run with
// another setting has just that number there.

import { button, element } from "../page/page.js";
import { CONTRAST, keep } from "../page/storage.js";
import { readLines } from "../run/stream.js";
import { labelOf } from "./wording.js";

/** @import { Question, Spot, Walk } from "./talk.js" */
/** @import { WalkIn } from "./main.js" */
/** @typedef {{number: number, says: string, text: string, spots: Spot[]}} Slipped */

const PATIENCE = 8000; // milliseconds for a walk to come to where the answer is
const AGAIN = 200; // milliseconds between two looks

/** The settings that make a walk do on purpose what a mistake forgets. @type {Record<string, [string, string]>} */
const FORGETS = { padding: ["padding", "0"], stride: ["stride", "1"] };

/** @param {WalkIn} walk @param {(key: string) => string} say @param {string} lang
 * @returns {(question: Question) => HTMLElement[]} a list that fills itself, where there is anything to tell */
export function mistakes(walk, say, lang) {
  /** @param {HTMLElement} list @param {Question} question */
  async function fill(list, question) {
    const { array, cell, step, answers } = question;
    const numbers = (answers ?? []).map(({ answer }) => answer).filter((one) => typeof one === "number");
    if (!array || !cell || step === null) return;
    const end = performance.now() + PATIENCE;
    /** @type {Slipped[]|undefined} */ let slips;
    while (!(slips = await walk.page()?.slips(array, step, cell, numbers)) && performance.now() < end)
      await new Promise((done) => setTimeout(done, AGAIN));
    const rows = (slips ?? []).map((slip) => [slip, rowOf(question, slip)]);
    list.replaceChildren(...rows.map(([, row]) => /** @type {HTMLElement} */ (row)));
    list.hidden = !rows.length;
    for (const [slip, row] of /** @type {[Slipped, HTMLElement][]} */ (rows))
      void sideBySide(question, slip).then((link) => link && row.lastElementChild?.append(" ", link));
  }

  /** @param {Question} question @param {Slipped} slip */
  function rowOf(question, { number, text, spots: [spot] }) {
    const told = element("span", {}, text);
    const show = () => walk.page()?.pin(spot.array, spot.place);
    if (spot) told.append(" ", button({}, show, say("room.mistake.show")));
    return element("li", {}, element("b", {}, labelOf(question, number, lang)), " ", told);
  }

  /** @param {Question} question @param {Slipped} slip @returns {Promise<HTMLElement|undefined>} */
  async function sideBySide({ array, cell }, { number, says }) {
    const here = walk.where()?.walk;
    if (!FORGETS[says] || !here || !array || !cell) return undefined;
    const [name, value] = FORGETS[says];
    const query = new URLSearchParams(here.query);
    query.set(name, value);
    const end = await endOf({ ...here, query: String(query) }, array).catch(() => undefined);
    if (cell.reduce((/** @type {any} */ all, at) => all?.[at], end) !== number) return undefined;
    const page = `/${here.layer}/${here.algorithm}/contrast`;
    const both = new URLSearchParams(here.query);
    both.set(`b.${name}`, value);
    both.set("lang", lang);
    const link = element("a", { href: `${page}?${both}`, target: "_blank", rel: "opener" }, say("room.mistake.both"));
    const place = `${array}[${cell.join(", ")}]`;
    const { cells } = await walk.page().cells();
    const chapter = cells.find((/** @type {{cell: string}} */ one) => one.cell === place)?.chapter;
    // A tab that is opened from this one begins with what this one remembers.
    link.addEventListener("click", () =>
      keep("sessionStorage", CONTRAST, JSON.stringify({ page, chapter, cell: place })),
    );
    return link;
  }

  return (question) => {
    if (question.state !== "told" || question.kind !== "value") return [];
    const list = element("ul", { class: "mistakes", "aria-label": say("room.mistakes") });
    list.hidden = true;
    void fill(list, question).catch(() => {}); // the room goes on without
    return [list];
  };
}

/** An array as a walk has it at its end. @param {Walk} walk @param {string} array @returns {Promise<any>} */
function endOf({ layer, algorithm, query }, array) {
  const stop = new AbortController();
  return new Promise((resolve, reject) => {
    readLines(`/api/${layer}/${algorithm}/stream?${query}`, fetch, stop.signal, ({ header }) => {
      resolve(header?.arrays.find((/** @type {{name: string}} */ { name }) => name === array)?.end);
      stop.abort(); // its steps are not asked for
    }).catch(reject);
  });
}
