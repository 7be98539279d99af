// @ts-check
// Two gradients of every cell, one against the other: where they agree they lie on the diagonal, and kinks are marked.
// Beside it what happens to the loss when the current cell is nudged, close up and over all its values. It knows
// neither layers nor Plotly.

import { nameOf } from "../say/cell.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about } from "../say/look.js";
import { checkedBy, nudgedAt, nudgesOf } from "./nudges.js";
import { Box, placed, rangeOf } from "./picture.js";
import { ticksOf } from "./samples.js";
import { closeUp, fromAfar } from "./slopes.js";

/** @import { Say } from "../say/describe.js" */
/** @import { NamedArray } from "../run/trace.js" */
/** @import { Losses } from "./losses.js" */
/** @import { Drawing, Moment, Picture, Room, Spot } from "./picture.js" */
/** @import { Nudge } from "./slopes.js" */

/** @typedef {{numeric: NamedArray, analytic: NamedArray, kinks?: NamedArray, nudged?: NamedArray, flat?: number,
 *   nudges: Nudge[], losses?: Losses, farthest?: number, isPinned: boolean, isChecked: boolean}} Agreement
 *   farthest: the cell at which the two differ most, where all are judged and they do differ */

/** @typedef {[number, number]} Domain */
/** @type {Domain[]} */ const ALONE = [[0, 1]];
/** @type {Domain[]} */ const TWO = [[0, 0.44], [0.6, 1]]; // prettier-ignore
/** @type {Domain[]} */ const THREE = [[0, 0.29], [0.46, 0.66], [0.75, 0.97]]; // prettier-ignore
const BRIEF = 8; // characters of a number in the title
const NAME = 1.6; // letters: so high stands the name of the axis at its end, and no number beside it
const CLEAR = 0.16; // of the range, beside the points: none lies on a number of an axis

/** @param {Moment} moment @returns {Picture} */
export function agreement({ trace, frame, say, array, sampled }) {
  const [numeric, analytic] = [array("numeric"), array("analytic")];
  const [kinks, nudged, loss, off] = ["kinks", "nudged", "loss", "difference"].map(array);
  const { cell, k } = frame;
  const own = [numeric, analytic, kinks, nudged].flatMap((each) => each ?? []);
  const isPinned = Boolean(cell?.pinned && own.some(({ name }) => name === cell.array) && numeric.isKnown(cell.flat));
  const flat = isPinned ? cell?.flat : nudged && nudgedAt(trace, nudged, frame);
  const moment = isPinned && flat !== undefined ? checkedBy(trace, numeric, flat, k) : k;
  const nudges = nudged && flat !== undefined ? nudgesOf(trace, nudged, loss, flat, moment) : [];
  const isChecked = flat !== undefined && numeric.isKnown(flat);
  const losses = nudged && flat !== undefined ? sampled(nudged.name, flat) : undefined;
  const known = cellsOf(numeric).filter((each) => numeric.isKnown(each));
  const farthest = off && farthestOf(off, known);
  const found = { numeric, analytic, kinks, nudged, flat, nudges, losses, farthest, isPinned, isChecked };
  const crossed = kinks ? known.filter((each) => kinks.isKnown(each) && kinks.cells[each] > 0).length : 0;
  const told = {
    numeric: numeric.name, analytic: analytic.name, known: known.length, kinks: crossed, ...namesOf(found),
    far: farthest === undefined ? "" : nameOf(analytic, farthest),
    off: farthest === undefined ? "" : about(Math.abs(tidy(off.cells[farthest])), 8),
  }; // prettier-ignore
  const all = farthest === undefined ? "plot.agreement.all" : "plot.agreement.all.off";
  const key = flat === undefined ? all : isChecked ? "plot.agreement" : "plot.agreement.open";
  return {
    title: filled(say, `${key}.title`, told),
    sentence:
      filled(say, key, told) + (crossed ? filled(say, "plot.agreement.kinks", told) : "") + curveOf(found, say),
    wants: nudged && flat !== undefined && !losses ? { array: nudged.name, flat } : undefined,
    draw: (room) => drawn(found, room, say),
  };
}

