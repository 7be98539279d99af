// @ts-check
// What is taken for what: a row for what something is, a column for what it is taken for, and in each cell how often.
// What is right is counted on the diagonal, in another colour than the mistakes. It knows neither layers nor Plotly.

import { indicesOf, nameOf } from "../say/cell.js";
import { filled } from "../say/describe.js";
import { exact, inkBetween } from "../say/look.js";
import { Box, placed } from "./picture.js";
import { writtenLast } from "./latest.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Drawing, Moment, Picture, Room, Spot } from "./picture.js" */

/** @typedef {{counts: NamedArray, flat?: number, isPinned: boolean}} Confusion flat: the cell that is looked at */

const SMALL = 0.15; // of the largest count: as dark as halfway
const HIGH = 0.94; // letters: as high as a row has to be for its counts

/** @param {Moment} moment @returns {Picture} */
export function confusion({ trace, frame, say, array }) {
  const counts = array("counts");
  const { cell } = frame;
  const isPinned = Boolean(cell?.pinned && cell.array === counts.name);
  const flat = isPinned ? cell?.flat : writtenLast(trace, counts, frame);
  const known = Array.from(counts.cells, (count, at) => ({ count, at })).filter(({ at }) => counts.isKnown(at));
  const sum = (/** @type {{count: number}[]} */ some) => some.reduce((all, { count }) => all + count, 0);
  const all = sum(known);
  const right = sum(known.filter(({ at }) => isRight(counts, at)));
  const wrong = known.filter(({ at }) => !isRight(counts, at));
  const most = wrong.reduce((best, each) => (each.count > (best?.count ?? 0) ? each : best), wrong[0]);
  const [is, taken] = flat === undefined ? [] : indicesOf(counts, flat);
  const [most_is, most_taken] = most ? indicesOf(counts, most.at) : [];
  const count = flat === undefined || !counts.isKnown(flat) ? 0 : counts.cells[flat];
  const often = most?.count ?? 0;
  const told = { all, right, wrong: all - right, count, is, taken, most: often, most_is, most_taken };
  const now = !all || flat === undefined ? "" : isRight(counts, flat) ? "right" : "wrong";
  const words = (/** @type {string} */ key) => filled(say, `plot.confusion.${key}`, told);
  return {
    title: all ? words("title") + (now && words(`${now}.title`)) : words("none.title"),
    sentence: all ? words("all") + (now && words(now)) + (often ? words("most") : "") : words("none"),
    isTall: true,
    draw: (room) => drawn({ counts, flat, isPinned }, room, say),
  };
}

/** Whether what is counted there is taken for what it is. @param {NamedArray} counts @param {number} flat */
function isRight(counts, flat) {
  const [is, taken] = indicesOf(counts, flat);
  return is === taken;
}

/** @param {Confusion} confusion @param {Room} room @param {Say} say @returns {Drawing} */
function drawn({ counts, flat, isPinned }, room, say) {
  const box = new Box(room, { above: 1 });
  const { theme, letters } = room;
  const { positive, negative, zero } = theme;
  const [rows, columns] = counts.shape;
  const most = Math.max(1, ...counts.end);
  const along = /** @type {[number, number]} */ ([-0.5, columns - 0.5]);
  const down = /** @type {[number, number]} */ ([rows - 0.5, -0.5]);
  const table = (/** @type {(flat: number) => any} */ of) =>
    Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => of(i * columns + j)));
  // Mistakes are counted below zero for their colour alone; their cells say how many they are.
  const shade = (/** @type {number} */ at) =>
    counts.isKnown(at) ? placed(isRight(counts, at) ? counts.cells[at] : -counts.cells[at]) : null;
  /** Its ink is ours to choose: Plotly's grey is hard to read on what is neither light nor dark. @param {number} at */
  const inkOf = (at) => {
    const [mid, full] = isRight(counts, at) ? positive : negative;
    const share = Math.min(1, counts.cells[at] / most);
    if (share < SMALL) return inkBetween(zero, mid, share / SMALL);
    return inkBetween(mid, full, (share - SMALL) / (1 - SMALL));
  };
  const isRead = box.high / rows >= HIGH * letters && box.wide / columns >= 1.2 * letters;
  const [i, j] = flat === undefined ? [] : indicesOf(counts, flat);
  const frame = i === undefined ? { x: [], y: [] } : edgeOf(i, j);
  const counted = Array.from(counts.cells.keys()).filter((at) => counts.isKnown(at) && counts.cells[at]);
  const written = isRead ? counted : [];
  const traces = [
    {
      type: "heatmap", zmin: -most, zmax: most, showscale: false, xgap: 1, ygap: 1,
      colorscale: [[0, negative[1]], [0.5 - SMALL / 2, negative[0]], [0.5, zero], [0.5 + SMALL / 2, positive[0]],
        [1, positive[1]]],
    },
    { type: "scatter", mode: "text" },
    { type: "scatter", mode: "lines", cliponaxis: false,
      line: { width: 2.5, color: isPinned ? theme.meets : theme.write } },
  ]; // prettier-ignore
  const axis = { ...box.axis, showgrid: false, zeroline: false };
  const ticks = (/** @type {number} */ count, /** @type {number} */ room) => {
    const every = Math.max(1, Math.ceil((count * letters) / room));
    return { tickmode: "linear", tick0: 0, dtick: every };
  };
  const layout = {
    ...box.layout,
    plot_bgcolor: theme.veil, // of cells that count nothing yet
    xaxis: { ...axis, range: along, ...ticks(columns, box.wide / 2) },
    yaxis: { ...axis, range: down, ...ticks(rows, box.high / HIGH) },
    annotations: [
      box.legend([
        ["■", say("plot.confusion.diagonal"), positive[1]],
        ["■", say("plot.confusion.mistake"), negative[1]],
        ["↓", say("plot.confusion.is"), theme.ink],
        ["→", say("plot.confusion.taken"), theme.ink],
      ]),
    ],
  };
  const spots = Array.from(counts.cells, (count, at) => {
    const [i, j] = indicesOf(counts, at);
    const cell = { array: counts.name, flat: at };
    /** @type {Spot} */
    const spot = {
      name: nameOf(counts, at), value: counts.isKnown(at) ? count : undefined, cell, cells: [cell],
      ...box.slot(j, columns), top: box.up(i - 0.5, down), bottom: box.up(i + 0.5, down),
    }; // prettier-ignore
    return spot;
  });
  const numbers = {
    x: written.map((at) => indicesOf(counts, at)[1]),
    y: written.map((at) => indicesOf(counts, at)[0]),
    text: written.map((at) => exact(counts.cells[at])),
    textfont: { ...box.font, color: written.map(inkOf) },
  };
  const moving = [{ z: table(shade) }, numbers, frame];
  return { traces, moving, layout, around: [most, isRead, isPinned].join(), spots };
}

/** A line around a cell. @param {number} i @param {number} j */
const edgeOf = (i, j) => ({
  x: [-0.5, 0.5, 0.5, -0.5, -0.5].map((off) => j + off),
  y: [-0.5, -0.5, 0.5, 0.5, -0.5].map((off) => i + off),
});
