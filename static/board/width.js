// @ts-check
// How wide the text of a number is, without asking the page, which would have to be laid out for it, and what of a
// number has room in a cell. It knows numbers.

import { decimalsIn, short } from "../say/look.js";

/** @typedef {{text: string, rounded: boolean, size: number}} Fitted size: of its letters, where 1 is the usual one */

const WIDE = 0.84; // of the size of the letters: a minus sign, ∞ and ≈, in DejaVu Sans, the widest of the usual fonts
const NARROW = 0.4; // a point, a comma, a space, a bracket
const USUAL = 0.64; // a digit, and the e of a power

/** How many times the size of its letters a number is wide, at most. @param {string} text */
export function widthOf(text) {
  let width = 0;
  for (const letter of text) width += "−∞≈=NΣ×+".includes(letter) ? WIDE : "., []".includes(letter) ? NARROW : USUAL;
  return width;
}

const SMALLER = 0.8; // letters, before a number loses digits

/** A number in a cell, and how large its letters are: a little smaller if it then stays exact, or has a decimal, or
 * is a whole number or a power; else it loses digits. Where there is no room for any form of it, nothing is written.
 * @param {number} value @param {number} ems room, in sizes of the letters
 * @param {number} smallest that its letters may be, where 1 is the usual size
 * @param {number} [places] decimals that it may have @returns {Fitted} */
export function fitted(value, ems, smallest, places) {
  const least = Math.min(1, smallest);
  for (const floor of [Math.max(SMALLER, least), least])
    for (let room = Math.floor(ems / 0.45 / floor) + 1; room > 0; room--) {
      const { text, rounded } = short(value, room, places);
      const size = Math.min(1, ems / widthOf(text));
      if (size >= (rounded && decimalsIn(text) > 1 ? 1 : floor)) return { text, rounded, size };
    }
  return { text: "", rounded: true, size: 1 };
}

/** How many decimals numbers have that stand together, so that all have as many: those of the one that has room for
 * the fewest, if any has to lose some. Numbers that have room for none do not count.
 * @param {Iterable<number>} values @param {number} ems room @param {number} smallest of the letters */
export function placesOf(values, ems, smallest) {
  let places = Infinity;
  for (const value of values) {
    const { text, rounded } = Number.isInteger(value) ? { text: "", rounded: false } : fitted(value, ems, smallest);
    if (rounded && text.includes(".")) places = Math.min(places, decimalsIn(text));
  }
  return places;
}
