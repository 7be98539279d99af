// @ts-check
// A step against the gradient: the loss before it and after it, on the curve of what it is after shorter and longer
// ones, and what the gradient promised. The points of the curve come from the server, where the function that makes
// the step has run. It knows neither layers nor Plotly.

import { nameOf } from "../say/cell.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about, short } from "../say/look.js";
import { Box, isLit, placed, rangeOf } from "./picture.js";
import { valueAt } from "./samples.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Drawing, Moment, Picture, Room } from "./picture.js" */

/** @typedef {{before: NamedArray, after: NamedArray, rate: number, x: number[], y: number[],
 *   promised: number[]}} Descent
 *   - rate: the learning rate; x: shorter and longer ones, from 0 on; none where the curve would cost too much
 *   - y: the loss after a step as long as that; promised: what the slope at 0 alone makes of it */

const [BRIEF, EXACT] = [8, 11]; // characters of a number, in the title and in the sentence
const LEFT = 0.03; // of the way that is drawn, before its 0
const BELOW = 0.2; // of the height, so that the straight line is seen to part from the curve

/** @param {Moment} moment @returns {Picture} */
export function descent({ say, plot, array }) {
  const [before, after] = [array("before"), array("after")];
  const { rate, x, y, promised } = plot.curves[after.name];
  const read = (/** @type {any[]} */ numbers) => numbers.map(Number); // NaN and ∞ have come as words
  const found = { before, after, rate: Number(rate[0]), x: read(x), y: read(y), promised: read(promised) };
  const [first, last] = [before, after].map(({ cells }) => cells[0]);
  const told = (/** @type {number} */ room) => ({
    before: about(tidy(first), room), after: about(tidy(last), room), by: about(tidy(Math.abs(last - first)), room),
    rate: about(tidy(found.rate)),
  }); // prettier-ignore
  const key = !after.isKnown(0) ? "open" : last < first ? "less" : last > first ? "more" : "same";
  return {
    title: filled(say, `plot.descent.${key}.title`, told(BRIEF)),
    sentence: filled(say, `plot.descent.${key}`, told(EXACT)) + (after.isKnown(0) ? curveOf(found, say) : ""),
    draw: (room) => drawn(found, room, say),
  };
}

/** Where the curve is lowest, and what was promised, in words. @param {Descent} descent @param {Say} say */
function curveOf({ rate, x, y, promised }, say) {
  if (!x.some((_, at) => Number.isFinite(y[at]))) return "";
  const lowest = y.reduce((best, each, at) => (each < y[best] || !Number.isFinite(y[best]) ? at : best), 0);
  return filled(say, "plot.descent.curve", {
    promised: about(tidy(valueAt(x, promised, rate))), high: about(tidy(x[x.length - 1])),
    at: about(tidy(x[lowest])), least: about(tidy(y[lowest])),
  }); // prettier-ignore
}

/** @param {Descent} descent @param {Room} room @param {Say} say @returns {Drawing} */
function drawn({ before, after, rate, x, y, promised }, room, say) {
  const box = new Box(room, { above: 1 });
  const { theme, pinned } = room;
  const isKnown = after.isKnown(0); // what is not computed yet is not shown
  const ends = [before.cells[0], ...(isKnown ? [after.cells[0]] : [])];
  const far = x[x.length - 1] ?? 2 * (rate || 1);
  const range = /** @type {[number, number]} */ ([-LEFT * far, far]);
  const [low, high] = rangeOf([...ends, ...(isKnown ? y : [])]);
  const heights = /** @type {[number, number]} */ ([low - BELOW * (high - low), high]);
  const [start, end] = [placed(before.cells[0]), isKnown ? placed(after.cells[0]) : null];
  const line = (/** @type {number[]} */ along) => (isKnown ? { x, y: along.map(placed) } : { x: [], y: [] });
  const spots = ends.map((value, at) => {
    const array = [before, after][at];
    const cell = { array: array.name, flat: 0 };
    const left = box.across(at * rate, range);
    return { name: nameOf(array, 0), value, cell, cells: [cell], left, right: left, y: box.up(value, heights) };
  });
  const lit = spots.map((spot) => (isLit(spot, pinned) ? 3 : 1.5));
  const moving = [
    line(y),
    line(promised),
    // How far it fell, or rose: from the height where it began to the one where it came out.
    start === null || end === null ? { x: [], y: [] } : { x: [0, rate, rate], y: [start, start, end] },
    { x: [0, rate].slice(0, ends.length), y: [start, end].slice(0, ends.length) },
  ];
  const traces = [
    { type: "scatter", mode: "lines", line: { width: 2, color: theme.read } },
    { type: "scatter", mode: "lines", line: { width: 1.5, dash: "dash", color: theme.ink } },
    { type: "scatter", mode: "lines", line: { width: 1, dash: "dot", color: theme.ink } },
    { type: "scatter", mode: "markers", cliponaxis: false,
      marker: { size: 10, color: [theme.read, theme.write], line: { width: lit, color: theme.ink } } },
  ]; // prettier-ignore
  const marks = [0, 1, 2, 3, 4].map((times) => times * (rate || far / 4)).filter((mark) => mark <= far * 1.001);
  const layout = {
    ...box.layout,
    xaxis: { ...box.axis, range, zeroline: false, tickvals: marks,
      ticktext: marks.map((mark) => short(tidy(mark), 6).text) },
    yaxis: { ...box.axis, range: heights, nticks: box.ticks(1) },
    annotations: [
      box.legend([
        ["●", say("plot.descent.step"), theme.write],
        ["—", say("plot.descent.loss"), theme.read],
        ["– –", say("plot.descent.promised"), theme.ink],
      ]),
      box.corner("η", 10),
    ],
  }; // prettier-ignore
  return { traces, moving, layout, around: [...heights, ...range, ...lit].join(), spots };
}
