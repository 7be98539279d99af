// @ts-check
// How learning goes: the loss of every step so far with its mean over each epoch, the accuracy after each, and how
// large the gradients of this step are. It knows neither layers nor Plotly.

import { nameOf } from "../say/cell.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about, short } from "../say/look.js";
import { Box, isLit, outward, placed } from "./picture.js";
import { marksOf, ticksOf } from "./samples.js";
import { sizesDrawn, sizesOf, sizesTold } from "./sizes.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Drawing, Moment, Picture, Room, Spot } from "./picture.js" */
/** @import { Sized } from "./sizes.js" */

/** @typedef {{loss: NamedArray, accuracy: NamedArray, gradients: Sized[], flat?: number, steps: number[],
 *   read: number[], means: number[], isPinned: boolean}} Progress
 *   - flat: the step that is looked at; steps: those that have a loss, in their order
 *   - read: the epochs that have an accuracy
 *   - means: of each epoch that has begun, the mean of its losses so far */

const WIDE = 260; // pixels: with fewer there is no room for the gradients
/** @type {[number, number]} */ const ALONE = [0, 0.86];
/** @type {[number, number][]} */ const [LOSSES, SIZES] = [[0, 0.54], [0.7, 1]]; // prettier-ignore
const BRIEF = 6; // characters of a number in the title
const EPOCH = 4; // letters to a number along the axis
/** @type {[number, number]} */ const SHARES = [-0.06, 1.06]; // of all: the points at both ends are whole

/** @param {Moment} moment @returns {Picture} */
export function progress({ frame, say, array, arrays }) {
  const [loss, accuracy] = [array("loss"), array("accuracy")];
  const gradients = arrays("gradients").map((array) => ({ array, sizes: sizesOf(array) }));
  const { cell } = frame;
  const steps = knownOf(loss);
  const isPinned = Boolean(cell?.pinned && cell.array === loss.name && loss.isKnown(cell.flat));
  const flat = isPinned ? cell?.flat : steps.at(-1);
  const means = meansOf(loss, steps);
  const read = knownOf(accuracy);
  const found = { loss, accuracy, gradients, flat, steps, read, means, isPinned };
  const last = read.at(-1);
  const epoch = flat === undefined ? 0 : epochOf(loss, flat);
  const share = (/** @type {number} */ room) =>
    last === undefined ? "" : about(tidy(100 * accuracy.cells[last]), room);
  const told = (/** @type {number} */ room) => ({
    step: flat === undefined ? "" : nameOf(loss, flat), count: steps.length, epoch, read: read.length,
    loss: flat === undefined ? "" : about(tidy(loss.cells[flat]), room), accuracy: share(room),
    mean: flat === undefined ? "" : about(tidy(means[epoch]), room), first: about(tidy(means[0] ?? NaN), room),
  }); // prettier-ignore
  const key =
    flat === undefined ? "plot.progress.none" : last === undefined ? "plot.progress.unread" : "plot.progress";
  return {
    title: filled(say, `${key}.title`, told(BRIEF)),
    sentence: filled(say, key, told(8)) + gradients.map((each) => sizesTold(each, say)).join(""),
    draw: (room) => drawn(found, room, say),
  };
}

/** The cells that have a number, in their order. @param {NamedArray} array */
const knownOf = (array) => Array.from(array.cells, (_, flat) => flat).filter((flat) => array.isKnown(flat));

/** Which epoch a step is of. @param {NamedArray} loss @param {number} flat */
const epochOf = (loss, flat) => Math.floor(flat / loss.strides[0]);

/** @param {NamedArray} loss @param {number[]} steps @returns {number[]} */
function meansOf(loss, steps) {
  /** @type {{sum: number, count: number}[]} */ const sums = [];
  for (const flat of steps) {
    const epoch = (sums[epochOf(loss, flat)] ??= { sum: 0, count: 0 });
    epoch.sum += loss.cells[flat];
    epoch.count++;
  }
  return sums.map(({ sum, count }) => sum / count);
}

