// @ts-check
// The waterfall: the sum of a cell, its terms as bars, each on what those before it come to, and the result. Every
// function that adds up has it for nothing. It knows neither layers nor Plotly.

import { nameOf } from "../say/cell.js";
import { shownNumber, tidy } from "../why/decimal.js";
import { filled, summary } from "../say/describe.js";
import { about, short } from "../say/look.js";
import { Box, isLit, outward } from "./picture.js";
import { sumAt, waterfallOf } from "./terms.js";
import { widthOf } from "../board/width.js";

/** @import { Drawing, Moment, Picture, Room } from "./picture.js" */
/** @import { Bar, Waterfall } from "./terms.js" */
/** @import { Say } from "../say/describe.js" */

const GAP = 0.3; // of the letters, between two numbers: a 1 and a 6 are no 16
const ASIDE = 0.3; // of a bar: so far the last number moves away from the one before it
const BESIDE = 0.3; // of the letters: so far what is no number may reach over its bar
const BEYOND = 0.5; // of the letters: so far it reaches beyond the last bar, and is not cut off there
const HIGH = 1.2; // of the letters: a number,
const APART = 1.5; // and so far one is above another, which would else lie on it but for a thin line

/** @param {Pick<Moment, "trace"|"frame"|"say">} moment @returns {Picture|undefined} */
export function waterfall({ trace, frame, say }) {
  const derivation = sumAt(trace, frame);
  if (!derivation) return undefined;
  const found = waterfallOf(derivation, frame.k);
  return { title: titleOf(found, say), sentence: sentenceOf(found, say), draw: (room) => drawn(found, room) };
}

/** @param {Waterfall} waterfall @param {Room} room @returns {Drawing} */
function drawn({ bars, isDone, low: least, high: most }, room) {
  const box = new Box(room);
  const { theme, letters, pinned } = room;
  const slot = box.wide / bars.length;
  const [low, high] = outward(least, most);
  const off = (2 * (high - low)) / box.high; // of a number from its bar: two pixels
  const finite = (/** @type {number} */ value) => (Number.isFinite(value) ? value : 0);
  const tops = bars.map((bar) => (bar.value === undefined ? null : finite(topOf(bar))));
  /** @param {Bar} bar */
  const colourOf = ({ isTotal, isDown }) => (isTotal ? theme.write : theme[isDown ? "negative" : "positive"][1]);
  const color = bars.map(colourOf);
  const lit = bars.map((bar) => (isLit(bar, pinned) ? 2 : 0));
  const texts = textsOf(
    bars,
    tops.map((top) => (box.high * (top ?? 0)) / (high - low) / letters),
    slot / letters,
  );
  // What may change with a step: of the bars, the line of the running total, and the numbers.
  const moving = [
    {
      y: bars.map(({ value }) => (value === undefined ? null : finite(value))),
      base: bars.map(({ base }) => finite(base)),
    },
    { y: isDone ? tops.map((top, at) => (Number.isFinite(topOf(bars[at])) ? top : null)) : [] },
    {
      x: texts.map(({ x }) => x),
      y: tops.map((top, at) => (top === null ? null : top + (bars[at].isDown ? -off : off))),
      text: texts.map(({ text }) => text),
      textposition: texts.map(
        ({ isBeside }, at) => `${bars[at].isDown ? "bottom" : "top"} ${isBeside ? "left" : "center"}`,
      ),
    },
  ];
  const textfont = { ...box.font, color: theme.ink };
  const traces = [
    { type: "bar", width: 0.72, marker: { color, line: { width: lit, color: theme.meets } } },
    { type: "scatter", mode: "lines", line: { shape: "hv", width: 1, color: theme.ink } },
    { type: "scatter", mode: "text", textfont, cliponaxis: false },
  ];
  const edge = { type: "line", yref: "paper", y0: 0, y1: 1, line: { width: 1, color: theme.veil } };
  const layout = {
    ...box.layout,
    xaxis: { ...box.axis, range: [-0.5, bars.length - 0.5], showgrid: false, zeroline: false,
      ...ticksOf(bars, slot / letters) },
    yaxis: { ...box.axis, range: [low, high], nticks: Math.max(3, Math.floor(room.height / letters / 2.8)) },
    shapes: edgesOf(bars).map((at) => ({ ...edge, x0: at - 0.5, x1: at - 0.5 })),
  }; // prettier-ignore
  const around = [low, high, ...color, ...lit, ...bars.map(({ group }) => group)].join();
  const spots = bars.map(({ name, value, cell, cells }, at) => {
    return { name, value, cell, cells, ...box.slot(at, bars.length) };
  });
  return { traces, moving, layout, around, spots };
}

