// @ts-check
// The loss over two weights, which fills in cell by cell, and the way that these two have gone: where they began and
// ended, and where the loss is lowest as far as it is known. It knows neither layers nor Plotly.

import { nameOf } from "../say/cell.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about, short } from "../say/look.js";
import { writtenLast } from "./latest.js";
import { Box, placed } from "./picture.js";
import { ticksOf } from "./samples.js";
import { wayOf } from "./way.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Drawing, Moment, Picture, Room, Spot } from "./picture.js" */
/** @import { Way } from "./way.js" */

/** @typedef {{loss: NamedArray, weights: NamedArray, start: NamedArray, pair: number[], values: number[][], way: Way,
 *   flat?: number, lowest?: number, isPinned: boolean}} Landscape
 *   - pair: the positions of the two weights, and values those at which the loss is computed
 *   - flat: the cell that is looked at, lowest: the one with the least loss so far */

/** @typedef {[string, string, string]} Mark what it is, what it stands for, and its colour */

const BRIEF = 7; // characters of a number in the title
const FEW = 5; // letters to a number along the axis
const MARKS = 5; // characters of one

/** @param {Moment} moment @returns {Picture|undefined} */
export function landscape({ trace, frame, say, array }) {
  const [loss, weights, start, which, grid] = ["loss", "weights", "start", "pair", "values"].map(array);
  if (!which.isKnown(0) || !grid.isKnown(0)) return undefined;
  const { cell, scene } = frame;
  const pair = [...which.cells];
  const size = grid.strides[0];
  const values = pair.map((_, nth) => [...grid.cells.slice(nth * size, nth * size + size)]);
  const isPinned = Boolean(cell?.pinned && cell.array === loss.name);
  const flat = isPinned ? cell?.flat : writtenLast(trace, loss, frame);
  const known = Array.from(loss.cells, (_, at) => at).filter(
    (at) => loss.isKnown(at) && !Number.isNaN(loss.cells[at]),
  );
  const lowest = known.reduce((best, at) => (loss.cells[at] < loss.cells[best] ? at : best), known[0]);
  const way = wayOf(trace, weights, start, pair, scene.first);
  const found = { loss, weights, start, pair, values, way, flat, lowest, isPinned };
  const at = (/** @type {number|undefined} */ of, /** @type {number} */ axis) =>
    of === undefined
      ? ""
      : about(tidy(values[axis][axis ? of % loss.shape[1] : Math.floor(of / loss.shape[1])]), BRIEF);
  const isThere = flat !== undefined && loss.isKnown(flat);
  const told = {
    first: nameOf(weights, pair[0]), second: nameOf(weights, pair[1]), known: known.length, count: loss.cells.length,
    loss: isThere ? about(tidy(loss.cells[flat]), BRIEF) : "", steps: way.x.length - 1,
    least: lowest === undefined ? "" : about(tidy(loss.cells[lowest]), BRIEF),
    at_first: at(flat, 0), at_second: at(flat, 1), least_first: at(lowest, 0), least_second: at(lowest, 1),
    ...endsOf(found),
  }; // prettier-ignore
  const key = isThere ? "plot.landscape" : "plot.landscape.open";
  return {
    title: filled(say, `${key}.title`, told),
    sentence: filled(say, key, told) + filled(say, `plot.landscape.${way.x.length > 1 ? "way" : "no_way"}`, told),
    isTall: true,
    draw: (room) => drawn(found, room, say),
  };
}

/** From where to where the two have gone, in words. @param {Landscape} landscape */
function endsOf({ weights, start, pair: [first, second] }) {
  const told = (/** @type {number} */ value) => about(tidy(value), BRIEF);
  return {
    from_first: told(start.cells[first]), from_second: told(start.cells[second]),
    to_first: told(weights.cells[first]), to_second: told(weights.cells[second]),
  }; // prettier-ignore
}