/** @param {Progress} progress @param {Room} room @param {Say} say @returns {Drawing} */
function drawn({ loss, accuracy, gradients, flat, steps, read, means, isPinned }, room, say) {
  const box = new Box(room, { above: 1 });
  const { theme, letters, pinned } = room;
  const hasSizes = gradients.length > 0 && room.width >= WIDE;
  const domain = hasSizes ? LOSSES : ALONE;
  const [epochs, each] = loss.shape;
  const along = /** @type {[number, number]} */ ([0, epochs]);
  const range = outward(0, Math.max(0, ...loss.end.filter(Number.isFinite)));
  // A step lies within its epoch, and what is read after an epoch where that ends.
  const xOf = (/** @type {number} */ step) => (step + 0.5) / each;
  const ends = means.map((_, epoch) => Math.min(epoch + 1, (steps.at(-1) ?? 0) / each + 1 / each));
  const blue = theme.positive[1];
  const looked = read.filter((at) => isLit({ cells: [{ array: accuracy.name, flat: at }] }, pinned));
  const moving = [
    { x: steps.map(xOf), y: steps.map((step) => placed(loss.cells[step])) },
    { x: means.flatMap((_, epoch) => [epoch, ends[epoch]]), y: means.flatMap((mean) => [placed(mean), placed(mean)]) },
    { x: read.map((epoch) => epoch + 1), y: read.map((epoch) => placed(accuracy.cells[epoch])) },
    flat === undefined ? { x: [], y: [] } : { x: [xOf(flat)], y: [placed(loss.cells[flat])] },
    { x: looked.map((epoch) => epoch + 1), y: looked.map((epoch) => placed(accuracy.cells[epoch])) },
  ];
  const scatter = (/** @type {any} */ more) => ({ type: "scatter", mode: "lines", ...more });
  const ring = { width: 1.5, color: theme.ink };
  const traces = [
    scatter({ line: { width: 1, color: theme.faint } }),
    scatter({ line: { width: 2.5, color: theme.read } }),
    scatter({ mode: "lines+markers", yaxis: "y2", cliponaxis: false, line: { width: 1.5, dash: "dot", color: blue },
      marker: { size: 5, symbol: "diamond", color: blue } }),
    scatter({ mode: "markers", cliponaxis: false,
      marker: { size: 9, color: isPinned ? theme.meets : theme.write, line: ring } }),
    scatter({ mode: "markers", yaxis: "y2", cliponaxis: false,
      marker: { size: 10, symbol: "diamond", color: theme.meets, line: ring } }),
  ]; // prettier-ignore
  const sizes = hasSizes ? sizesDrawn(gradients, box, SIZES, say, pinned) : undefined;
  const layout = {
    ...box.layout,
    xaxis: { ...box.axis, domain, range: along, zeroline: false,
      ...epochsOf(along, (box.wide * (domain[1] - domain[0])) / letters / EPOCH) },
    yaxis: { ...box.axis, range, ...ticksOf(range, box.ticks(1) + 1, 5) },
    yaxis2: { ...box.axis, range: SHARES, overlaying: "y", side: "right", showgrid: false, zeroline: false,
      tickvals: [0, 0.5, 1], ticktext: ["0 %", "50 %", "100 %"], tickfont: { ...box.font, color: blue } },
    ...sizes?.axes,
    annotations: [
      box.legend([
        ["—", say("plot.progress.loss"), theme.faint],
        ["━", say("plot.progress.mean"), theme.read],
        ["◆", say("plot.progress.accuracy"), blue],
      ]),
      box.corner(say("plot.progress.epoch")),
      ...(sizes?.words ?? []),
    ],
  }; // prettier-ignore
  /** @type {(array: NamedArray, flat: number, x: number, y: number) => Spot} */
  const spot = (array, flat, x, y) => {
    const cell = { array: array.name, flat };
    return { name: nameOf(array, flat), value: array.cells[flat], cell, cells: [cell], left: x, right: x, y };
  };
  const spots = [
    ...read.map((at) => {
      const y = box.up(accuracy.cells[at], SHARES);
      return spot(accuracy, at, box.across(at + 1, along, domain), y);
    }),
    ...steps.map((at) => spot(loss, at, box.across(xOf(at), along, domain), box.up(loss.cells[at], range))),
  ];
  return {
    traces: [...traces, ...(sizes?.traces ?? [])],
    moving: [...moving, ...(sizes?.moving ?? [])],
    layout,
    around: [...range, isPinned, sizes?.around].join(),
    spots: [...spots, ...(sizes?.spots ?? [])],
  };
}

/** Whole epochs along the axis; in the place of its first number stands its name. @param {[number, number]} range
 * @param {number} most */
function epochsOf(range, most) {
  const tickvals = marksOf(range, most).filter((mark) => mark > 0 && Number.isInteger(mark));
  return { tickvals, ticktext: tickvals.map((value) => short(value, 5).text) };
}
