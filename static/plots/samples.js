// @ts-check
// What a sampled curve comes to between its points, and round numbers along an axis. It knows neither the kinds of
// plots nor Plotly.

import { short } from "../say/look.js";

/** What stands at a place: at every cell of a map, unless they are too many, there is a point of the curve.
 * @param {number[]} xs in order @param {number[]} ys @param {number} x */
export function valueAt(xs, ys, x) {
  let [low, high] = [0, xs.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle;
    else high = middle;
  }
  if (xs[low] === x) return ys[low];
  if (xs[high] === x) return ys[high];
  return ys[low] + ((ys[high] - ys[low]) * (x - xs[low])) / (xs[high] - xs[low]);
}

/** Round numbers from the one end of an axis to the other, at most so many: steps of 1, 2 or 5 times a power of ten.
 * @param {[number, number]} range @param {number} most @returns {number[]} */
export function marksOf([low, high], most) {
  const least = (high - low) / Math.max(1, most);
  const unit = 10 ** Math.floor(Math.log10(least));
  const step = unit * ([1, 2, 5].find((each) => each * unit >= least) ?? 10);
  if (!Number.isFinite(step) || !(step > 0)) return [];
  const [from, to] = [Math.ceil(low / step), Math.floor(high / step)];
  return Array.from(
    { length: Math.max(0, to - from + 1) },
    (_, at) => Number(((from + at) * step).toPrecision(12)) + 0,
  );
}

/** The same as the ticks of an axis, each in so many characters. @param {[number, number]} range @param {number} most
 * @param {number} [room] */
export function ticksOf(range, most, room = 6) {
  const tickvals = marksOf(range, most);
  return { tickvals, ticktext: tickvals.map((value) => short(value, room).text) };
}