/** The cell whose difference is the largest, the first of equal ones; none is larger than one without a number.
 * @param {NamedArray} off @param {number[]} known cells */
function farthestOf({ cells }, known) {
  const size = (/** @type {number} */ each) => (Number.isNaN(cells[each]) ? Infinity : Math.abs(cells[each]));
  const found = known.reduce((best, each) => (size(each) > size(best) ? each : best), known[0]);
  return known.length && size(found) > 0 ? found : undefined;
}

const cellsOf = (/** @type {NamedArray} */ { cells }) => Array.from(cells, (_, at) => at);

/** @param {Agreement} agreement @returns {Record<string, string>} */
function namesOf({ numeric, analytic, nudged, flat, nudges }) {
  if (flat === undefined) return {};
  const [one, other] = [numeric, analytic].map(({ cells }) => about(tidy(cells[flat])));
  const [one_brief, other_brief] = [numeric, analytic].map(({ cells }) => about(tidy(cells[flat]), BRIEF));
  const changes = nudges.map(({ change }) => about(tidy(change))).join(", ");
  return { cell: nameOf(nudged ?? numeric, flat), one, other, one_brief, other_brief, changes };
}

/** What the loss over the cell's values is like, in words. @param {Agreement} agreement @param {Say} say */
function curveOf({ losses, nudged, numeric, flat }, say) {
  if (!losses?.x.length || flat === undefined) return "";
  const { x, kinks } = losses;
  const [low, high] = [x[0], x[x.length - 1]];
  const value = (low + high) / 2;
  const nearest = kinks.map((at) => x[at]).sort((one, other) => Math.abs(one - value) - Math.abs(other - value))[0];
  const told = {
    cell: nameOf(nudged ?? numeric, flat), low: about(tidy(low), 6), high: about(tidy(high), 6), kinks: kinks.length,
    nearest: nearest === undefined ? "" : about(tidy(nearest), 6),
  }; // prettier-ignore
  return filled(say, kinks.length ? "plot.agreement.curve" : "plot.agreement.curve.straight", told);
}

