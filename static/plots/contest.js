// @ts-check
// A contest: the numbers of which one is picked, each a bar, the winner and by how much it won; what ties is seen.
// Beside it, by how much every cell of the map was won. It knows neither layers nor Plotly.

import { nameOf } from "../say/cell.js";
import { current } from "../why/current.js";
import { tidy } from "../why/decimal.js";
import { filled } from "../say/describe.js";
import { about, short } from "../say/look.js";
import { Box, equals, isLit, outward, placed } from "./picture.js";
import { leadsDrawn, leadsOf } from "./leads.js";
import { contestOf } from "./rivals.js";
import { ticksOf } from "./samples.js";
import { widthOf } from "../board/width.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @import { Lead } from "./leads.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Contest } from "./rivals.js" */
/** @import { Drawing, Moment, Picture, Room } from "./picture.js" */

const BRIEF = 7; // characters of a number in the title
const NUMBER = 1.2; // letters: so high is a number
/** @type {[number, number]} */ const ALONE = [0, 1];
/** @type {[number, number][]} */ const [BARS, LEADS] = [[0, 0.6], [0.68, 1]]; // prettier-ignore

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
    value_is: won ? equals(won.value, BRIEF) : "", value_brief: won ? about(tidy(won.value), BRIEF) : "",
    lead_brief: about(tidy(found.lead ?? 0), BRIEF),
  }; // prettier-ignore
  const leads = leadsOf(trace, to, found.flat ?? 0, k);
  const key = !won ? "open" : found.equal > 1 ? "tie" : found.lead === undefined ? "alone" : "won";
  return {
    title:
      filled(say, `plot.contest.${key}.title`, told) + (found.size > 1 ? filled(say, "plot.contest.each", told) : ""),
    sentence: filled(say, `plot.contest.${key}`, told) + inAll(leads, to, say),
    draw: (room) => drawn(found, leads, room, say),
  };
}

/** What there is to tell of all contests of a map. @param {Lead[]} leads @param {NamedArray} to @param {Say} say */
function inAll(leads, to, say) {
  if (leads.length < 2) return "";
  const closest = leads.reduce((best, each) => (each.lead < best.lead ? each : best));
  return filled(say, "plot.contest.leads", {
    known: leads.length, closest: nameOf(to, closest.flat), least: about(tidy(closest.lead)),
    ties: leads.filter(({ equal }) => equal > 1).length,
  }); // prettier-ignore
}

/** @param {Contest} contest @param {Lead[]} leads @param {Room} room @param {Say} say @returns {Drawing} */
function drawn({ rivals, winner, lead, to, flat, equal }, leads, room, say) {
  const box = new Box(room, { above: 1 });
  const all = to.cells.length > 1 ? leadsDrawn(leads, to, flat ?? 0, box, LEADS, say) : undefined;
  const domain = all ? BARS : ALONE;
  const { theme, letters, pinned } = room;
  const count = rivals.length;
  const values = rivals.map(({ value }) => value);
  const finite = values.filter(Number.isFinite);
  const [least, most] = outward(Math.min(0, ...finite), Math.max(0, ...finite));
  const beside = ((most - least) * letters * NUMBER) / box.high; // so that numbers have room above bars and below
  const [low, high] = [Math.min(...finite) < 0 ? least - beside : least, most + beside];
  const off = (2 * (high - low)) / box.high;
  const won = winner === undefined ? undefined : values[winner];
  const isEqual = (/** @type {number} */ value) => value === won || Object.is(value, won);
  const color = rivals.map(({ value }, at) => {
    return at === winner ? theme.write : won !== undefined && isEqual(value) ? theme.meets : theme.faint;
  });
  const lit = rivals.map((rival) => (isLit(rival, pinned) ? 2 : 0));
  const slot = (box.wide * domain[1]) / count / letters;
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
    ...(all?.moving ?? []),
  ];
  const traces = [
    { type: "bar", width: 0.72, marker: { color, line: { width: lit, color: theme.ink } } },
    { type: "scatter", mode: "text", textfont: { ...box.font, color: theme.ink }, cliponaxis: false },
    { type: "scatter", mode: "lines", line: { width: 1, dash: "dot", color: theme.ink } },
    ...(all?.traces ?? []),
  ];
  const isTie = equal > 1 || leads.some((each) => each.equal > 1);
  const tie = isTie ? ` \u00a0<span style="color:${theme.meets}">●</span>\u00a0${say("plot.contest.tied")}` : "";
  const fits = (/** @type {string} */ name) => (name.length + 1) * 0.55 < slot;
  const layout = {
    ...box.layout,
    xaxis: {
      ...box.axis, domain, range: [-0.5, count - 0.5], showgrid: false, zeroline: false,
      tickvals: rivals.map((_, at) => at),
      ticktext: rivals.map(({ name }) => shorter(name).find(fits) ?? ""),
    },
    yaxis: { ...box.axis, range: [low, high], ...ticksOf([low, high], box.ticks(1) + 1) },
    ...all?.axes,
    annotations: [
      box.above(say("plot.contest.this") + tie, domain),
      ...(all ? [{ ...box.above(all.title, LEADS), x: 1, xanchor: "right" }] : []),
    ],
  }; // prettier-ignore
  const spots = rivals.map((rival, at) => ({ ...rival, cell: rival.cells[0], ...box.slot(at, count, domain) }));
  const around = [low, high, all?.around, ...color, ...lit, ...layout.xaxis.ticktext, tie].join();
  return { traces, moving, layout, around, spots: [...spots, ...(all?.spots ?? [])] };
}

/** A name of a cell, with less and less of it: all, its indices, and the last two of these. @param {string} name */
function shorter(name) {
  const indices = name.slice(name.indexOf("["));
  return [name, indices, indices.replace(/^\[.*?(-?\d+, -?\d+)\]$/, "$1")];
}
