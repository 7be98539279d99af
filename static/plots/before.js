// @ts-check
// One number before something was learned and after it: has the step helped? It knows neither layers nor Plotly.

import { nameOf } from "../say/cell.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about } from "../say/look.js";
import { Box, isLit, outward, placed } from "./picture.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @import { Drawing, Moment, Picture, Room } from "./picture.js" */

/** @param {Moment} moment @returns {Picture} */
export function before({ say, array }) {
  const pair = [array("before"), array("after")];
  const [one, other] = pair.map(({ cells }) => about(tidy(cells[0])));
  const [first, last] = pair.map(({ cells }) => cells[0]);
  const told = { before: one, after: other, by: about(tidy(Math.abs(last - first))) };
  const key = !pair[1].isKnown(0) ? "open" : last < first ? "less" : "more";
  return {
    title: filled(say, `plot.before.${key}.title`, told),
    sentence: filled(say, `plot.before.${key}`, told),
    draw: (room) => drawn(pair, room),
  };
}

/** @param {NamedArray[]} pair @param {Room} room @returns {Drawing} */
function drawn(pair, room) {
  const box = new Box(room);
  const { theme, pinned } = room;
  const shown = pair.map((array) => (array.isKnown(0) ? placed(array.cells[0]) : null));
  const known = shown.map((value) => value ?? 0);
  const [low, high] = outward(Math.min(0, ...known), Math.max(0, ...known));
  const spots = pair.map((array, at) => {
    const cell = { array: array.name, flat: 0 };
    return { name: nameOf(array, 0), value: array.cells[0], cell, cells: [cell], ...box.slot(at, 2) };
  });
  const lit = spots.map((spot) => (isLit(spot, pinned) ? 2 : 0));
  const [old] = known;
  const moving = [
    { y: shown },
    { x: shown[1] === null ? [] : [-0.5, 1.5], y: shown[1] === null ? [] : [old, old] },
    { y: shown, text: shown.map((value) => (value === null ? "" : about(tidy(value)))),
      textposition: known.map((value) => (value < 0 ? "bottom center" : "top center")) },
  ]; // prettier-ignore
  const traces = [
    { type: "bar", width: 0.5, marker: { color: [theme.faint, theme.write], line: { width: lit, color: theme.ink } } },
    { type: "scatter", mode: "lines", line: { width: 1, dash: "dot", color: theme.ink } },
    { type: "scatter", mode: "text", textfont: { ...box.font, color: theme.ink }, cliponaxis: false },
  ];
  const layout = {
    ...box.layout,
    xaxis: { ...box.axis, range: [-0.5, 1.5], showgrid: false, zeroline: false,
      tickvals: [0, 1], ticktext: pair.map(({ name }) => name) },
    yaxis: { ...box.axis, range: [low, high], nticks: box.ticks(1) },
  }; // prettier-ignore
  return { traces, moving, layout, around: [low, high, ...lit].join(), spots };
}
