// @ts-check
// Two gradients of every cell, one against the other: where they agree they lie on the diagonal, and kinks are marked.
// Beside it what happens to the loss when the current cell is nudged: the two nudged points, the slopes to them and
// from one to the other, which is the numeric gradient, and dashed the analytic one. All of it is recorded. It knows
// neither layers nor Plotly.

import { cellAt } from "../run/box.js";
import { nameOf } from "../say/cell.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about, short } from "../say/look.js";
import { Box, placed, rangeOf } from "./picture.js";

/** @import { Frame } from "../board/stage.js" */
/** @import { Access, NamedArray, Trace } from "../run/trace.js" */
/** @import { Drawing, Moment, Picture, Place, Room, Spot } from "./picture.js" */

/** @typedef {{by: number, change: number, cell: Place}} Nudge how far a cell was moved, and the loss by it */
/** @typedef {{numeric: NamedArray, analytic: NamedArray, kinks?: NamedArray, nudged?: NamedArray, flat?: number,
 *   nudges: Nudge[], isPinned: boolean, isChecked: boolean}} Agreement */

/** @type {[number, number]} */ const DIAGONAL = /** @type {any} */ ([0, 0.44]); // prettier-ignore
/** @type {[number, number]} */ const LOSS = /** @type {any} */ ([0.6, 1]); // prettier-ignore
/** @type {[number, number]} */ const WHOLE = /** @type {any} */ ([0, 1]); // prettier-ignore

