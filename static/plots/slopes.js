// @ts-check
// What a nudge of one cell does to the loss, in two panels. Close up, in steps of ε, what is recorded: the two nudged
// points, the slopes to them and from one to the other, which is the numeric gradient, and dashed the analytic one.
// From afar, the loss over all values that the server has sampled: there a kink is seen before a nudge comes to it.

import { short } from "../say/look.js";
import { widthOf } from "../board/width.js";
import { placed, rangeOf } from "./picture.js";

/** @import { Losses } from "./losses.js" */
/** @import { Box, Place, Spot } from "./picture.js" */

/** @typedef {{by: number, change: number, cell: Place}} Nudge how far a cell was moved, and the loss by it */
/** @typedef {{name: string, nudges: Nudge[], analytic: number, numeric?: number, losses?: Losses,
 *   colour: string}} Slopes
 *   name: of the array that is nudged; analytic: NaN without a cell; numeric: once it is known */
/** @typedef {{traces: any[], moving: any[], axes: {x: any, y: any}, spots: Spot[],
 *   around: unknown}} Panel */
/** @typedef {[number, number]} Range */

const SIDE = 1.3; // of ε, to either side
const HIGH = 1.5; // of the largest change, up and down
const DIGITS = 5; // of a number along an axis, its sign and its point among them
const GAP = 1.2; // letters, between two numbers of an axis
const FAR = 0.6; // of the way to the end: so far the slopes reach

/** @param {Slopes} slopes @param {Box} box @param {Range} domain @returns {Panel} */
export function closeUp({ nudges, analytic, colour }, box, domain) {
  const { theme } = box;
  // In steps of ε all cells have the same axis, however small theirs is.
  const epsilon = Math.max(0, ...nudges.map(({ by }) => Math.abs(by))) || 1;
  const along = nudges.map(({ by }) => by / epsilon);
  const middle = along.findIndex((by) => by > 0);
  const split = middle < 0 ? along.length : middle;
  const withStill = (/** @type {number[]} */ all) => [...all.slice(0, split), 0, ...all.slice(split)];
  const changes = nudges.map(({ change }) => change);
  const steep = analytic * epsilon;
  const largest = Math.max(...[steep, ...changes].map((each) => Math.abs(placed(each) ?? 0)));
  const size = Number(largest.toPrecision(1)) || 1; // so that it can stand at the axis
  /** @type {Range} */ const heights = [-HIGH * (largest || 1), HIGH * (largest || 1)];
  /** @type {Range} */ const range = [-SIDE, SIDE];
  /** @type {Spot[]} */ const spots = [];
  for (const [nth, { by, change, cell }] of nudges.entries()) {
    const x = box.across(along[nth], range, domain);
    const name = `Δ ${cell.array}[${cell.flat}]`;
    const y = box.up(change, heights);
    if (by && Number.isFinite(y)) spots.push({ name, value: change, cell, cells: [cell], left: x, right: x, y });
  }
  const isThere = nudges.length > 0;
  const tangent = isThere && placed(steep) !== null;
  return {
    spots,
    traces: [
      line({ mode: "lines+markers", cliponaxis: false, marker: { size: 8, color: colour },
        line: { width: 2, color: colour } }),
      line({ line: { width: 1.5, dash: "dot", color: theme.read } }),
      line({ line: { width: 1.5, dash: "dash", color: theme.ink } }),
    ],
    moving: [
      { x: isThere ? withStill(along) : [], y: isThere ? withStill(changes.map((each) => placed(each) ?? 0)) : [] },
      { x: nudges.length > 1 ? along : [], y: nudges.length > 1 ? changes.map(placed) : [] },
      { x: tangent ? [-1.2, 1.2] : [], y: tangent ? [-1.2 * steep, 1.2 * steep] : [] },
    ],
    axes: {
      x: { ...box.axis, domain, range, tickvals: [-1, 0, 1], ticktext: ["−ε", "0", "+ε"] },
      y: { ...box.axis, range: heights, tickvals: isThere ? [-size, 0, size] : [0],
        ticktext: isThere ? [-size, 0, size].map(brief) : ["0"] },
    },
    around: isThere && largest,
  }; // prettier-ignore
}

/** @param {Slopes} slopes @param {Box} box @param {Range} domain @returns {Panel} */
export function fromAfar({ name, nudges, analytic, numeric = NaN, losses, colour }, box, domain) {
  const { theme } = box;
  const { x, change, kinks } = losses ?? { x: [], change: [], kinks: [] };
  const range = losses ? /** @type {Range} */ ([x[0], x[x.length - 1]]) : /** @type {Range} */ ([-1, 1]);
  const heights = rangeOf([0, ...change]);
  const value = (range[0] + range[1]) / 2; // the cell's own
  const far = (FAR * (range[1] - range[0])) / 2;
  const slope = (/** @type {number} */ steep) =>
    losses && placed(steep) !== null
      ? { x: [value - far, value + far], y: [-steep * far, steep * far] }
      : { x: [], y: [] };
  const points = losses ? [{ by: 0, change: 0 }, ...nudges] : [];
  // The cell's own value, and the ends where there is room beside it.
  const wide = (box.wide * (domain[1] - domain[0])) / box.letters;
  const isWide = widthOf(short(range[0], DIGITS).text) + widthOf(short(value, DIGITS).text) < wide - GAP;
  const ends = !losses ? [] : isWide ? [range[0], value, range[1]] : [value];
  const texts = ends.map((each) => short(each, DIGITS).text);
  const marks = (/** @type {any} */ marker) => line({ mode: "markers", cliponaxis: false, marker });
  return {
    spots: [],
    traces: [
      line({ line: { width: 2, color: colour } }),
      line({ line: { width: 1.5, dash: "dot", color: theme.read } }),
      line({ line: { width: 1.5, dash: "dash", color: theme.ink } }),
      marks({ size: 8, color: colour }),
      marks({ size: 8, symbol: "x", color: theme.ink }),
    ],
    moving: [
      { x, y: change.map(placed) },
      slope(numeric),
      slope(analytic),
      { x: points.map(({ by }) => value + by), y: points.map((each) => placed(each.change)) },
      { x: kinks.map((at) => x[at]), y: kinks.map((at) => placed(change[at])) },
    ],
    axes: {
      x: { ...box.axis, domain, range, zeroline: false, tickvals: ends, ticktext: texts },
      y: { ...box.axis, range: heights, zeroline: losses !== undefined, tickvals: [] },
    },
    around: losses && [name, ...range, ...heights].join(),
  }; // prettier-ignore
}

/** A number at an axis; one that is nearly nothing has its power of ten. @param {number} value */
function brief(value) {
  const { text } = short(value, DIGITS);
  return text.startsWith("≈") ? short(value, DIGITS + 1).text : text;
}

const line = (/** @type {any} */ more) => ({ type: "scatter", mode: "lines", ...more });
