// @ts-check
// The way that two numbers have gone, as their writes are recorded. It knows the accesses of a trace, and neither
// layers nor the page.

/** @import { NamedArray, Trace } from "../run/trace.js" */

/** @typedef {{x: number[], y: number[]}} Way */

/** The ways that are known, so that hundreds of writes are not gone through at each step.
 * @type {WeakMap<Trace, Map<string, Way>>} */
const ways = new WeakMap();

/** The values of two weights from the start on, after each recorded write before a step; the start alone, where the
 * run has not come by them. @param {Trace} trace @param {NamedArray} weights @param {NamedArray} start
 * @param {number[]} pair @param {number} first @returns {Way} */
export function wayOf(trace, weights, start, pair, first) {
  const known = ways.get(trace) ?? new Map();
  ways.set(trace, known);
  const key = [weights.name, ...pair, first].join();
  let way = known.get(key);
  if (!way) {
    const before = trace.accesses.upTo(first);
    const [x, y] = pair.map((flat) => [
      start.cells[flat],
      ...trace.accesses
        .of(weights)
        .filter((access) => access.values && access.number < before && access.has(flat))
        .map((access) => access.written(flat)),
    ]);
    known.set(key, (way = { x, y }));
  }
  return way;
}
