// @ts-check
// A contest: the numbers of which one is picked, each a bar, the winner and by how much it won; what ties is seen. It
// knows neither layers nor Plotly.

import { cellAt, countOf } from "../run/box.js";
import { nameOf } from "../say/cell.js";
import { contest as ended } from "../why/expression.js";
import { current } from "../why/current.js";
import { derivationsOf } from "../why/derivation.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about, short } from "../say/look.js";
import { Box, isLit, outward, placed } from "./picture.js";
import { widthOf } from "../board/width.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Expr } from "../why/expression.js" */
/** @import { Drawing, Moment, Picture, Place, Room } from "./picture.js" */

/** @typedef {{name: string, value: number, cells: Place[]}} Rival
 * @typedef {{rivals: Rival[], to: NamedArray, flat?: number, winner?: number, lead?: number, equal: number,
 *   count: number, size: number}} Contest
 *   - count: how many took part; size: of how many a bar is the largest
 *   - winner: its place, once one has won; lead: how far it is ahead of the next; equal: how many stand as high */

const MOST = 64; // bars: of more numbers, the largest of so many beside each other

/** @param {Moment} moment @returns {Picture|undefined} */
export function contest({ trace, frame, say, array }) {
  const [of, to] = [array("of"), array("to")];
  const { cell, k } = frame;
  const now = current(trace, frame);
  const computed = now && now.array === to.name && now.count === 1 ? now.flat : undefined;
  const flat = cell?.pinned && cell.array === to.name && to.isKnown(cell.flat) ? cell.flat : computed;
  const found = flat === undefined ? undefined : contestOf(trace, of, to, flat, k);
  if (!found) return undefined;
  const values = found.rivals.map(({ value }) => value);
  const finite = values.filter(Number.isFinite);
  const [low, high] = finite.length
    ? [Math.min(...finite), Math.max(...finite)].map((end) => about(tidy(end)))
    : ["", ""];
  const won = found.winner === undefined ? undefined : found.rivals[found.winner];
  const told = {
    cell: nameOf(to, found.flat ?? 0), count: found.count, size: found.size, low, high, winner: won?.name ?? "",
    value: won ? about(tidy(won.value)) : "", lead: about(tidy(found.lead ?? 0)), equal: found.equal,
  }; // prettier-ignore
  const key = !won ? "open" : found.equal > 1 ? "tie" : found.lead === undefined ? "alone" : "won";
  return {
    title:
      filled(say, `plot.contest.${key}.title`, told) + (found.size > 1 ? filled(say, "plot.contest.each", told) : ""),
    sentence: filled(say, `plot.contest.${key}`, told),
    draw: (room) => drawn(found, room),
  };
}

/** @param {Trace} trace @param {NamedArray} of @param {NamedArray} to @param {number} flat @param {number} k
 * @returns {Contest|undefined} */
function contestOf(trace, of, to, flat, k) {
  const derivations = derivationsOf(trace);
  const { kind, expr } = derivations.of(to.name, flat, k);
  if (kind === "pick" && expr?.among) {
    const { at, equal } = ended(expr);
    const rivals = expr.among.map(rivalOf);
    const won = rivals[at].value;
    const others = rivals.filter((_, place) => place !== at).map(({ value }) => won - value);
    const lead = others.length ? Math.min(...others) : undefined;
    return { ...thinned(rivals, at), to, flat, equal, lead };
  }
  // Nobody has won yet: those who take part are the cells that were written or read for it last.
  const steps = trace.steps.slice(trace.iterationAt(k), k);
  const access = steps
    .flatMap(({ accesses }) => accesses)
    .findLast(({ array, box }) => array === of && countOf(box) > 1);
  if (!access) return undefined;
  const rivals = Array.from({ length: countOf(access.box) }, (_, nth) => {
    const at = cellAt(access.box, of.strides, nth);
    const [from] = derivations.of(of.name, at, k).path;
    const value = of.cells[at];
    return rivalOf({ op: "cell", cell: from ?? { array: of, flat: at, value, before: 0 },
      via: { array: of, flat: at, value, moment: k } }); // prettier-ignore
  });
  return { ...thinned(rivals), to, flat, equal: 0 };
}

