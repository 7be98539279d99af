// @ts-check
// How a number looks: its colour and its text. On one scale the same value has the same colour everywhere; zero is the
// ground, or black on a picture. Which array is on which scale, its header tells.

import { fixed, leading } from "../page/digits.js";
import { isDark } from "../page/theme.js";

/** @typedef {{zero: string, positive: string[], negative: string[], ink: string, faint: string, veil: string,
 *   surface: string, read: string, write: string, meets: string}} Theme */
/** @typedef {{fill: string, ink: string, rgb: number[]}} Colours */

const FORCED = "(forced-colors: active)";
/** @type {Map<string, Theme>} */ const themes = new Map();

/** The colours of the page as its style sheet sets them, for how it is shown: to ask the style sheet has the whole
 * page laid out, in the middle of being built anew. @returns {Theme} */
export function themeOf() {
  const shown = [document.documentElement.className, isDark(), matchMedia(FORCED).matches].join();
  const theme = themes.get(shown) ?? readTheme();
  themes.set(shown, theme);
  return theme;
}

/** @returns {Theme} */
function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  const [zero, ink, faint, veil, surface] = ["zero", "ink", "faint", "veil", "surface"].map(colour);
  const [read, write, meets] = ["read", "write", "meets"].map(colour);
  const [positive, negative] = ["positive", "negative"].map((sign) => [colour(`${sign}-mid`), colour(sign)]);
  return { zero, positive, negative, ink, faint, veil, surface, read, write, meets };
}

/** @param {string} hex such as #1d4ed8 */
const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** @param {string} from @param {string} to @param {number} t from 0 to 1 */
function mix(from, to, t) {
  const [a, b] = [channels(from), channels(to)];
  return a.map((channel, at) => Math.round(channel + (b[at] - channel) * t));
}

/** A colour and what is written on it: black or white, whichever is seen better. One of the two always has a contrast
 * of 4.5 or more, which no softer pair has. @param {number[]} rgb @returns {Colours} */
