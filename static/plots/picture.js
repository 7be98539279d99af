// @ts-check
// What every kind of plot is made of: the room around it, its axes, and its bars and points, each of which is a cell.
// It knows neither the kinds nor Plotly.

import { widthOf } from "../board/width.js";
import { about } from "../say/look.js";
import { tidy } from "../why/decimal.js";

/** @import { Theme } from "../say/look.js" */
/** @import { Frame } from "../board/stage.js" */
/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Losses } from "./losses.js" */
/** @import { Say } from "../say/describe.js" */

/** @typedef {{array: string, flat: number}} Place of a cell */
/** @typedef {{name: string, value?: number, cell?: Place, cells: Place[], left: number, right: number,
 *   top?: number, bottom?: number, y?: number}} Spot
 *   - a bar or a point, with its name and its number: the cell that it is, if it is one alone, and all that light it
 *     when they are pinned
 *   - left, right: from where to where it reaches, in pixels; top, bottom: likewise, if not over the whole height
 *   - y: of a point, which is looked for around it */
/** @typedef {{width: number, height: number, letters: number, theme: Theme, pinned?: Place}} Room */
/** @typedef {{traces: any[], moving: any[], layout: any, around: string, spots: Spot[]}} Drawing
 *   - traces: as Plotly takes them; moving: of each, what may change with a step, if anything does
 *   - around: what else is drawn, told apart: while it stays the same, only what is moving need be drawn */
/** @typedef {{title: string, sentence: string, wants?: Place, isTall?: boolean,
 *   draw: (room: Room) => Drawing}} Picture
 *   - wants: the cell of which the loss over its values is not there yet
 *   - isTall: whether it has rows to be read, and so more room than others */
/** @typedef {(array: string, flat: number) => Losses|undefined} Sampled the loss over the values of a cell, if it is
 *   there */
/** @typedef {{trace: Trace, frame: Frame, say: Say, array: (part: string) => NamedArray,
 *   arrays: (part: string) => NamedArray[], plot: any, sampled: Sampled}} Moment
 *   plot: what the function that runs declares; array: the one that a part of it stands for; arrays: all of them */

const MARGIN = { l: 3.4, t: 0.5, r: 0.7, b: 1.5 }; // in sizes of the letters
const ROW = 1.35; // of words above the panels or below their numbers
const CLEAR = 0.1; // of the height, above and below what is drawn
const GROUND = "rgba(0,0,0,0)"; // that of the page is seen through it
const NEAR = 16; // pixels from a point, at most;
const ON = 7; // and where it lies on a bar or a cell

export class Box {
  /** @param {Room} room @param {{above?: number, below?: number}} [rows] of words, beside what is drawn */
  constructor({ width, height, letters, theme }, { above = 0, below = 0 } = {}) {
    const [top, bottom] = [MARGIN.t + ROW * above, MARGIN.b + ROW * below];
    this.margin = { l: MARGIN.l * letters, t: top * letters, r: MARGIN.r * letters, b: bottom * letters };
    this.wide = width - this.margin.l - this.margin.r;
    this.high = height - this.margin.t - this.margin.b;
    this.font = { family: "system-ui, sans-serif", size: letters, color: theme.faint };
    /** What all layouts have in common. */
    this.layout = {
      width, height, margin: this.margin, font: this.font, showlegend: false,
      paper_bgcolor: GROUND, plot_bgcolor: GROUND,
    }; // prettier-ignore
    /** What all axes have: few numbers, if any, and faint lines. */
    this.axis = {
      ticklen: 0, gridcolor: theme.veil, zerolinecolor: theme.faint, zerolinewidth: 1, tickangle: 0,
    }; // prettier-ignore
    this.ticks = (/** @type {number} */ share) => Math.max(2, Math.floor((share * this.high) / letters / 2.4));
    this.theme = theme;
    this.letters = letters;
  }

  /** The pixels of a number along the axis, and up the axis, of a panel between two shares of the room.
   * @param {number} value @param {[number, number]} range @param {[number, number]} [domain] */
  across(value, [low, high], [from, to] = [0, 1]) {
    return this.margin.l + this.wide * (from + ((to - from) * (value - low)) / (high - low));
  }

  /** @param {number} value @param {[number, number]} range @param {[number, number]} [domain] */
  up(value, [low, high], [from, to] = [0, 1]) {
    return this.margin.t + this.high * (1 - from - ((to - from) * (value - low)) / (high - low));
  }

