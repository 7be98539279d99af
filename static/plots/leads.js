// @ts-check
// By how much each cell of a map was won: how far ahead of the next the winner was. A point for each, where it stands
// along the axis; what ties is at 0. It knows neither layers nor Plotly.

import { indicesOf, nameOf } from "../say/cell.js";
import { derivationsOf } from "../why/derivation.js";
import { filled } from "../say/describe.js";
import { outward } from "./picture.js";
import { leadOf } from "./rivals.js";
import { ticksOf } from "./samples.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Box, Spot } from "./picture.js" */

/** @typedef {{flat: number, lead: number, equal: number}} Lead of a cell: how many stand as high as the winner */
/** @typedef {[number, number]} Domain */

const SIZE = 8; // pixels across a point, and to the next one above it
const MANY = 5; // points on one another: those that are fewer are counted at a glance
const WIDE = 5; // letters to a number along the axis

/** What is known, so that a map is not gone through anew at each step. @type {WeakMap<Trace, Map<string, Lead>>} */
const found = new WeakMap();

/** The leads of the cells of a map that are won, those whose winner is ahead of anything.
 * @param {Trace} trace @param {NamedArray} to @param {number} flat one of them @param {number} k @returns {Lead[]} */
export function leadsOf(trace, to, flat, k) {
  const size = to.shape.slice(-2).reduce((all, length) => all * length, 1);
  const [first, count] = size > 1 ? [flat - (flat % size), size] : [0, to.cells.length];
  const known = found.get(trace) ?? new Map();
  found.set(trace, known);
  return Array.from({ length: count }, (_, at) => first + at).flatMap((each) => {
    if (!to.isKnown(each)) return [];
    const write = trace.accesses.lastWrite(to, each, trace.accesses.upTo(k));
    const key = `${to.name} ${each} ${write?.number}`;
    let lead = known.get(key);
    if (!lead) {
      const { kind, expr } = derivationsOf(trace).of(to.name, each, k);
      const { lead: ahead = NaN, equal } = kind === "pick" && expr ? leadOf(expr) : { equal: 0 };
      known.set(key, (lead = { flat: each, lead: ahead, equal }));
    }
    return Number.isFinite(lead.lead) ? [lead] : [];
  });
}

/** @param {Lead[]} leads @param {NamedArray} to @param {number} flat the cell that is looked at
 * @param {Box} box @param {Domain} domain @param {Say} say */
export function leadsDrawn(leads, to, flat, box, domain, say) {
  const { theme, letters } = box;
  const range = outward(0, Math.max(0, ...leads.map(({ lead }) => lead)));
  const wide = box.wide * (domain[1] - domain[0]);
  /** @type {Map<number, number>} how many stand at a place already */ const piled = new Map();
  /** @type {Record<"won"|"tied"|"looked", {x: number[], y: number[]}>} */
  const points = { won: { x: [], y: [] }, tied: { x: [], y: [] }, looked: { x: [], y: [] } };
  /** @type {Spot[]} */ const spots = [];
  const places = leads.map(({ lead }) => Math.round((box.across(lead, range, domain) - box.margin.l) / SIZE));
  const levels = places.map((place) => {
    const level = piled.get(place) ?? 0;
    piled.set(place, level + 1);
    return level;
  });
  const most = Math.max(...piled.values(), 0);
  const high = Math.max(most, Math.floor(box.high / SIZE) - 1); // where more stand on one another they overlap
  for (const [at, { flat: each, lead, equal }] of leads.entries()) {
    const [x, y] = [lead, levels[at] + 0.5];
    for (const group of [equal > 1 ? points.tied : points.won, ...(each === flat ? [points.looked] : [])]) {
      group.x.push(x);
      group.y.push(y);
    }
    const cell = { array: to.name, flat: each };
    const across = box.across(x, range, domain);
    const name = filled(say, "plot.contest.lead", { cell: nameOf(to, each) });
    spots.push({ name, value: lead, cell, cells: [cell], left: across, right: across,
      y: box.up(y, [0, high + 1]) }); // prettier-ignore
  }
  const marks = (/** @type {any} */ marker) => {
    return { type: "scatter", mode: "markers", cliponaxis: false, xaxis: "x2", yaxis: "y2", marker };
  };
  return {
    spots,
    title: filled(say, "plot.contest.leads.of", { to: mapName(to, flat) }),
    around: [...range, high, most, to.name].join(),
    moving: [points.won, points.tied, points.looked],
    traces: [
      marks({ size: SIZE - 2, color: theme.read }),
      marks({ size: SIZE - 2, color: theme.meets }),
      marks({ size: SIZE + 2, color: theme.write, line: { width: 1.5, color: theme.ink } }),
    ],
    axes: {
      xaxis2: { ...box.axis, domain, range, anchor: "y2", showgrid: false,
        ...ticksOf(range, wide / letters / WIDE) },
      yaxis2: { ...box.axis, range: [0, high + 1], anchor: "x2", showgrid: false,
        tickvals: most >= MANY ? [most - 0.5] : [], ticktext: [String(most)] },
    },
  }; // prettier-ignore
}

/** Such as y[1], whose cells stand beside each other. @param {NamedArray} to @param {number} flat */
function mapName(to, flat) {
  const outer = indicesOf(to, flat).slice(0, -2);
  return outer.length && to.shape.length > 2 ? `${to.name}[${outer.join(", ")}]` : to.name;
}
