// @ts-check
// What becomes of numbers that are learned: what each was, and from there the step that it takes, which the recorded
// statement has. Steps are small, so all are drawn so many times as long. It knows neither layers nor Plotly.

import { indicesOf, nameOf } from "../say/cell.js";
import { current } from "../why/current.js";
import { derivationsOf } from "../why/derivation.js";
import { evaluate } from "../why/expression.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about } from "../say/look.js";
import { Box, isLit, placed, rangeOf } from "./picture.js";
import { ticksOf } from "./samples.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Scene } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Drawing, Moment, Picture, Place, Room } from "./picture.js" */

/** @typedef {{array: NamedArray, flat: number, old: number, now?: number, step?: number, cells: Place[]}} Learner
 *   now and step: once it has moved */

const MOST = 64; // numbers beside each other: of a larger filter, one kernel
const [BRIEF, EXACT] = [8, 11]; // characters of a number, in the title and in the sentence
const LONG = 0.6; // of the way from the lowest number to the highest: so long is the longest step, at most

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
  const steps = learners.flatMap((each) => (each.now === undefined ? [] : [each.step ?? 0]));
  const times = timesOf(arrays);
  const numbers = (/** @type {number} */ room) => {
    return { old: about(tidy(old), room), step: about(tidy(step ?? 0), room), now: about(tidy(is ?? 0), room) };
  };
  const told = {
    cell: nameOf(array, flat), moved: steps.length, count: learners.length, times,
    up: steps.filter((each) => each > 0).length, down: steps.filter((each) => each < 0).length,
  }; // prettier-ignore
  const key = is === undefined ? "plot.change.open" : "plot.change";
  return {
    title: written(filled(say, `${key}.title`, { ...told, ...numbers(BRIEF) })),
    sentence: filled(say, key, { ...told, ...numbers(EXACT) }),
    draw: (room) => drawn({ learners, looked, isPinned, times }, room, say),
  };
}

/** How many times as long all steps are drawn: a round number, the same from the first to the last.
 * @param {NamedArray[]} arrays */
function timesOf(arrays) {
  const finite = arrays.flatMap(({ start }) => Array.from(start).filter(Number.isFinite));
  const span = Math.max(0, ...finite) - Math.min(0, ...finite);
  const steps = arrays.flatMap(({ start, end }) => Array.from(end, (value, at) => Math.abs(value - start[at])));
  const times = (LONG * span) / Math.max(...steps.filter(Number.isFinite));
  if (!(times >= 2 && times < 1e15)) return 1;
  const unit = 10 ** Math.floor(Math.log10(times));
  return unit * ([5, 2].find((each) => each * unit <= times) ?? 1);
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

/** One sign is enough between two numbers. @param {string} sum */
const written = (sum) => sum.replace("+ −", "− ").replace("+ ≈ −", "− ≈ ").replace("= ≈", "≈");

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

/** @param {{learners: Learner[], looked: number, isPinned: boolean, times: number}} change @param {Room} room
 * @param {Say} say @returns {Drawing} */
function drawn({ learners, looked, isPinned, times }, room, say) {
  const box = new Box(room, { above: 1 });
  const { theme, letters, pinned } = room;
  const count = learners.length;
  const ends = learners.map(({ array, flat, old }) => old + times * (array.end[flat] - old));
  const values = rangeOf([0, ...learners.map(({ old }) => old), ...ends]);
  const at = learners.map((_, place) => place);
  const colour = isPinned ? theme.meets : theme.write;
  const [up, down] = [theme.positive[1], theme.negative[1]];
  const color = learners.map(({ step = 0 }) => (step < 0 ? down : up));
  const lit = learners.map((learner) => (isLit(learner, pinned) ? 2 : 0));
  const moving = [
    { x: at, base: learners.map(({ old }) => placed(old) ?? 0),
      y: learners.map(({ step }) => placed(step === undefined ? step : times * step)) },
    { x: at, y: learners.map(({ old }) => placed(old)) },
    { x: [looked], y: [placed(learners[looked].old)] },
  ]; // prettier-ignore
  const points = (/** @type {any} */ marker) => ({ type: "scatter", mode: "markers", cliponaxis: false, marker });
  const traces = [
    { type: "bar", width: 0.6, marker: { color, line: { width: lit, color: theme.ink } } },
    points({ size: 6, color: theme.surface, line: { width: 1, color: theme.ink } }),
    points({ size: 10, color: colour, line: { width: 1.5, color: theme.ink } }),
  ];
  const starts = learners.flatMap(({ array }, place) => (place && learners[place - 1].array !== array ? [place] : []));
  const begins = [0, ...starts];
  const stops = [...starts, count];
  const edge = { type: "line", yref: "paper", y0: 0, y1: 1, line: { width: 1, color: theme.veil } };
  const layout = {
    ...box.layout,
    xaxis: {
      ...box.axis, range: [-0.5, count - 0.5], showgrid: false, zeroline: false,
      tickvals: begins.map((begin, nth) => (begin + stops[nth] - 1) / 2),
      ticktext: begins.map((begin) => learners[begin].array.name),
    },
    yaxis: { ...box.axis, range: values, ...ticksOf(values, box.ticks(1) + 2) },
    shapes: starts.map((place) => ({ ...edge, x0: place - 0.5, x1: place - 0.5 })),
    annotations: [
      box.legend([
        ["○", say("plot.change.old"), theme.ink],
        ["■", say("plot.change.up"), up],
        ["■", filled(say, times > 1 ? "plot.change.down.times" : "plot.change.down", { times }), down],
      ]),
    ],
  }; // prettier-ignore
  const spots = learners.map(({ array, flat, now, old, cells }, place) => {
    return { name: nameOf(array, flat), value: now ?? old, cell: cells[0], cells, ...box.slot(place, count) };
  });
  const around = [...values, ...color, ...lit, colour, spots[0].name, letters].join();
  return { traces, moving, layout, around, spots };
}
