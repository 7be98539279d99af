// @ts-check
// How a cell came by its number, in one line: words, or the sum or the formula with the numbers in it. It makes nodes
// from derivations, and does not know where they stand.

import { captionOf } from "./caption.js";
import { nameOf } from "./cell.js";
import { contest } from "../why/expression.js";
import { shownNumber, tidy } from "../why/decimal.js";
import { filled } from "./describe.js";
import { exact } from "./look.js";
import { element } from "../page/page.js";
import { phrase, plainly } from "./phrase.js";

/** @import { Trace } from "../run/trace.js" */
/** @import { Derivation } from "../why/derivation.js" */
/** @import { CellRead, Expr } from "../why/expression.js" */
/** @import { Say } from "./describe.js" */
/** @import { Manner, Piece } from "./phrase.js" */
/** @typedef {(Node|string)[]} Nodes */

/** @param {Trace} trace @param {Derivation} derivation @param {boolean} isKnown whether the cell has its number by now
 * @param {Omit<Manner, "names"> & {isAfter?: boolean}} manner isAfter: whether it stands behind the name and "="
 * @returns {Nodes} */
export function lineOf(trace, derivation, isKnown, { isAfter = false, ...manner }) {
  const { array, flat, kind, value, moment, expr, sum, filling } = derivation;
  const { say } = manner;
  if (kind === "given") return [say("inspector.given.text")];
  if (kind === "never") return [say("inspector.never.text")];
  if (kind === "awaited") return [filled(say, "inspector.awaited.text", { step: moment ?? 0 })];
  if (filling) {
    const { word, step, again = 0 } = filling;
    const caption = plainly(captionOf(trace, step + 1, say));
    return [filled(say, `inspector.${word}.text`, { value: exact(tidy(Number(value))), step: again + 1, caption })];
  }
  if (kind === "copy" || !expr || value === undefined) return [];
  if (kind === "pick") return [winnerOf(expr, say)];
  if (expr.op === "text") return [say("inspector.opaque"), " ", element("code", {}, expr.text ?? "")];
  const numbers = told(phrase(expr, { ...manner, names: false }));
  const result = isKnown ? [" ", element("span", { class: "result" }, `= ${exact(shownNumber(derivation))}`)] : [];
  if (sum) return [element("span", { class: "numbers" }, ...numbers, ...result)];
  // A short formula is read best with its names above its numbers.
  const names = [{ text: isAfter ? "" : `${nameOf(array, flat)} = ` }, ...phrase(expr, { ...manner, names: true })];
  return [
    element("span", { class: "numbers named" }, ...told(names)),
    element("span", { class: "numbers" }, isAfter ? " = " : "= ", ...numbers, ...result),
  ];
}

/** @param {Expr} pick @param {Say} say */
function winnerOf(pick, say) {
  const { word, count, equal, first } = contest(pick);
  const { array, flat, value } = /** @type {CellRead} */ (pick.cell);
  const said = filled(say, `inspector.${word}.text`, { cell: nameOf(array, flat), value: exact(tidy(value)), count });
  return said + (equal > 1 ? ` ${filled(say, `inspector.tie.${first ? "first" : "other"}`, { equal })}` : "");
}

/** @param {Piece[]} pieces @returns {Nodes} */
export const told = (pieces) => pieces.map(({ text, rounded, quiet, code }) => {
  if (code) return element("code", { lang: "en" }, text);
  if (rounded) return element("i", { class: "rounded" }, text);
  return quiet ? element("span", { class: "quiet" }, text) : text;
}); // prettier-ignore
