// @ts-check
// One typed number: what a text in a field or a cell means, and what an arrow key makes of it. It knows no page and no
// layer. The rule, which holds whatever the browser's language is:
//
//   0.5   0,5   ,5   5.   +5   1,5e-3      a point or a comma parts the fraction, once
//   −5   –5   １．５   " 5 "                  signs and digits that look right, spaces at the ends
//   1,234                                  refused: it can mean 1.234 or 1234 (0,125 and 1,25 cannot)
//   1.234,5   1,234.5   1 234   1'234      refused: nothing is joined out of what was typed
//   1.5.2   --1   1e   abc   1/2   nan     refused: no number
//   1,5   2.0   1e3   where a whole number is asked for: refused
//   1e999   1e-999                         refused: it would be infinite, or 0

/** @typedef {"empty"|"number"|"marks"|"whole"|"size"} Reason a word, for which the page has a sentence */

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const BEGUN = /^[+-]?\d*(\.\d*)?(e[+-]?\d*)?$/i; // what can become a number by typing on
const ENDS = /^[\s\u200b-\u200f\u2060\ufeff]+|[\s\u200b-\u200f\u2060\ufeff]+$/g;

/** What is typed with the signs and digits of a plain keyboard, without what is not seen. @param {string} text */
const plain = (text) =>
  text
    .replace(ENDS, "")
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)) // full width
    .replace(/。/g, ".")
    .replace(/[\u2010-\u2015\u2212\ufe63]/g, "-");

/** The same with a point for a comma, where that is the only mark. @param {string} text */
const pointed = (text) => (/^[^.,]*,[^.,]*$/.test(text) ? text.replace(",", ".") : text);

/** What a text means: a number, or why it is none.
 * @param {string} text @param {boolean} [isWhole] whether only a whole number will do
 * @returns {{value: number, reason?: undefined}|{value?: undefined, reason: Reason}} */
export function numberOf(text, isWhole = false) {
  const typed = plain(text);
  if (!typed) return { reason: "empty" };
  const isNumber = NUMBER.test(pointed(typed));
  if (isWhole) return /^[+-]?\d+$/.test(typed) ? sized(typed) : { reason: isNumber ? "whole" : "number" };
  if (/^[+-]?[1-9]\d{0,2},\d{3}$/.test(typed)) return { reason: "marks" };
  if (isNumber) return sized(pointed(typed));
  const hasMarks = /^[+-]?\d+([.,'’_\s]\d+)+([.,]\d*)?$/.test(typed) && !/^[+-]?[\d.]+$/.test(typed);
  return { reason: hasMarks ? "marks" : "number" };
}

/** @param {string} typed @returns {ReturnType<typeof numberOf>} */
function sized(typed) {
  const value = Number(typed) + 0; // there is no negative zero
  const isLost = !Number.isFinite(value) || (value === 0 && /[1-9]/.test(typed.replace(/e.*/i, "")));
  return isLost ? { reason: "size" } : { value };
}

/** The same text in the signs of a plain keyboard, with a point. @param {string} text */
export const asWritten = (text) => pointed(plain(text));

/** Whether nothing that is typed on can make a number of it. @param {string} text @param {boolean} [isWhole] */
export function isHopeless(text, isWhole = false) {
  const typed = plain(text);
  return !(isWhole ? /^[+-]?\d*$/ : BEGUN).test(pointed(typed));
}

/** Whether a text that may mean a number already is more likely the beginning of one. @param {string} text */
export const isBegun = (text) => /[.,。．，]$/.test(text.replace(ENDS, ""));

/** The number that an arrow key goes on to. Where fractions are, the last decimal that is written is turned.
 * @param {number} value @param {1|-1} way
 * @param {{values?: number[], low?: number, high?: number, isWhole?: boolean}} range all that is legal in rising
 *   order, or else its ends @returns {number} */
export function turned(value, way, { values, low = -Infinity, high = Infinity, isWhole = false }) {
  if (values?.length) {
    const next = way > 0 ? values.find((one) => one > value) : values.findLast((one) => one < value);
    return next ?? value;
  }
  const decimals = isWhole ? 0 : (/\.(\d+)$/.exec(String(value))?.[1].length ?? 0);
  const next = Number((value + way / 10 ** decimals).toFixed(decimals)) + 0;
  return next < low || next > high ? value : next;
}

/** Why a text was refused, in words.
 * @param {Reason} reason @param {string} text @param {(key: string) => string} say */
export function refusalOf(reason, text, say) {
  const said = {
    empty: () => say("edit.number"),
    number: () => say("edit.number"),
    marks: () => say("number.marks"),
    whole: () => say("number.whole"),
    size: () => say("number.size"),
  }[reason]();
  return said.replace("{text}", text.trim().slice(0, 24));
}
