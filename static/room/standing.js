// @ts-check
// What stands in a room, as the page of the walk is to know it.

/** @import { Standing } from "../predict/held.js" */
/** @import { Question } from "./talk.js" */

/** A question that was asked at a step holds the walk there until it is told what is right.
 * @param {Question|null|undefined} question @returns {Standing|null} */
export function standingOf(question) {
  if (!question || question.step === null) return null;
  const { kind, array, cell, step, state } = question;
  return { isHeld: state !== "told", kind, array, cell, step };
}
