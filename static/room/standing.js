// @ts-check
// What stands in a room, as the page of the walk is to know it.

import { has } from "./wording.js";

/** @import { Counted } from "../predict/counts.js" */
/** @import { Standing } from "../predict/held.js" */
/** @import { Answer, Question } from "./talk.js" */

/** A question that was asked at a step holds the walk there until it is told what is right. What was answered to one
 * for a place stands in the cells.
 * @param {Question|null|undefined} question @param {Answer} [mine] @returns {Standing|null} */
export function standingOf(question, mine) {
  if (!question || question.step === null) return null;
  const { kind, array, cell, step, state } = question;
  return {
    isHeld: state !== "told",
    kind,
    array,
    cell,
    step,
    counts: kind === "place" ? countsOf(question, mine) : [],
  };
}

/** How often each place was given, and those that are right. @param {Question} question @param {Answer} [mine]
 * @returns {Counted[]} */
function countsOf({ answers, truth }, mine) {
  const given = answers ?? [];
  const said = given.map(({ answer }) => answer);
  const unsaid = (truth ?? []).slice(0, 1).filter((one) => !has(said, one));
  return [...given, ...unsaid.map((answer) => ({ answer, count: 0 }))].map(({ answer, count }) => ({
    place: /** @type {number[]} */ (answer),
    count,
    isRight: has(truth ?? [], answer),
    isMine: mine !== undefined && has([mine], answer),
  }));
}