  /** The pixels of a bar, of so many. @param {number} at @param {number} count @param {[number, number]} [domain] */
  slot(at, count, [from, to] = [0, 1]) {
    const edge = (/** @type {number} */ nth) => this.margin.l + this.wide * (from + ((to - from) * nth) / count);
    return { left: edge(at), right: edge(at + 1) };
  }

  /** The name of what is along the axis, in the corner where no number of either axis stands. @param {string} text
   * @param {number} [off] pixels to the left */
  corner(text, off = 4) {
    return this.words(text, 0, 0, {
      xanchor: "right",
      yanchor: "top",
      xshift: this.beyond(text, off) - off,
      yshift: -1,
    });
  }

  /** How many pixels of a name have no room in the corner, and stand below the axis. @param {string} text
   * @param {number} [off] */
  beyond(text, off = 4) {
    return Math.max(0, widthOf(text) * this.letters + off - this.margin.l);
  }

  /** What marks and colours stand for, in the row above. @param {[string, string, string][]} entries a mark, what it
   * stands for, and its colour */
  legend(entries) {
    const told = entries.map(([mark, text, color]) => `<span style="color:${color}">${mark}</span>\u00a0${text}`);
    return this.above(told.join(" \u00a0"), [0, 1], -this.margin.l + this.letters / 3);
  }

  /** A row above a panel. @param {string} text @param {[number, number]} domain @param {number} [off] pixels */
  above(text, [from], off = 0) {
    return this.words(text, from, 1, { xanchor: "left", yanchor: "bottom", xshift: off, yshift: this.letters / 4,
      borderpad: 0 }); // prettier-ignore
  }

  /** The name of an axis, below its numbers. @param {string} text @param {[number, number]} domain of its panel */
  below(text, [from, to]) {
    const off = { yshift: -1.25 * this.letters, borderpad: 0 };
    return this.words(text, (from + to) / 2, 0, { xanchor: "center", yanchor: "top", ...off });
  }

  /** Words within a panel. @param {string} text @param {number} x share of the room @param {number} y
   * @param {any} [more] */
  words(text, x, y, more) {
    return { text, x, y, xref: "paper", yref: "paper", showarrow: false, font: this.font, ...more };
  }
}

/** From where to where an axis goes: a little further than what is on it, so that it is the same for many a cell.
 * @param {number} low at most 0 @param {number} high at least 0 @returns {[number, number]} */
export function outward(low, high) {
  const [from, to] = [low && -rounded(-low), high && rounded(high)];
  const clear = CLEAR * (to - from || 1);
  return [from - clear, to + clear];
}

/** The next larger of 1, 1.5, 2, 3, 5, 7, 10, … @param {number} value above 0 */
function rounded(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * ([1, 1.5, 2, 3, 5, 7].find((each) => each * unit >= value) ?? 10);
}

/** The range of some numbers, those that are none left out, with a margin. @param {Iterable<number>} numbers
 * @param {number} [clear] of their range @returns {[number, number]} */
export function rangeOf(numbers, clear = CLEAR) {
  let [low, high] = [Infinity, -Infinity];
  for (const each of numbers) {
    if (!Number.isFinite(each)) continue;
    if (each < low) low = each;
    if (each > high) high = each;
  }
  if (low > high) return [-1, 1];
  const beside = clear * (high - low) || 0.5 * Math.abs(high) || 1;
  return [low - beside, high + beside];
}

/** The bar or point at a place: of points the nearest. @param {Spot[]} spots @param {number} x @param {number} y */
export function spotAt(spots, x, y) {
  const isIn = (/** @type {Spot} */ { left, right, top = -Infinity, bottom = Infinity }) =>
    x >= left && x < right && y >= top && y < bottom;
  let found = spots.find((spot) => spot.y === undefined && isIn(spot));
  let least = found ? ON : NEAR;
  for (const spot of spots) {
    if (spot.y === undefined) continue;
    const off = Math.hypot(x - (spot.left + spot.right) / 2, y - spot.y);
    if (off <= least) [found, least] = [spot, off];
  }
  return found;
}

/** Whether a bar or point is lit: its cell is pinned. @param {{cells: Place[]}} spot @param {Place} [pinned] */
export const isLit = ({ cells }, pinned) =>
  Boolean(pinned && cells.some(({ array, flat }) => array === pinned.array && flat === pinned.flat));

/** A number in words that follow a name: "= 6", or "≈ 0.3775" where it is rounded.
 * @param {number} value @param {number} [room] */
export function equals(value, room) {
  const text = about(tidy(value), room);
  return text.startsWith("≈") ? text : `= ${text}`;
}

/** A number that Plotly can place, or a gap. @param {number|undefined} value */
export const placed = (value) => (value !== undefined && Number.isFinite(value) ? value : null);