/** @param {Moment} moment @returns {Picture} */
export function agreement({ trace, frame, say, array }) {
  const [numeric, analytic] = [array("numeric"), array("analytic")];
  const [kinks, nudged, loss] = [array("kinks"), array("nudged"), array("loss")];
  const { cell, k } = frame;
  const own = [numeric, analytic, kinks, nudged].flatMap((each) => each ?? []);
  const isPinned = Boolean(cell?.pinned && own.some(({ name }) => name === cell.array) && numeric.isKnown(cell.flat));
  const flat = isPinned ? cell?.flat : nudged && nudgedAt(trace, nudged, frame);
  const moment = isPinned && flat !== undefined ? checkedBy(trace, numeric, flat, k) : k;
  const nudges = nudged && flat !== undefined ? nudgesOf(trace, nudged, loss, flat, moment) : [];
  const isChecked = flat !== undefined && numeric.isKnown(flat);
  const found = { numeric, analytic, kinks, nudged, flat, nudges, isPinned, isChecked };
  const known = cellsOf(numeric).filter((each) => numeric.isKnown(each));
  const crossed = kinks ? known.filter((each) => kinks.isKnown(each) && kinks.cells[each] > 0).length : 0;
  const told = {
    numeric: numeric.name, analytic: analytic.name, known: known.length, kinks: crossed, ...namesOf(found),
  }; // prettier-ignore
  const key = flat === undefined ? "plot.agreement.all" : isChecked ? "plot.agreement" : "plot.agreement.open";
  return {
    title: filled(say, `${key}.title`, told),
    sentence: filled(say, key, told) + (crossed ? filled(say, "plot.agreement.kinks", told) : ""),
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
function drawn({ numeric, analytic, kinks, nudged, flat, nudges, isPinned, isChecked }, room, axes) {
  const box = new Box(room);
  const { theme, letters } = room;
  const domain = nudged ? DIAGONAL : WHOLE;
  const range = rangeOf([0, ...numeric.end, ...analytic.end]);
  /** @type {Spot[]} */ const spots = [];
  const [equal, kinked] = [points(), points()];
  const taken = new Set();
  for (const each of [...(flat === undefined ? [] : [flat]), ...cellsOf(numeric)]) {
    const [x, y] = [placed(analytic.cells[each]), placed(numeric.cells[each])];
    if (!numeric.isKnown(each) || x === null || y === null) continue;
    const isKink = Boolean(kinks?.isKnown(each) && kinks.cells[each] > 0);
    const pixels = [box.across(x, range, domain), box.up(y, range)];
    const key = `${isKink} ${pixels.map((pixel) => Math.round(pixel / 2))}`;
    if (taken.has(key)) continue;
    taken.add(key);
    const group = isKink ? kinked : equal;
    group.x.push(x);
    group.y.push(y);
    const cells = [numeric, analytic, ...(kinks ? [kinks] : []), ...(nudged ? [nudged] : [])];
    const places = cells.map(({ name }) => ({ array: name, flat: each }));
    spots.push({ name: nameOf(numeric, each), value: y, cell: places[0], cells: places, left: pixels[0],
      right: pixels[0], y: pixels[1] }); // prettier-ignore
  }
  const colour = isPinned ? theme.meets : theme.write;
  const looked = points();
  if (flat !== undefined && isChecked && placed(numeric.cells[flat]) !== null) {
    looked.x.push(analytic.cells[flat]);
    looked.y.push(numeric.cells[flat]);
  }

  // What the nudges did to the loss, in steps of ε: all cells have the same axis, however small theirs is.
  const epsilon = Math.max(0, ...nudges.map(({ by }) => Math.abs(by))) || 1;
  const slope = flat === undefined ? NaN : analytic.cells[flat];
  const along = nudges.map(({ by }) => by / epsilon);
  const middle = along.findIndex((by) => by > 0);
  const split = middle < 0 ? along.length : middle;
  const withStill = (/** @type {number[]} */ all) => [...all.slice(0, split), 0, ...all.slice(split)];
  const changes = nudges.map(({ change }) => change);
  const largest = Math.max(...[slope * epsilon, ...changes].map((each) => Math.abs(placed(each) ?? 0)));
  const size = Number(largest.toPrecision(2)) || 1; // so that it can stand at the axis
  /** @type {[number, number]} */ const heights = [-1.3 * size, 1.3 * size];
  const steep = slope * epsilon;
  const hasLoss = nudged && nudges.length > 0;
  for (const [nth, { by, change, cell }] of nudges.entries()) {
    const x = box.across(along[nth], [-1.3, 1.3], LOSS);
    const name = `Δ ${cell.array}[${cell.flat}]`;
    const y = box.up(change, heights);
    if (by && Number.isFinite(y)) spots.push({ name, value: change, cell, cells: [cell], left: x, right: x, y });
  }
  const moving = [
    undefined,
    equal,
    looked,
    kinked,
    ...(nudged
      ? [
          {
            x: hasLoss ? withStill(along) : [],
            y: hasLoss ? withStill(changes.map((each) => placed(each) ?? 0)) : [],
          },
          { x: nudges.length > 1 ? along : [], y: nudges.length > 1 ? changes.map(placed) : [] },
          { x: hasLoss && placed(steep) !== null ? [-1.2, 1.2] : [], y: hasLoss ? [-1.2 * steep, 1.2 * steep] : [] },
        ]
      : []),
  ];
  const scatter = (/** @type {string} */ mode, /** @type {any} */ more) => {
    return { type: "scatter", mode, cliponaxis: mode === "lines", ...more };
  };
  const second = { xaxis: "x2", yaxis: "y2" };
  const traces = [
    scatter("lines", { x: range, y: range, line: { width: 1, color: theme.faint } }),
    scatter("markers", { marker: { size: 6, color: theme.read } }),
    scatter("markers", { marker: { size: 11, color: colour, line: { width: 1.5, color: theme.ink } } }),
    scatter("markers", { marker: { size: 8, symbol: "x", color: theme.ink } }),
    ...(nudged
      ? [
          scatter("lines+markers", {
            ...second,
            marker: { size: 8, color: colour },
            line: { width: 2, color: colour },
          }),
          scatter("lines", { ...second, line: { width: 1.5, dash: "dot", color: theme.read } }),
          scatter("lines", { ...second, line: { width: 1.5, dash: "dash", color: theme.ink } }),
        ]
      : []),
  ];
  const axis = { ...box.axis, range, nticks: box.ticks(1) };
  const layout = {
    ...box.layout,
    xaxis: { ...axis, domain, nticks: Math.max(3, Math.floor((box.wide * (domain[1] - domain[0])) / letters / 6)) },
    yaxis: axis,
    ...(nudged && {
      xaxis2: { ...box.axis, domain: LOSS, range: [-1.3, 1.3], anchor: "y2", tickvals: [-1, 0, 1],
        ticktext: ["−ε", "0", "+ε"] },
      yaxis2: { ...box.axis, range: heights, anchor: "x2", tickvals: hasLoss ? [-size, 0, size] : [0],
        ticktext: hasLoss ? [-size, 0, size].map((each) => short(each, 9).text) : ["0"] },
    }),
    annotations: [
      box.words(axes[0], 0.005, 1, { xanchor: "left", yanchor: "top" }),
      box.words(axes[1], domain[1], 0.12, { xanchor: "right", yanchor: "bottom" }),
      ...(nudged ? [box.words("ΔL", LOSS[0] + 0.005, 1, { xanchor: "left", yanchor: "top" })] : []),
    ],
  }; // prettier-ignore
  return { traces, moving, layout, around: [...range, colour, hasLoss && size].join(), spots };
}

/** @returns {{x: number[], y: number[]}} */
const points = () => ({ x: [], y: [] });
