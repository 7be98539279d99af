// @ts-check
// Whether what was typed is the number that is meant: to the last digit, or rounded where the number has many. It
// knows numbers and their texts alone.

import { asWritten } from "../page/number.js";

const LEAST = 2; // digits that a rounded answer has at least, behind its point and in all
const BINARY = 1e-9; // of a number: so much is the rounding of a computer

/** @param {string} text that was typed and is a number @param {number} value that is meant
 * @returns {"exact"|"rounded"|undefined} how it is right, if it is */
export function rightness(text, value) {
  const typed = Number(asWritten(text));
  if (Object.is(typed, value) || Math.abs(typed - value) <= BINARY * Math.max(1e-6, Math.abs(value))) return "exact";
  const [digits, power = "0"] = asWritten(text).toLowerCase().split("e");
  const places = (/\.(\d*)$/.exec(digits)?.[1].length ?? 0) - Number(power);
  const figures = digits.replace(/^[+-]?0*\.?0*|\./g, "").length;
  const isNear = Math.abs(typed - value) <= 0.5 * 10 ** -places * (1 + BINARY);
  return isNear && places >= LEAST && figures >= LEAST ? "rounded" : undefined;
}
