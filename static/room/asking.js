// @ts-check
// Questions as a teacher's page asks them. What is right it keeps to itself until it is told: for a number, where the
// walk writes it, so that the walk says it in the end.

import { keep, recall } from "../page/storage.js";
import { rightOf } from "./asked.js";

/** @import { Answer, Question, Walk } from "./talk.js" */
/** @import { WalkIn } from "./main.js" */
/** @import { LessonQuestion } from "./lesson.js" */
/** @import { Text } from "./wording.js" */
/** @typedef {{kind: string, array?: string, cell?: number[], step?: number, text?: Text, options?: Text[]}} Asked
 * @typedef {{truth?: Answer[], array?: string, place?: number[], stop?: number}} Right the answers, or the cell that
 *   has it; and the moment at which it is to be seen */

const PATIENCE = 8000; // milliseconds for a walk to come to where the answer is

/** @param {string} code @param {WalkIn} walk
 * @param {(what: string, said: object) => Promise<any>} tellRoom undefined where it was not heard */
export function asking(code, walk, tellRoom) {
  const key = `convwalk.room.${code}`; // where a browser keeps what is right

  /** The walk goes to the moment that is asked about, held there already: nothing on the way tells what comes.
   * @param {Asked} question @param {Right} right */
  async function ask(question, right) {
    const { kind, array = null, cell = null, step } = question;
    const here = walk.where();
    if (step !== undefined && here && here.step !== step) {
      walk.stand({ isHeld: true, kind, array, cell, step, counts: [] });
      walk.lead(here.walk, { step, cell: null });
    }
    const answer = await tellRoom("question", { question });
    if (!answer) walk.stand(null);
    const kept = { number: answer?.number, walk: walk.where()?.walk, ...right };
    if (answer) keep("localStorage", key, JSON.stringify(kept));
  }

  const takeAway = () => tellRoom("question", { question: null });

  return {
    ask,
    takeAway,
    /** Ask what a lesson asks at the moment where the class is; false where the walk never writes what it asks for.
     * @param {LessonQuestion} asked @param {number} step */
    async askAt({ kind, text, options, right, array, cell }, step) {
      if (options) return void (await ask({ kind, text, options, step }, { truth: right ?? [] }));
      /** @type {{place: number[], stop: number}|undefined} */ let next;
      const look = async () => (next = await walk.page()?.written(array, step, cell));
      await until(async () => Boolean(await look()));
      if (!next) return false;
      const { place, stop } = next;
      if (kind === "value") return void (await ask({ kind, text, array, cell, step }, { array, place, stop }));
      await ask({ kind, text, array, step }, { truth: [place], stop });
    },
    /** Say what is right, and have it seen on the stage. @param {Question} question */
    async tell({ number, answers }) {
      const kept = JSON.parse(recall("localStorage", key) ?? "{}");
      if (kept.number !== number) return takeAway(); // it was asked from elsewhere
      let truth = /** @type {Answer[]|undefined} */ (kept.truth);
      if (kept.stop !== undefined) {
        walk.lead(/** @type {Walk} */ (kept.walk), { step: kept.stop, cell: null });
        await until(() => walk.isThere());
      }
      const given = (answers ?? []).map(({ answer }) => answer);
      truth ??= /** @type {Answer[]} */ (rightOf(inside(walk.page().value(kept.array), kept.place), given));
      return truth.length ? tellRoom("truth", { truth }) : takeAway();
    },
  };
}

/** What lies at a place in nested lists. @param {any} list @param {number[]} place @returns {number} */
const inside = (list, place) => place.reduce((all, at) => all[at], list);

/** @param {() => boolean|Promise<boolean>} holds */
async function until(holds) {
  const end = performance.now() + PATIENCE;
  while (!(await holds()) && performance.now() < end) await new Promise((done) => requestAnimationFrame(done));
}
