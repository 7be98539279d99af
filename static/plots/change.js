// @ts-check
// What becomes of numbers that are learned: what each was, what it is now, and below, on a scale of its own, the step
// between them, which the recorded statement has. It knows neither layers nor Plotly.

import { indicesOf, nameOf } from "../say/cell.js";
import { current } from "../why/current.js";
import { derivationsOf } from "../why/derivation.js";
import { evaluate } from "../why/expression.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about } from "../say/look.js";
import { Box, isLit, outward, placed, rangeOf } from "./picture.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Scene } from "../run/trace.js" */
/** @import { Drawing, Moment, Picture, Place, Room } from "./picture.js" */

/** @typedef {{array: NamedArray, flat: number, old: number, now?: number, step?: number, cells: Place[]}} Learner
 *   now and step: once it has moved */

const MOST = 64; // numbers beside each other: of a larger filter, one kernel
/** @type {[number, number]} */ const [UPPER, LOWER] = /** @type {any} */ ([[0.5, 1], [0, 0.4]]); // prettier-ignore

/** @param {Moment} moment @returns {Picture|undefined} */
export function change({ trace, frame, say, plot }) {
  const bound = new Map(frame.scene.arrays);
  const arrays = plot.of.map((/** @type {string} */ part) => trace.byName.get(bound.get(part) ?? ""));
  const { cell } = frame;
  const now = current(trace, frame);
  const isOwn = (/** @type {string|undefined} */ name) =>
    arrays.some((/** @type {NamedArray} */ each) => each.name === name);
  const isPinned = Boolean(cell?.pinned && isOwn(cell.array));
  const at = isPinned ? cell : now && isOwn(now.array) ? now : undefined;
  const array = /** @type {NamedArray} */ (trace.byName.get(at?.array ?? arrays[0].name));
  const flat = at?.flat ?? 0;
  const learners = besides(arrays, array, flat).map(([of, place]) => learned(trace, frame.scene, frame.k, of, place));
  const looked = learners.findIndex((each) => each.array === array && each.flat === flat);
  const { old, step, now: is } = learners[looked];
  const moved = learners.filter((each) => each.now !== undefined).length;
  const told = {
    cell: nameOf(array, flat), old: about(tidy(old)), step: about(tidy(step ?? 0)), now: about(tidy(is ?? 0)),
    moved, count: learners.length,
  }; // prettier-ignore
  const key = is === undefined ? "plot.change.open" : "plot.change";
  return {
    title: filled(say, `${key}.title`, told).replace("+ −", "− "),
    sentence: filled(say, key, told),
    draw: (room) => drawn(learners, looked, isPinned, room),
  };
}

/** The cells that are drawn beside one: those of its filter, which share its first index, as far as there is room.
 * @param {NamedArray[]} arrays @param {NamedArray} array @param {number} flat
 * @returns {[NamedArray, number][]} */
function besides(arrays, array, flat) {
  const [first] = indicesOf(array, flat);
  return arrays.flatMap((each) => {
    const size = each.strides[0];
    const begin = first * size;
    if (size <= MOST)
      return Array.from({ length: size }, (_, at) => /** @type {[NamedArray, number]} */ ([each, begin + at]));
    const few = each.strides.find((stride) => stride <= MOST) ?? 1;
    const from = each === array ? flat - (flat % few) : begin;
    return Array.from({ length: few }, (_, at) => /** @type {[NamedArray, number]} */ ([each, from + at]));
  });
}

/** @param {Trace} trace @param {Scene} scene @param {number} k @param {NamedArray} array @param {number} flat
 * @returns {Learner} */