/** @param {Waterfall} waterfall @param {Say} say */
function titleOf({ derivation, isDone, bars }, say) {
  const count = Math.max(...bars.map((bar) => bar.count));
  const value = isDone ? about(shownNumber(derivation)) : "";
  const name = nameOf(derivation.array, derivation.flat);
  const [sum, sign] = [summary(derivation, say), value.startsWith("≈") ? " " : " = "];
  const told = value ? `${name}${sign}${value} · ${sum}` : `${name} = ${sum}`; // where it is cut off the result stands
  return told + (count > 1 ? filled(say, "plot.each", { count }) : "");
}

/** @param {Waterfall} waterfall @param {Say} say */
function sentenceOf({ derivation, isDone, bars }, say) {
  const told = { cell: nameOf(derivation.array, derivation.flat), sum: summary(derivation, say) };
  if (isDone) {
    const way = [0, ...bars.map(topOf).filter(Number.isFinite)];
    const [low, high] = [Math.min(...way), Math.max(...way)].map((end) => about(tidy(end)));
    return filled(say, "plot.done", { ...told, value: about(shownNumber(derivation)), low, high });
  }
  const terms = bars.filter(({ isTotal }) => !isTotal);
  const known = terms.filter(({ value }) => value !== undefined);
  return filled(say, "plot.open", { ...told, known: known.length, count: terms.length });
}

/** How far up a bar reaches. @param {Bar} bar */
const topOf = ({ base, value }) => base + Number(value);

/** The numbers of bars. That of a result may be wider than its bar: it then ends with it, and reaches to the left. No
 * number lies on one that comes after it, for a result tells more than its terms.
 * @param {Bar[]} bars @param {number[]} tops @param {number} slot both in sizes of the letters
 * @returns {{x: number, text: string, isBeside: boolean}[]} */
function textsOf(bars, tops, slot) {
  /** @type {{left: number, up: number}[]} */ const taken = [];
  return bars
    .map((bar, at) => ({ bar, at, text: textOf(bar, slot) }))
    .reverse()
    .map(({ bar: { isDown }, at, text }) => {
      const wide = widthOf(text) / slot;
      const isBeside = wide > 1;
      const isLast = at === bars.length - 1;
      const x = isBeside ? at + 0.5 : at + (isLast ? Math.min(ASIDE, 0.5 + BEYOND / slot - wide / 2) : 0);
      const right = isBeside ? x : x + wide / 2;
      const up = tops[at] + (isDown ? -HIGH : 0);
      const isFree = taken.every((each) => right + GAP / slot <= each.left || Math.abs(up - each.up) >= APART);
      if (text && isFree) taken.push({ left: right - wide, up });
      return { x, text: isFree ? text : "", isBeside };
    })
    .reverse();
}

/** The number of a bar, if there is room for it: a zero is seen without.
 * @param {Bar} bar @param {number} slot the room, in sizes of the letters */
function textOf({ value, isTotal }, slot) {
  if (value === undefined || (value === 0 && !isTotal)) return "";
  const room = Math.max(3, Math.min(6, Math.floor(slot / 0.64)));
  const { text } = short(tidy(value), isTotal ? 6 : room);
  if (Number.isFinite(value)) return isTotal || widthOf(text) < slot ? text : "";
  return isTotal || widthOf(text) < slot + BESIDE ? text : "!";
}

/** Where bars of one group end and those of another begin. @param {Bar[]} bars */
const edgesOf = (bars) => bars.flatMap(({ group }, at) => (at && bars[at - 1].group !== group ? [at] : []));

/** The name of each group below its bars, as far as there is room.
 * @param {Bar[]} bars @param {number} slot that of a bar, in sizes of the letters */
function ticksOf(bars, slot) {
  const begins = [0, ...edgesOf(bars)];
  const stops = [...begins.slice(1), bars.length];
  const groups = begins.map((begin, nth) => ({ begin, stop: stops[nth], text: bars[begin].group }));
  const shown = groups.filter(({ begin, stop, text }) => text.length * 0.6 < (stop - begin) * slot + 0.8);
  return { tickvals: shown.map(({ begin, stop }) => (begin + stop - 1) / 2), ticktext: shown.map(({ text }) => text) };
}