/** @param {Expr} expr of one number that takes part @returns {Rival} */
function rivalOf({ cell, via }) {
  const cells = [via, cell].flatMap((each) => (each ? [{ array: each.array.name, flat: each.flat }] : []));
  return { name: cell ? nameOf(cell.array, cell.flat) : "…", value: Number(via?.value ?? cell?.value), cells };
}

/** As many as there is room for: of some beside each other the largest, and the winner.
 * @param {Rival[]} rivals @param {number} [winner] */
function thinned(rivals, winner) {
  const size = Math.ceil(rivals.length / MOST);
  const count = rivals.length;
  if (size === 1) return { rivals, winner, count, size };
  /** @type {Rival[]} */ const kept = [];
  /** @type {number|undefined} */ let place;
  for (let first = 0; first < rivals.length; first += size) {
    const some = rivals.slice(first, first + size);
    const hasWon = winner !== undefined && winner >= first && winner < first + size;
    if (hasWon) place = kept.length;
    kept.push(hasWon ? rivals[winner] : some.reduce((best, each) => (each.value > best.value ? each : best)));
  }
  return { rivals: kept, winner: place, count, size };
}

/** @param {Contest} contest @param {Room} room @returns {Drawing} */
function drawn({ rivals, winner, lead }, room) {
  const box = new Box(room);
  const { theme, letters, pinned } = room;
  const count = rivals.length;
  const values = rivals.map(({ value }) => value);
  const finite = values.filter(Number.isFinite);
  const [low, high] = outward(Math.min(0, ...finite), Math.max(0, ...finite));
  const off = (2 * (high - low)) / box.high;
  const won = winner === undefined ? undefined : values[winner];
  const isEqual = (/** @type {number} */ value) => value === won || Object.is(value, won);
  const color = rivals.map(({ value }, at) => {
    return at === winner ? theme.write : won !== undefined && isEqual(value) ? theme.meets : theme.faint;
  });
  const lit = rivals.map((rival) => (isLit(rival, pinned) ? 2 : 0));
  const slot = box.wide / count / letters;
  const text = values.map((value) => {
    const { text } = short(tidy(value), Math.max(3, Math.min(7, Math.floor(slot / 0.6))));
    return widthOf(text) < slot + 0.3 ? text : "";
  });
  // How far the next one is behind: from its height to the winner's.
  const isAhead = winner !== undefined && won !== undefined && lead !== undefined && Number.isFinite(lead) && lead > 0;
  const next = isAhead ? Number(won) - Number(lead) : 0;
  const moving = [
    { y: values.map((value) => placed(value) ?? 0) },
    {
      y: values.map((value) => (value < 0 ? (placed(value) ?? 0) - off : (placed(value) ?? 0) + off)),
      text,
      textposition: values.map((value) => (value < 0 ? "bottom center" : "top center")),
    },
    isAhead ? { x: [-0.5, count - 0.5, null, winner, winner], y: [next, next, null, next, won] } : { x: [], y: [] },
  ];
  const traces = [
    { type: "bar", width: 0.72, marker: { color, line: { width: lit, color: theme.ink } } },
    { type: "scatter", mode: "text", textfont: { ...box.font, color: theme.ink }, cliponaxis: false },
    { type: "scatter", mode: "lines", line: { width: 1, dash: "dot", color: theme.ink } },
  ];
  const fits = (/** @type {string} */ name) => name.length * 0.55 < slot;
  const layout = {
    ...box.layout,
    xaxis: {
      ...box.axis, range: [-0.5, count - 0.5], showgrid: false, zeroline: false,
      tickvals: rivals.map((_, at) => at),
      ticktext: rivals.map(({ name }) => [name, name.slice(name.indexOf("["))].find(fits) ?? ""),
    },
    yaxis: { ...box.axis, range: [low, high], nticks: box.ticks(1) },
  }; // prettier-ignore
  const spots = rivals.map((rival, at) => ({ ...rival, cell: rival.cells[0], ...box.slot(at, count) }));
  const around = [low, high, ...color, ...lit, ...layout.xaxis.ticktext].join();
  return { traces, moving, layout, around, spots };
}
