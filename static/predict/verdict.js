// @ts-check
// What is said of an answer: that it is right, or what is, and how far the other one lies from it. It knows questions
// and their right answers.

import { indicesOf, nameOf } from "../say/cell.js";
import { exact } from "../say/look.js";
import { asWritten } from "../page/number.js";
import { readNumber, tidy } from "../why/decimal.js";
import { answerTo, derivedAt, flatOf, moveOf, resultOf, windowRead } from "./question.js";
import { rightness } from "./right.js";
import { slipIn } from "./slips.js";
import { spotName, withCode } from "./words.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Question } from "./question.js" */
/** @import { Nodes } from "./words.js" */
/** The text of a number, the cell of a place, an option.
 * @typedef {{text?: string, flat?: number, option?: string}} Given */
/** parts: the cells at which a wrong answer parts from the right one
 * @typedef {{isRight: boolean, head: Nodes, more: Nodes, parts: {array: string, flat: number}[]}} Verdict */

/** @param {Trace} trace @param {Question} question @param {Given|undefined} given nothing, where it is skipped
 * @param {Say} say @returns {Verdict} */
export function verdictOn(trace, question, given, say) {
  const { kind, array, cell } = question;
  const named = /** @type {NamedArray} */ (trace.byName.get(array));
  const answer = answerTo(trace, question);
  if ("value" in answer) {
    const told = { cell: spotName(trace, cell && { array, cell }), value: exact(answer.shown) };
    return ofNumber(trace, question, answer, given?.text, told, say);
  }
  if ("option" in answer) {
    const write = resultOf(trace, question.step);
    const flat = cell ? flatOf(named, cell) : 0;
    const before = trace.accesses.valueBefore(named, flat, Number(write?.number));
    const [from, to] = [before, Number(write?.written(flat))].map((value) => exact(tidy(value)));
    const told = { cell: nameOf(named, flat), from, to };
    const isRight = given?.option === answer.option;
    const key = !given ? "skipped" : isRight ? "right" : "wrong";
    return { isRight, head: withCode(say, `predict.${key}.${answer.option}`, told), more: [], parts: [] };
  }
  const [flat] = answer.flats;
  const isRight = given?.flat !== undefined && answer.flats.includes(given.flat);
  const told = { cell: nameOf(named, flat), yours: given?.flat === undefined ? "" : nameOf(named, given.flat) };
  const head = withCode(say, `predict.${!given ? "skipped" : isRight ? "right" : "wrong"}.${kind}`, told);
  const more = given && !isRight ? offIn(trace, question, named, flat, Number(given.flat), say) : [];
  return { isRight, head, more, parts: [] };
}

/** @param {Trace} trace @param {Question} question @param {{value: number, shown: number}} answer
 * @param {string|undefined} text @param {Record<string, string>} told @param {Say} say @returns {Verdict} */
function ofNumber(trace, question, { value, shown }, text, told, say) {
  if (text === undefined)
    return { isRight: false, head: withCode(say, "predict.skipped.value", told), more: [], parts: [] };
  const how = rightness(text, shown) ?? rightness(text, value);
  if (how)
    return {
      isRight: true,
      head: withCode(say, how === "exact" ? "predict.right.value" : "predict.right.rounded", told),
      more: [],
      parts: [],
    };
  const typed = Number(asWritten(text));
  const head = withCode(say, "predict.wrong.value", { ...told, yours: exact(typed) });
  const derivation = derivedAt(trace, question.step);
  const slip =
    derivation && slipIn(trace, question.step, derivation, (candidate) => rightness(text, candidate) !== undefined);
  if (slip)
    return { isRight: false, head, more: withCode(say, `predict.slip.${slip.says}`, slip.values), parts: slip.parts };
  const by = tidy(typed - shown);
  const far = Number.isFinite(by)
    ? withCode(say, by > 0 ? "predict.far.more" : "predict.far.less", { by: exact(Math.abs(by)) })
    : [];
  return { isRight: false, head, more: far, parts: [] };
}

/** How far a place lies from the right one, and what there is to see: the numbers of a contest, or how a window moved.
 * @param {Trace} trace @param {Question} question @param {NamedArray} array @param {number} flat that is right
 * @param {number} yours @param {Say} say @returns {Nodes} */
function offIn(trace, { asks, step }, array, flat, yours, say) {
  if (asks === "winner") {
    const [most, less] = [flat, yours].map((at) => exact(readNumber({ array, value: array.cells[at] })));
    return withCode(say, "predict.off.winner", { most, less, cell: nameOf(array, flat), yours: nameOf(array, yours) });
  }
  const read = asks === "window" ? windowRead(trace, step) : undefined;
  const moved = read && moveOf(trace, read);
  if (moved) return sentences(array, moved, "move", say);
  const [right, mine] = [flat, yours].map((at) => indicesOf(array, at));
  return sentences(
    array,
    mine.map((at, axis) => at - right[axis]),
    "off",
    say,
  );
}

/** @param {NamedArray} array @param {number[]} by on each axis @param {"move"|"off"} what @param {Say} say */
function sentences({ axes }, by, what, say) {
  const told = by.flatMap((count, axis) =>
    count
      ? [
          say(`predict.${what}.each`)
            .replace("{axis}", say(axes[axis]))
            .replace("{by}", (count > 0 ? "+" : "−") + Math.abs(count)),
        ]
      : [],
  );
  return told.length ? [say(`predict.${what}`).replace("{each}", told.join(say("cell.comma")))] : [];
}
