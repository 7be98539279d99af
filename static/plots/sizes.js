// @ts-check
// How large the numbers of some arrays are: of each, how many lie in every power of ten, and how many are zero. They
// are on one axis that holds still, so that it is seen when they vanish or burst. It knows neither layers nor Plotly.

import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about, exact, short } from "../say/look.js";
import { isLit } from "./picture.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Box, Place, Spot } from "./picture.js" */

/** @typedef {{zero: number[], none: number[], decades: number[][], least: number, most: number, count: number}} Sizes
 *   of cells, told by their flat indices
 *   - none: those that are no number, or too large for one; decades: from 10 to the power of LEAST on, the first with
 *     all that are smaller, the last with all that are larger
 *   - least, most: of those that are neither zero nor none; count: of all that are known */

const [LEAST, MOST] = [-8, 2]; // powers of ten
const COUNT = MOST - LEAST;
const ZERO = -1.75; // where the bar of the zeros stands, apart from the others
const ENDS = [-2.6, COUNT - 0.3];
const APART = 0.1; // of the height, between two arrays
const WIDE = 20; // letters: with so many there is room for more numbers along the axis
/** @type {[number, number]} */ const SHARES = [0, 1.08]; // of all cells of an array

/** @param {NamedArray} array @returns {Sizes} */
export function sizesOf(array) {
  /** @type {Sizes} */ const found = { zero: [], none: [], decades: [], least: Infinity, most: 0, count: 0 };
  found.decades = Array.from({ length: COUNT }, () => []);
  for (const [flat, cell] of array.cells.entries()) {
    if (!array.isKnown(flat)) continue;
    const size = Math.abs(cell);
    found.count++;
    if (size === 0) found.zero.push(flat);
    else if (!Number.isFinite(size)) found.none.push(flat);
    else {
      found.decades[Math.max(0, Math.min(COUNT - 1, powerOf(size) - LEAST))].push(flat);
      if (size < found.least) found.least = size;
      if (size > found.most) found.most = size;
    }
  }
  return found;
}

/** The power of ten that a number begins with; a logarithm may be rounded to the next one.
 * @param {number} size above 0 */
const powerOf = (size) => Number(size.toExponential().split("e")[1]);

/** @typedef {{array: NamedArray, sizes: Sizes}} Sized an array, and how large its numbers are */

/** How large the numbers of an array are, in words. @param {Sized} sized @param {Say} say */
export function sizesTold({ array, sizes: { zero, none, least, most, count } }, say) {
  if (!count) return "";
  const told = { array: array.name, count, zero: zero.length, none: none.length,
    least: about(tidy(least), 8), most: about(tidy(most), 8) }; // prettier-ignore
  return (
    filled(say, most ? "plot.progress.sizes" : "plot.progress.sizes.zero", told) +
    (none.length ? filled(say, "plot.progress.sizes.none", told) : "")
  );
}

/** A row for each array. @param {Sized[]} arrays @param {Box} box @param {[number, number]} domain
 * @param {Say} say @param {Place} [pinned] */
export function sizesDrawn(arrays, box, domain, say, pinned) {
  const { theme, letters } = box;
  const high = (1 - APART * (arrays.length - 1)) / arrays.length;
  const wide = box.wide * (domain[1] - domain[0]);
  const range = /** @type {[number, number]} */ (ENDS);
  const x = [ZERO, ...Array.from({ length: COUNT }, (_, at) => at)];
  const every = wide / letters > WIDE ? 2 : 4; // powers of ten to a number along the axis
  const powers = Array.from({ length: COUNT - 1 }, (_, at) => LEAST + 1 + at).filter((power) => power % every === 0);
  const rows = arrays.map(({ array, sizes: { zero, decades, count } }, nth) => {
    const bars = [zero, ...decades];
    const stop = 1 - nth * (high + APART);
    const panel = /** @type {[number, number]} */ ([stop - high, stop]);
    const spots = bars.map((flats, at) => {
      const cells = flats.map((flat) => ({ array: array.name, flat }));
      /** @type {Spot} */
      const spot = {
        name: nameOf(array, at, say), value: flats.length, cells, ...(cells.length === 1 && { cell: cells[0] }),
        left: box.across(x[at] - 0.5, range, domain), right: box.across(x[at] + 0.5, range, domain),
        top: box.up(SHARES[1], SHARES, panel), bottom: box.up(0, SHARES, panel),
      }; // prettier-ignore
      return spot;
    });
    const lit = spots.map((spot) => (isLit(spot, pinned) ? 2 : 0));
    return { array, panel, spots, lit, y: bars.map((flats) => (count ? flats.length / count : 0)) };
  });
  const color = x.map((_, at) => (at ? theme.read : theme.meets));
  const name = (/** @type {number} */ nth) => `yaxis${nth + 3}`;
  return {
    spots: rows.flatMap(({ spots }) => spots),
    traces: rows.map(({ lit }, nth) => ({
      type: "bar", x, width: 0.88, xaxis: "x2", yaxis: `y${nth + 3}`,
      marker: { color, line: { width: lit, color: theme.ink } },
    })),
    moving: rows.map(({ y }) => ({ y })),
    around: rows.map(({ array, lit }) => [array.name, ...lit]).join(),
    axes: {
      xaxis2: {
        ...box.axis, domain, range, anchor: `y${arrays.length + 2}`, showgrid: false, zeroline: false,
        tickvals: [ZERO, ...powers.map((power) => power - LEAST - 0.5)],
        ticktext: ["0", ...powers.map((power) => short(10 ** power, 5).text)],
      },
      ...Object.fromEntries(
        rows.map(({ panel }, nth) => [
          name(nth), { ...box.axis, domain: panel, range: SHARES, anchor: "x2", showgrid: false, tickvals: [] },
        ]),
      ),
    },
    words: [
      box.above(say("plot.progress.gradients"), domain),
      ...rows.map(({ array, panel: [, top] }) =>
        box.words(array.name, domain[1], top, { xanchor: "right", yanchor: "top", borderpad: 0,
          font: { ...box.font, color: theme.ink } }),
      ),
    ],
  }; // prettier-ignore
}

/** Which cells a bar stands for. @param {NamedArray} array @param {number} at @param {Say} say */
function nameOf(array, at, say) {
  const power = LEAST + at - 1;
  const [low, high] = [power, power + 1].map((each) => exact(Number(`1e${each}`)));
  const key = !at ? "zeros" : at === 1 ? "below" : at === COUNT ? "beyond" : "decade";
  return filled(say, `plot.progress.${key}`, { array: array.name, low, high });
}