/** @param {Landscape} landscape @param {Room} room @param {Say} say @returns {Drawing} */
function drawn({ loss, weights, start, pair, values, way, flat, lowest, isPinned }, room, say) {
  const box = new Box(room, { above: 1, below: 1 });
  const { theme, letters } = room;
  const [rows, columns] = loss.shape; // of the first weight, which is along the axis, and of the second, upward
  const sides = values.map((along) => (along[along.length - 1] - along[0]) / (along.length - 1));
  const [xs, ys] = values.map((along, nth) => {
    const beside = sides[nth] / 2 || 0.5;
    return /** @type {[number, number]} */ ([along[0] - beside, along[along.length - 1] + beside]);
  });
  const ends = loss.end.filter(Number.isFinite);
  const [low, high] = ends.length ? [Math.min(...ends), Math.max(...ends)] : [0, 1];
  const z = Array.from({ length: columns }, (_, j) =>
    Array.from({ length: rows }, (_, i) =>
      loss.isKnown(i * columns + j) ? placed(loss.cells[i * columns + j]) : null,
    ),
  );
  const placeOf = (/** @type {number} */ at) => [Math.floor(at / columns), at % columns];
  const frameOf = (/** @type {number} */ at) => {
    const [i, j] = placeOf(at);
    const [x, y] = [values[0][i], values[1][j]];
    const [wide, tall] = sides.map((side) => side / 2);
    const [left, right, below, above] = [x - wide, x + wide, y - tall, y + tall];
    return { x: [left, right, right, left, left], y: [below, below, above, above, below] };
  };
  const point = (/** @type {number|undefined} */ at) => {
    if (at === undefined) return { x: [], y: [] };
    const [i, j] = placeOf(at);
    return { x: [values[0][i]], y: [values[1][j]] };
  };
  const [began, ended] = [start, weights].map(({ cells }) => pair.map((at) => cells[at]));
  const moving = [{ z }, flat === undefined ? { x: [], y: [] } : frameOf(flat), point(lowest)];
  const scatter = (/** @type {any} */ more) => ({ type: "scatter", mode: "lines", ...more });
  const mark = (/** @type {number[]} */ [x, y], /** @type {string} */ color) =>
    scatter({ mode: "markers", x: [x], y: [y], marker: { size: 9, color, line: { width: 1.5, color: theme.ink } } });
  const [pale, dark] = [theme.zero, theme.positive[1]];
  const traces = [
    { type: "heatmap", x: values[0], y: values[1], zmin: low, zmax: high > low ? high : low + 1, showscale: false,
      colorscale: [[0, pale], [0.35, theme.positive[0]], [1, dark]] },
    scatter({ line: { width: 2.5, color: isPinned ? theme.meets : theme.write } }),
    scatter({ mode: "markers",
      marker: { size: 8, symbol: "x", color: theme.ink, line: { width: 1.5, color: theme.surface } } }),
    // The way has an edge of the ground's colour, and is seen on pale cells and on dark ones.
    ...(way.x.length > 1
      ? [scatter({ ...way, line: { width: 4, color: theme.surface } }),
         scatter({ ...way, line: { width: 1.5, color: theme.ink } })]
      : []),
    mark(began, theme.surface),
    mark(ended, theme.write),
  ]; // prettier-ignore
  const axis = { ...box.axis, showgrid: false, zeroline: false };
  // What the palest and the darkest cell stand for is told once they are computed, though their colours hold still.
  const known = Array.from(loss.cells).filter((_, at) => loss.isKnown(at));
  /** @type {[string, number, string][]} */
  const colours = [["□", low, theme.ink], ["■", high, dark]]; // prettier-ignore
  const told = colours.filter(([, value]) => known.includes(value));
  const layout = {
    ...box.layout,
    plot_bgcolor: theme.veil, // of cells that are not computed yet
    xaxis: { ...axis, range: xs, ...ticksOf(xs, box.wide / letters / FEW, MARKS) },
    yaxis: { ...axis, range: ys, ...ticksOf(ys, box.ticks(1), MARKS) },
    annotations: [
      box.legend([
        ...told.map(([mark, value, colour]) => /** @type {Mark} */ ([mark, short(tidy(value), MARKS).text, colour])),
        ...(way.x.length > 1 ? [/** @type {Mark} */ (["━", say("plot.landscape.path"), theme.ink])] : []),
        ["○", say("plot.landscape.start"), theme.ink],
        ["●", say("plot.landscape.end"), theme.write],
        ...(known.length ? [/** @type {Mark} */ (["✕", say("plot.landscape.lowest"), theme.ink])] : []),
      ]),
      box.below(`→ ${nameOf(weights, pair[0])} \u00a0 ↑ ${nameOf(weights, pair[1])}`, [0, 1]),
    ],
  };
  /** @type {(array: NamedArray, at: number[]) => Spot} */
  const end = (array, [x, y]) => {
    const cells = pair.map((flat) => ({ array: array.name, flat }));
    const left = box.across(x, xs);
    return { name: nameOf(array, pair[0]), value: x, cell: cells[0], cells, left, right: left, y: box.up(y, ys) };
  };
  const cells = Array.from(loss.cells, (value, at) => {
    const [i, j] = placeOf(at);
    const cell = { array: loss.name, flat: at };
    const edge = (/** @type {number} */ nth) => box.up(ys[0] + ((ys[1] - ys[0]) * nth) / columns, ys);
    /** @type {Spot} */
    const spot = { name: nameOf(loss, at), value: loss.isKnown(at) ? value : undefined, cell, cells: [cell],
      ...box.slot(i, rows), top: edge(j + 1), bottom: edge(j) }; // prettier-ignore
    return spot;
  });
  return {
    traces, moving, layout, spots: [end(start, began), end(weights, ended), ...cells],
    around: [...xs, ...ys, low, high, told.length, known.length > 0, way.x.length, ...began, ...ended,
      isPinned, ...pair].join(),
  }; // prettier-ignore
}