function inked(rgb) {
  const [r, g, b] = rgb.map((part) => (part <= 10 ? part / 3294 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  const ink = 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
  return { fill: `rgb(${rgb.join(",")})`, ink, rgb };
}

/** What is written on a colour between two. @param {string} from @param {string} to @param {number} t from 0 to 1 */
export const inkBetween = (from, to, t) => inked(mix(from, to, t)).ink;

export class Look {
  /** @param {Theme} theme @param {number} limit the largest value in size: it gets the full colour
   * @param {boolean} [isGrey] whether it is the white of a picture, whose zero is black */
  constructor(theme, limit, isGrey = false) {
    this.theme = theme;
    this.limit = limit || 1;
    this.isGrey = isGrey;
    this.veil = channels(theme.veil); // of a cell that is not known yet
    this.blank = mix(theme.veil, theme.faint, 0.5); // of one that is, in small, where numbers have no colour
    /** @type {Map<number, Colours>} */ this.known = new Map();
  }

  /** The number that the other end of the scale stands for. */
  get low() {
    return this.isGrey ? 0 : -this.limit;
  }

  /** Fill and ink of a value; the fill also as red, green and blue. @param {number} value */
  of(value) {
    let found = this.known.get(value);
    if (!found) {
      if (this.known.size > 5000) this.known.clear();
      found = this.#mixed(value);
      this.known.set(value, found);
    }
    return found;
  }

  /** @param {number} value */
  #mixed(value) {
    // The cube root lets small numbers be seen beside large ones: a hundredth of the limit has a fifth of the colour.
    // An infinity is a rule and no number: the border of a max pool is not darker than all else.
    const share = Number.isFinite(value) ? Math.min(1, value / this.limit) : 0;
    if (this.isGrey) return inked(Array(3).fill(Math.round(255 * Math.max(0, share))));
    const t = Math.min(1, Math.cbrt(Math.abs(share)));
    const [mid, full] = value < 0 ? this.theme.negative : this.theme.positive;
    return inked(t < 0.5 ? mix(this.theme.zero, mid, 2 * t) : mix(mid, full, 2 * t - 1));
  }

  /** What a number is written in. @param {number} value
   * @param {boolean} isFilled one of a padding is fainter, where it stands on the ground */
  inkOf(value, isFilled) {
    return isFilled && !this.isGrey ? this.theme.faint : this.of(value).ink;
  }

  /** The same colours in a row, from the lowest number to the limit: a place from 0 to 1 and the colour there. Its
   * stops lie dense around zero, where the cube root is steep. @returns {[number, string][]} */
  scale() {
    if (this.isGrey) return [[0, this.of(0).fill], [1, this.of(this.limit).fill]]; // prettier-ignore
    return Array.from({ length: 129 }, (_, at) => {
      const t = at / 64 - 1;
      return [(1 + t ** 3) / 2, this.of(t ** 3 * this.limit).fill];
    });
  }
}

/** The looks of a run's arrays, each on the scale that shows it. */
export class Looks {
  /** @type {Map<string, Look>} */ #known = new Map();

  /** @param {Theme} theme */
  constructor(theme) {
    this.theme = theme;
    /** Without colours, for numbers whose size means nothing. */
    this.plain = new Look(theme, 1e200);
  }

  /** @param {{scale: [number, number]|null}} array */
  of({ scale }) {
    if (!scale) return this.plain;
    const [low, high] = scale;
    const key = `${low} ${high}`;
    let look = this.#known.get(key);
    if (!look) this.#known.set(key, (look = new Look(this.theme, high, low === 0)));
    return look;
  }
}

/** A number as text, exact: what JavaScript prints has just the digits that tell it from its neighbours.
 * @param {number} value */
export function exact(value) {
  return String(value).replace("Infinity", "∞").replaceAll("-", "−").replace("e+", "e");
}

/** Whether a number needs more room than a square cell has. @param {number} value */
export const isLong = (value) => exact(value).length > 3;

const ALMOST = "≈0"; // where there is room for nothing else; only a zero is 0

/** How many decimals a number has as it is written. @param {string} text */
export const decimalsIn = (text) => (/\.(\d+)$/.exec(text)?.[1] ?? "").length;

/** A number in at most so many characters, and whether that needed rounding: by the digits that it is written in, half
 * away from zero.
 * @param {number} value @param {number} room @param {number} [places] decimals that it may have
 * @returns {{text: string, rounded: boolean}} */
export function short(value, room, places = Infinity) {
  const whole = exact(value);
  if (whole.length <= room && decimalsIn(whole) <= places) return { text: whole, rounded: false };
  // With fewer digits, while its own first one is among them, rather than without the zero before its point. From 1e21
  // on, JavaScript writes a fixed number as a power too.
  const most = Math.abs(value) < 10 ** -places ? places + 1 : places; // one more for what would be nothing
  for (const bare of [false, true])
    for (let digits = Math.min(room - 2, most); digits >= 0 && Math.abs(value) < 1e21; digits--) {
      if (!bare && Math.abs(value) < Number(`1e-${digits}`)) break;
      const near = fixed(value, digits);
      const isNothing = Number(near) === 0;
      if (isNothing && room >= 4) break; // a power of ten tells more
      let text = (digits ? near.replace(/\.?0+$/, "") : near).replace("-", "−");
      if (bare && digits && text.length > room) text = text.replace(/^(−?)0\./, "$1.");
      if (text.length <= room)
        return { text: isNothing ? ALMOST : text, rounded: isNothing || Number(near) !== value };
    }
  const [head, power] = leading(value, 1).toExponential(0).replace("+", "").replaceAll("-", "−").split("e");
  const text = `${head}e${power}`;
  if (text.length > room && Math.abs(value) < 1e-6) return { text: ALMOST, rounded: true };
  if (whole.length <= text.length) return { text: whole, rounded: false }; // no form of it is shorter
  return { text: text.length > room && Math.abs(value) < 1 ? ALMOST : text, rounded: true };
}

/** A number in at most so many characters, with a sign before it that it is rounded: beside a grid, or below an
 * expression. @param {number} value @param {number} [room] */
export function about(value, room = 11) {
  const { text, rounded } = short(value, room);
  return rounded ? `≈ ${short(value, room - 2).text}` : text;
}
