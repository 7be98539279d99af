// @ts-check
// Two gradients of every cell, one against the other: where they agree they lie on the diagonal, and kinks are marked.
// Beside it what happens to the loss when the current cell is nudged, close up and over all its values. It knows
// neither layers nor Plotly.

import { cellAt } from "../run/box.js";
import { nameOf } from "../say/cell.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about } from "../say/look.js";
import { Box, placed, rangeOf } from "./picture.js";
import { closeUp, fromAfar } from "./slopes.js";

/** @import { Frame } from "../board/stage.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Access, NamedArray, Trace } from "../run/trace.js" */
/** @import { Losses } from "./losses.js" */
/** @import { Drawing, Moment, Picture, Room, Spot } from "./picture.js" */
/** @import { Nudge } from "./slopes.js" */

/** @typedef {{numeric: NamedArray, analytic: NamedArray, kinks?: NamedArray, nudged?: NamedArray, flat?: number,
 *   nudges: Nudge[], losses?: Losses, isPinned: boolean, isChecked: boolean}} Agreement */

/** @typedef {[number, number]} Domain */
/** @type {Domain[]} */ const ALONE = [[0, 1]];
/** @type {Domain[]} */ const TWO = [[0, 0.44], [0.6, 1]]; // prettier-ignore
/** @type {Domain[]} */ const THREE = [[0, 0.32], [0.46, 0.68], [0.74, 1]]; // prettier-ignore

/** @param {Moment} moment @returns {Picture} */
export function agreement({ trace, frame, say, array, sampled }) {
  const [numeric, analytic] = [array("numeric"), array("analytic")];
  const [kinks, nudged, loss] = [array("kinks"), array("nudged"), array("loss")];
  const { cell, k } = frame;
  const own = [numeric, analytic, kinks, nudged].flatMap((each) => each ?? []);
  const isPinned = Boolean(cell?.pinned && own.some(({ name }) => name === cell.array) && numeric.isKnown(cell.flat));
  const flat = isPinned ? cell?.flat : nudged && nudgedAt(trace, nudged, frame);
  const moment = isPinned && flat !== undefined ? checkedBy(trace, numeric, flat, k) : k;
  const nudges = nudged && flat !== undefined ? nudgesOf(trace, nudged, loss, flat, moment) : [];
  const isChecked = flat !== undefined && numeric.isKnown(flat);
  const losses = nudged && flat !== undefined ? sampled(nudged.name, flat) : undefined;
  const found = { numeric, analytic, kinks, nudged, flat, nudges, losses, isPinned, isChecked };
  const known = cellsOf(numeric).filter((each) => numeric.isKnown(each));
  const crossed = kinks ? known.filter((each) => kinks.isKnown(each) && kinks.cells[each] > 0).length : 0;
  const told = {
    numeric: numeric.name, analytic: analytic.name, known: known.length, kinks: crossed, ...namesOf(found),
  }; // prettier-ignore
  const key = flat === undefined ? "plot.agreement.all" : isChecked ? "plot.agreement" : "plot.agreement.open";
  return {
    title: filled(say, `${key}.title`, told),
    sentence:
      filled(say, key, told) + (crossed ? filled(say, "plot.agreement.kinks", told) : "") + curveOf(found, say),
    wants: nudged && flat !== undefined && !losses ? { array: nudged.name, flat } : undefined,
    draw: (room) => drawn(found, room, [say("plot.numeric"), say("plot.analytic")]),
  };
}

const cellsOf = (/** @type {NamedArray} */ { cells }) => Array.from(cells, (_, at) => at);