function learned(trace, scene, k, array, flat) {
  const { accesses } = trace;
  const old = accesses.valueBefore(array, flat, accesses.upTo(scene.first));
  const cells = [{ array: array.name, flat }];
  const write = accesses.lastWrite(array, flat, accesses.upTo(k));
  if (!write || write.step < scene.first) return { array, flat, old, cells };
  // What was added to the number that stood there, as the statement has it: a difference would be rounded anew.
  const { expr } = derivationsOf(trace).of(array.name, flat, k);
  const terms = expr?.terms ?? [];
  const steps = terms.slice(1).map(({ minus, expr }) => (minus ? -1 : 1) * (evaluate(expr) ?? NaN));
  const now = write.written(flat);
  const step = steps.reduce((sum, each) => sum + each, 0);
  for (const { expr } of terms.slice(1))
    for (const { cell } of expr.parts ?? []) if (cell) cells.push({ array: cell.array.name, flat: cell.flat });
  return { array, flat, old, now, step: Number.isNaN(step) ? now - old : step, cells };
}

/** @param {Learner[]} learners @param {number} looked which of them is looked at @param {boolean} isPinned
 * @param {Room} room @returns {Drawing} */
function drawn(learners, looked, isPinned, room) {
  const box = new Box(room);
  const { theme, letters, pinned } = room;
  const count = learners.length;
  const values = rangeOf([0, ...learners.flatMap(({ old, now }) => [old, now ?? old])]);
  const sizes = learners.map(({ step }) => placed(step) ?? 0);
  const steps = outward(Math.min(0, ...sizes), Math.max(0, ...sizes));
  const at = learners.map((_, place) => place);
  const is = learners[looked];
  const colour = isPinned ? theme.meets : theme.write;
  const color = sizes.map((size, place) => (place === looked ? colour : theme[size < 0 ? "negative" : "positive"][1]));
  const moving = [
    { x: at, y: learners.map(({ old }) => placed(old)) },
    { x: at, y: learners.map(({ now }) => placed(now)) },
    {
      x: at.flatMap((place) => [place, place, null]),
      y: learners.flatMap(({ old, now }) =>
        now === undefined ? [null, null, null] : [placed(old), placed(now), null],
      ),
    },
    { x: [looked], y: [placed(is.now ?? is.old)] },
    { x: at, y: learners.map(({ step }) => placed(step)) },
  ];
  const lit = learners.map((learner) => (isLit(learner, pinned) ? 2 : 0));
  const points = (/** @type {any} */ marker) => ({ type: "scatter", mode: "markers", cliponaxis: false, marker });
  const traces = [
    points({ size: 7, color: "rgba(0,0,0,0)", line: { width: 1, color: theme.faint } }),
    points({ size: 5, color: theme.read }),
    { type: "scatter", mode: "lines", line: { width: 1.5, color: theme.read } },
    points({ size: 9, color: colour, line: { width: 1.5, color: theme.ink } }),
    { type: "bar", yaxis: "y2", width: 0.72, marker: { color, line: { width: lit, color: theme.ink } } },
  ];
  const starts = learners.flatMap(({ array }, place) => (place && learners[place - 1].array !== array ? [place] : []));
  const begins = [0, ...starts];
  const stops = [...starts, count];
  const edge = { type: "line", yref: "paper", y0: 0, y1: 1, line: { width: 1, color: theme.veil } };
  const layout = {
    ...box.layout,
    xaxis: {
      ...box.axis, range: [-0.5, count - 0.5], anchor: "y2", showgrid: false, zeroline: false,
      tickvals: begins.map((begin, nth) => (begin + stops[nth] - 1) / 2),
      ticktext: begins.map((begin) => learners[begin].array.name),
    },
    yaxis: { ...box.axis, domain: UPPER, range: values, nticks: box.ticks(0.5) },
    yaxis2: { ...box.axis, domain: LOWER, range: steps, nticks: box.ticks(0.4) },
    shapes: starts.map((place) => ({ ...edge, x0: place - 0.5, x1: place - 0.5 })),
  }; // prettier-ignore
  const spots = learners.map(({ array, flat, now, old, cells }, place) => {
    return { name: nameOf(array, flat), value: now ?? old, cell: cells[0], cells, ...box.slot(place, count) };
  });
  const around = [...values, ...steps, ...color, ...lit, spots[0].name, letters].join();
  return { traces, moving, layout, around, spots };
}
