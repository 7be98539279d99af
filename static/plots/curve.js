// @ts-check
// A function that works cell by cell: its curve, and every cell of the map on it. On the way back the tangent, whose
// slope is what the gradient is multiplied by, with that slope as a curve of its own below. The points of curves come
// from the server, where the function itself has run on them. It knows neither layers nor Plotly.

import { indicesOf, nameOf } from "../say/cell.js";
import { current } from "../why/current.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about, short } from "../say/look.js";
import { Box, equals, placed, rangeOf } from "./picture.js";
import { marksOf, ticksOf, valueAt } from "./samples.js";
import { widthOf } from "../board/width.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @import { Drawing, Moment, Picture, Room, Spot } from "./picture.js" */

/** @typedef {{x: number[], y?: number[], slope?: number[]}} Samples */
/** @typedef {{of: NamedArray, to: NamedArray, by?: NamedArray, flat?: number, flats: number[], samples: Samples,
 *   isPinned: boolean}} Curve
 *   - flat: the cell that is looked at, of all of them; flats: those of its map
 *   - samples: points of the curve, and the slopes there */

const PANELS = { gap: 0.1, slope: 0.34 }; // shares of the height
const TANGENT = 0.17; // of the width, to each side
const SOLID = 6; // pixels across a point; the one that is looked at is larger
const LARGE = 11;

/** @param {Moment} moment @returns {Picture} */
export function curve({ trace, frame, say, plot, array }) {
  const [of, to] = [array("of"), array("to")];
  const by = plot.by ? array("by") : undefined;
  const { cell } = frame;
  const now = current(trace, frame);
  const isPinned = Boolean(cell?.pinned && [of, to, by].some((each) => each?.name === cell.array));
  const computed = now && now.array === to.name && now.count === 1 ? now.flat : undefined;
  const flat = isPinned ? cell?.flat : computed;
  const found = { of, to, by, flat, flats: mapOf(of, flat ?? 0), samples: samplesOf(plot, of), isPinned };
  const told = { ...namesOf(found), done: found.flats.filter((each) => to.isKnown(each)).length };
  const way = flat === undefined ? "none" : by ? "back" : "there";
  const key = `plot.curve.${way}${way === "none" || to.isKnown(Number(flat)) ? "" : ".open"}`;
  return {
    title: filled(say, `${key}.title`, told),
    sentence: filled(say, key, { ...told, count: found.flats.length }),
    draw: (room) => drawn(found, room),
  };
}

const BRIEF = 6; // characters of a number in the title, where it has few

/** What words need of a curve. @param {Curve} curve @returns {Record<string, string>} */
function namesOf({ of, to, by, flat, samples }) {
  const told = { of: of.name, to: to.name };
  if (flat === undefined) return told;
  const [x, y] = [of.cells[flat], to.cells[flat]];
  const slope = samples.slope ? tidy(valueAt(samples.x, samples.slope, x)) : NaN;
  return {
    ...told, x: nameOf(of, flat), y: nameOf(to, flat), by: by ? nameOf(by, flat) : "",
    x_is: equals(x), y_is: equals(y), y_brief: equals(y, BRIEF), by_is: by ? equals(by.cells[flat]) : "",
    by_brief: by ? about(tidy(by.cells[flat]), BRIEF) : "", slope: about(slope), slope_brief: equals(slope, BRIEF),
  }; // prettier-ignore
}

/** The cells of the map that a cell lies in: those that share its outer indices. @param {NamedArray} array
 * @param {number} flat */
function mapOf({ shape }, flat) {
  const size = shape.slice(-2).reduce((all, length) => all * length, 1);
  const first = flat - (flat % size);
  return Array.from({ length: size }, (_, at) => first + at);
}

/** @param {any} plot @param {NamedArray} of @returns {Samples} */
function samplesOf({ curves }, of) {
  const { x, y, slope } = curves[of.name];
  const read = (/** @type {any[]} */ numbers) => numbers.map(Number); // NaN and ∞ have come as words
  return { x: read(x), y: y && read(y), slope: slope && read(slope) };
}

/** The height of a tangent beside the point where it touches. @param {number|null} y @param {number|null} slope
 * @param {number} by how far along */
const beside = (y, slope, by) => (y === null || slope === null ? null : y + slope * by);