/** @param {Agreement} agreement @param {Room} room @param {Say} say @returns {Drawing} */
function drawn(agreement, room, say) {
  const { numeric, analytic, kinks, nudged, flat, nudges, losses, farthest, isPinned, isChecked } = agreement;
  const box = new Box(room, { above: 1, below: 1 });
  const { theme, letters } = room;
  // The curve has its place before it is there: nothing moves when it comes.
  const [domain, near, far] = !nudged ? ALONE : losses && !losses.x.length ? TWO : THREE;
  const range = rangeOf([0, ...numeric.end, ...analytic.end], CLEAR);
  const marked = flat ?? farthest;
  /** @type {Spot[]} */ const spots = [];
  const [equal, kinked, looked] = [points(), points(), points()];
  const taken = new Set();
  for (const each of [...(marked === undefined ? [] : [marked]), ...cellsOf(numeric)]) {
    const [x, y] = [placed(analytic.cells[each]), placed(numeric.cells[each])];
    if (!numeric.isKnown(each) || x === null || y === null) continue;
    const isKink = Boolean(kinks?.isKnown(each) && kinks.cells[each] > 0);
    const pixels = [box.across(x, range, domain), box.up(y, range)];
    const key = `${isKink} ${pixels.map((pixel) => Math.round(pixel / 2))}`;
    if (taken.has(key)) continue;
    taken.add(key);
    for (const group of [isKink ? kinked : equal, ...(each === marked ? [looked] : [])]) {
      group.x.push(x);
      group.y.push(y);
    }
    const cells = [numeric, analytic, ...(kinks ? [kinks] : []), ...(nudged ? [nudged] : [])];
    const places = cells.map(({ name }) => ({ array: name, flat: each }));
    spots.push({ name: nameOf(numeric, each), value: y, cell: places[0], cells: places, left: pixels[0],
      right: pixels[0], y: pixels[1] }); // prettier-ignore
  }
  const colour = isPinned ? theme.meets : theme.write;
  const slopes = {
    name: nudged?.name ?? "", nudges, losses: losses?.x.length ? losses : undefined, colour,
    analytic: flat === undefined ? NaN : analytic.cells[flat],
    numeric: flat !== undefined && isChecked ? numeric.cells[flat] : undefined,
  }; // prettier-ignore
  const panels = [...(near ? [closeUp(slopes, box, near)] : []), ...(far ? [fromAfar(slopes, box, far)] : [])];
  const scatter = (/** @type {any} */ more) => ({ type: "scatter", mode: "markers", cliponaxis: false, ...more });
  const traces = [
    scatter({ mode: "lines", cliponaxis: true, x: range, y: range, line: { width: 1, color: theme.faint } }),
    scatter({ marker: { size: 6, color: theme.read } }),
    scatter({ marker: { size: 11, color: colour, line: { width: 1.5, color: theme.ink } } }),
    scatter({ marker: { size: 8, symbol: "x", color: theme.ink } }),
    ...panels.flatMap((panel, nth) =>
      panel.traces.map((each) => ({ ...each, xaxis: `x${nth + 2}`, yaxis: `y${nth + 2}` })),
    ),
  ];
  // An axis has the colour of its slope in the panels beside it, and the lines of the grid go behind its name.
  const coloured = (/** @type {string} */ color) => ({
    font: { ...box.font, color },
    bgcolor: theme.surface,
    borderpad: 0,
  });
  const axis = { ...box.axis, range };
  const top = range[1] - ((range[1] - range[0]) * letters * NAME) / box.high;
  const along = (box.wide * (domain[1] - domain[0])) / letters / 4;
  const said = (/** @type {string} */ word) => say(`plot.agreement.${word}`);
  /** @type {(mark: string, word: string, color: string) => [string, string, string]} */
  const mark = (mark, word, color) => [mark, said(word), color];
  const layout = {
    ...box.layout,
    xaxis: { ...axis, domain, ...ticksOf(range, along, 5) },
    yaxis: { ...axis, ...ticksOf([range[0], top], box.ticks(1), 5) },
    ...Object.fromEntries(
      panels.flatMap(({ axes: { x, y } }, nth) => [
        [`xaxis${nth + 2}`, { ...x, anchor: `y${nth + 2}` }],
        [`yaxis${nth + 2}`, { ...y, anchor: `x${nth + 2}` }],
      ]),
    ),
    annotations: [
      box.legend([
        ...(marked === undefined ? [] : [mark("●", flat === undefined ? "farthest" : "cell", colour)]),
        ...(nudged ? [mark("···", "numeric", theme.read), mark("– –", "analytic", theme.ink)] : []),
        ...(nudged ? [] : [mark("●", "agree", theme.read)]),
        mark("✕", "kink", theme.ink),
      ]),
      box.words(say("plot.numeric"), 0.005, 1, { ...coloured(theme.read), xanchor: "left", yanchor: "top" }),
      box.below(`${say("plot.analytic")} ${analytic.name}`, domain),
      ...(near ? [box.below(said("near"), near)] : []),
      ...(far ? [box.below(said("far"), far)] : []),
    ],
  };
  return {
    traces,
    moving: [undefined, equal, looked, kinked, ...panels.flatMap(({ moving }) => moving)],
    layout,
    around: [...range, colour, ...panels.map(({ around }) => around)].join(),
    spots: [...spots, ...panels.flatMap((panel) => panel.spots)],
  };
}

/** @returns {{x: number[], y: number[]}} */
const points = () => ({ x: [], y: [] });
