// @ts-check
// What stands in the line: a question with what it has been hinted, what came of it, or that the next one is to come.
// It knows questions, verdicts and the tally, and nothing of the page.

import { filled } from "../say/describe.js";
import { mapsOf } from "../why/work.js";
import { derivedAt } from "./question.js";
import { askedIn, hintsFor, howIn, spotName } from "./words.js";

/** @import { Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Shown } from "./bar.js" */
/** @import { Question } from "./question.js" */
/** @import { Outcome, Tally } from "./tally.js" */
/** @import { Verdict } from "./verdict.js" */

/** @param {Trace} trace @param {{question: Question, hints: number}} standing
 * @param {{say: Say, page: Say, hasGrids: boolean}} around the words of this room and of the page, and whether there
 * is room for the grids of a sum @returns {Shown} */
export function askedLine(trace, { question, hints }, { say, page, hasGrids }) {
  const { kind, step, options } = question;
  const inGrids = hasGrids && mapsOf(derivedAt(trace, step)?.sum) !== undefined;
  const more = hints ? hintsFor(trace, question, say, inGrids)[hints - 1] : [howIn(trace, step, page)];
  const head = askedIn(trace, question, say);
  return { state: "asked", key: `${step}/${hints}`, kind, options, head, more, canHint: hints < 2 };
}

/** @param {{verdict: Verdict, outcome: Outcome}} told @returns {Omit<Shown, "key">} */
export const toldLine = ({ verdict: { head, more, isRight }, outcome }) => ({
  state: "told",
  head,
  more,
  isRight: outcome === "skipped" ? undefined : isRight,
});

/** @param {Tally} tally @param {boolean} isEnd of the walk @param {Say} say @returns {Shown} */
export function idleLine(tally, isEnd, say) {
  const counts = isEnd ? tally.counts : undefined; // while the walk runs nobody looks for them
  const head = counts?.asked ? filled(say, "predict.end", counts) : say("predict.idle");
  return { state: isEnd ? "end" : "idle", key: head, head: [head], more: [], canGo: !isEnd };
}

/** What a question is called, in a row of others. @param {Trace} trace @param {Question} question */
export function titleOf(trace, { array, cell, about, step }) {
  if (cell) return spotName(trace, { array, cell });
  return about ? `${spotName(trace, about)} → ${array}` : `${array}, ${step}`;
}