/** @param {Curve} curve @param {Room} room @returns {Drawing} */
function drawn({ of, to, by, flat, flats, samples, isPinned }, room) {
  const box = new Box(room);
  const { theme, letters } = room;
  const { x: xs, y: ys, slope: slopes } = samples;
  const range = /** @type {[number, number]} */ ([xs[0], xs[xs.length - 1]]);
  /** @type {[number, number]} */ const top = [slopes && ys ? PANELS.slope + PANELS.gap : 0, 1];
  /** @type {[number, number]} */ const bottom = [0, ys ? PANELS.slope : 1];
  const heights = rangeOf(ys ?? []);
  const steep = rangeOf([0, ...(slopes ?? [])], 0.2);
  const at = (/** @type {number[]|undefined} */ on, /** @type {number} */ each) => {
    return on ? placed(valueAt(xs, on, of.cells[each])) : null;
  };

  // Points that would lie on one another are drawn once. On the way there, those to come wait below the curve.
  /** @type {Spot[]} */ const spots = [];
  /** @type {{x: number[], y: (number|null)[]}[]} */ const [done, waiting] = [
    { x: [], y: [] },
    { x: [], y: [] },
  ];
  const taken = new Set();
  const curveOf = ys ?? slopes;
  const [field, domain] = ys ? [heights, top] : [steep, bottom];
  for (const each of [...(flat === undefined ? [] : [flat]), ...flats]) {
    const isKnown = to.isKnown(each);
    const x = of.cells[each];
    const y = !of.isKnown(each) ? null : isKnown || by ? at(curveOf, each) : field[0];
    if (y === null || !Number.isFinite(x)) continue;
    const pixels = [box.across(x, range), box.up(y, field, domain)];
    const key = `${isKnown} ${pixels.map((pixel) => Math.round(pixel / 2))}`;
    if (taken.has(key)) continue;
    taken.add(key);
    const points = isKnown ? done : waiting;
    points.x.push(x);
    points.y.push(y);
    const cells = [of, to, ...(by ? [by] : [])].map(({ name }) => ({ array: name, flat: each }));
    spots.push({ name: nameOf(of, each), value: x, cell: cells[0], cells, left: pixels[0], right: pixels[0],
      y: pixels[1] }); // prettier-ignore
  }

  const x = flat === undefined || !of.isKnown(flat) ? null : placed(of.cells[flat]);
  const isThere = flat !== undefined && x !== null;
  const y = isThere && (by || to.isKnown(flat)) ? at(ys, flat) : null;
  const slope = isThere ? at(slopes, flat) : null;
  /** @type {(x: (number|null)[], y: (number|null)[]) => {x: (number|null)[], y: (number|null)[]}} */
  const line = (x, y) => (y.includes(null) ? { x: [], y: [] } : { x, y });
  const far = TANGENT * (range[1] - range[0]);
  const moving = [
    undefined,
    waiting,
    done,
    // How a height is read: up from the axis to the curve, and across. Or the tangent, which is that steep.
    by ? line([Number(x) - far, Number(x) + far], [y, y].map((each, at) => beside(each, slope, (2 * at - 1) * far)))
       : line([x, x, range[0]], y === null ? [null] : [heights[0], y, y]),
    line([x], [y]),
    ...(slopes ? [undefined, line([x, x], slope === null ? [null] : [0, slope]), line([x], [slope])] : []),
  ]; // prettier-ignore
  const colour = isPinned ? theme.meets : theme.write;
  const lines = (/** @type {any} */ more) => ({ type: "scatter", mode: "lines", ...more });
  const points = (/** @type {any} */ marker) => ({ type: "scatter", mode: "markers", cliponaxis: false, marker });
  const ring = { width: 1.5, color: theme.ink };
  const below = { yaxis: ys ? "y2" : "y" };
  const traces = [
    lines({ x: ys ? xs : [], y: ys?.map(placed) ?? [], line: { width: 1.5, color: theme.faint } }),
    points({ size: SOLID, color: "rgba(0,0,0,0)", line: { width: 1, color: theme.faint } }),
    points({ size: SOLID, color: theme.read }),
    lines({ line: by ? { width: 2, color: colour } : { width: 1, dash: "dot", color: theme.ink } }),
    points({ size: LARGE, color: colour, line: ring }),
    ...(slopes
      ? [
          lines({ ...below, x: xs, y: slopes.map(placed), line: { width: 1.5, color: theme.faint } }),
          lines({ ...below, line: { width: 2, color: colour } }),
          { ...points({ size: ys ? SOLID + 2 : LARGE, color: colour, line: ring }), ...below },
        ]
      : []),
  ];
  // The name of the axis stands at its left end: a number that comes near it is left out.
  const left = box.margin.l + box.beyond(of.name);
  const marks = marksOf(range, box.wide / letters / 5)
    .map((value) => ({ value, text: short(value, 6).text }))
    .filter(({ value, text }) => box.across(value, range) - left > (widthOf(text) / 2) * letters);
  const axis = { ...box.axis, tickvals: marks.map(({ value }) => value), ticktext: marks.map(({ text }) => text) };
  const panel = (/** @type {[number, number]} */ domain, /** @type {[number, number]} */ range) => {
    return { ...box.axis, domain, range, ...ticksOf(range, box.ticks(domain[1] - domain[0]) + (domain[0] ? 1 : 0)) };
  };
  const name = { xanchor: "left", yanchor: "top", xshift: letters }; // clear of the numbers of its axis
  const layout = {
    ...box.layout,
    xaxis: { ...axis, range, anchor: slopes && ys ? "y2" : "y", showgrid: false },
    yaxis: ys ? panel(top, heights) : panel(bottom, steep),
    ...(ys && slopes && { yaxis2: panel(bottom, steep) }),
    annotations: [
      ...(ys ? [box.words(slopes ? "f" : to.name, 0, 1, name)] : []),
      ...(slopes ? [box.words("f′", 0, bottom[1], name)] : []),
      box.corner(of.name),
    ],
  };
  const outer = indicesOf(of, flats[0]).slice(0, -2).join();
  return { traces, moving, layout, around: [of.name, to.name, outer, colour].join(), spots };
}
