// @ts-check
// How a cell came by its number, in one line: words, or the sum or the formula with the numbers in it. It makes nodes
// from derivations, and does not know where they stand.

import { nameOf } from "./cell.js";
import { contest } from "../why/derivation.js";
import { shownNumber } from "../why/decimal.js";
import { filled } from "./describe.js";
import { exact } from "./look.js";
import { element } from "../page/page.js";
import { phrase } from "./phrase.js";

/** @typedef {import("../why/derivation.js").Derivation} Derivation */
/** @typedef {import("../why/derivation.js").CellRead} CellRead */
/** @typedef {import("../why/derivation.js").Expr} Expr */
/** @typedef {import("./phrase.js").Piece} Piece */
/** @typedef {(Node|string)[]} Nodes */

/** @param {import("../run/trace.js").Trace} trace @param {Derivation} derivation @param {boolean} isDone whether the number is
 * known by now @param {{say: (text: string) => string, all: boolean, most: number}} manner @returns {Nodes} */
export function lineOf(trace, derivation, isDone, manner) {
  const { array, flat, kind, value, moment, expr, sum, filling } = derivation;
  const { say } = manner;
  if (kind === "given") return [say("inspector.given.text")];
  if (kind === "never") return [say("inspector.never.text")];
  if (kind === "awaited") return [filled(say, "inspector.awaited.text", { step: moment ?? 0 })];
  if (filling) {
    const caption = say(trace.header.captions[trace.steps[filling.step].caption]);
    return [filled(say, `inspector.${filling.word}.text`, { value: exact(Number(value)), step: (filling.again ?? 0) + 1, caption })];
  }
  if (kind === "copy" || !expr || value === undefined) return [];
  if (kind === "pick") return [winnerOf(expr, say)];
  if (expr.op === "text") return [say("inspector.opaque"), " ", element("code", {}, expr.text ?? "")];
  const numbers = told(phrase(expr, { ...manner, names: false }));
  const result = isDone ? [" ", element("span", { class: "result" }, `= ${exact(shownNumber(derivation))}`)] : [];
  if (sum) return [element("span", { class: "numbers" }, ...numbers, ...result)];
  // A short formula is read best with its names above its numbers.
  const names = [{ text: `${nameOf(array, flat)} = ` }, ...phrase(expr, { ...manner, names: true })];
  return [element("span", { class: "numbers named" }, ...told(names)), element("span", { class: "numbers" }, "= ", ...numbers, ...result)];
}

/** @param {Expr} pick @param {(text: string) => string} say */
function winnerOf(pick, say) {
  const { word, count, equal, first } = contest(pick);
  const winner = /** @type {CellRead} */ (pick.cell);
  const said = filled(say, `inspector.${word}.text`, { cell: nameOf(winner.array, winner.flat), value: exact(winner.value), count });
  return said + (equal > 1 ? ` ${filled(say, `inspector.tie.${first ? "first" : "other"}`, { equal })}` : "");
}

/** @param {Piece[]} pieces @returns {Nodes} */
export const told = (pieces) => pieces.map(({ text, rounded, quiet, code }) => {
  if (code) return element("code", { lang: "en" }, text);
  if (rounded) return element("i", { class: "rounded" }, text);
  return quiet ? element("span", { class: "quiet" }, text) : text;
}); // prettier-ignore