/** @param {Agreement} agreement @returns {Record<string, string>} */
function namesOf({ numeric, analytic, nudged, flat, nudges }) {
  if (flat === undefined) return {};
  const [one, other] = [numeric, analytic].map(({ cells }) => about(tidy(cells[flat])));
  const changes = nudges.map(({ change }) => about(tidy(change), 8)).join(", ");
  return { cell: nameOf(nudged ?? numeric, flat), one, other, changes };
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

/** The only cell that an access touches. @param {Access} access */
const placeOf = ({ box, array }) => cellAt(box, array.strides, 0);

/** @param {Access} access @param {NamedArray} of */
const isWrite = ({ array, values }, of) => array === of && values?.length === 1;

/** The cell that was nudged last. @param {Trace} trace @param {NamedArray} nudged @param {Frame} frame */
function nudgedAt(trace, nudged, { k, scene }) {
  for (let at = k - 1; at >= scene.first; at--) {
    const write = trace.steps[at].accesses.find((access) => isWrite(access, nudged));
    if (write) return placeOf(write);
  }
  return undefined;
}

/** The moment at which the check of a cell was over. @param {Trace} trace @param {NamedArray} numeric
 * @param {number} flat @param {number} k */
function checkedBy(trace, numeric, flat, k) {
  const write = trace.accesses.lastWrite(numeric, flat, trace.accesses.upTo(k));
  return write ? write.step + 1 : k;
}

/** The nudges of a cell: its number was written, and what the loss made of it in the same step.
 * @param {Trace} trace @param {NamedArray} nudged @param {NamedArray} loss @param {number} flat @param {number} k
 * @returns {Nudge[]} */
function nudgesOf(trace, nudged, loss, flat, k) {
  const { first } = trace.sceneAt(k);
  /** @type {{moved: Access, change: Access}[]} the latest first */ const found = [];
  for (let at = k - 1; at >= first; at--) {
    const { accesses } = trace.steps[at];
    const moved = accesses.find((access) => isWrite(access, nudged));
    if (moved && placeOf(moved) !== flat) break;
    const change = accesses.find((access) => isWrite(access, loss));
    if (moved && change) found.push({ moved, change });
  }
  const begun = found.at(-1);
  if (!begun) return [];
  const still = trace.accesses.valueBefore(nudged, flat, begun.moved.number);
  return found
    .map(({ moved, change }) => {
      const place = placeOf(change);
      const by = moved.written(flat) - still;
      return { by, change: change.written(place), cell: { array: loss.name, flat: place } };
    })
    .sort((one, other) => one.by - other.by);
}

/** @param {Agreement} agreement @param {Room} room @param {string[]} axes what they are called
 * @returns {Drawing} */
function drawn({ numeric, analytic, kinks, nudged, flat, nudges, losses, isPinned, isChecked }, room, axes) {
  const box = new Box(room);
  const { theme, letters } = room;
  // The curve has its place before it is there: nothing moves when it comes.
  const [domain, near, far] = !nudged ? ALONE : losses && !losses.x.length ? TWO : THREE;
  const range = rangeOf([0, ...numeric.end, ...analytic.end]);
  /** @type {Spot[]} */ const spots = [];
  const [equal, kinked, looked] = [points(), points(), points()];
  const taken = new Set();
  for (const each of [...(flat === undefined ? [] : [flat]), ...cellsOf(numeric)]) {
    const [x, y] = [placed(analytic.cells[each]), placed(numeric.cells[each])];
    if (!numeric.isKnown(each) || x === null || y === null) continue;
    const isKink = Boolean(kinks?.isKnown(each) && kinks.cells[each] > 0);
    const pixels = [box.across(x, range, domain), box.up(y, range)];
    const key = `${isKink} ${pixels.map((pixel) => Math.round(pixel / 2))}`;
    if (taken.has(key)) continue;
    taken.add(key);
    for (const group of [isKink ? kinked : equal, ...(each === flat ? [looked] : [])]) {
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
  const axis = { ...box.axis, range, nticks: box.ticks(1) };
  const layout = {
    ...box.layout,
    xaxis: { ...axis, domain, nticks: Math.max(3, Math.floor((box.wide * (domain[1] - domain[0])) / letters / 6)) },
    yaxis: axis,
    ...Object.fromEntries(
      panels.flatMap(({ axes: { x, y } }, nth) => [
        [`xaxis${nth + 2}`, { ...x, anchor: `y${nth + 2}` }],
        [`yaxis${nth + 2}`, { ...y, anchor: `x${nth + 2}` }],
      ]),
    ),
    annotations: [
      box.words(axes[0], 0.005, 1, { ...coloured(theme.read), xanchor: "left", yanchor: "top" }),
      box.words(axes[1], domain[1], 0.14, { ...coloured(theme.ink), xanchor: "right", yanchor: "bottom" }),
      ...panels.flatMap(({ words }) => words),
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
