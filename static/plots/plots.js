// @ts-check
// The plot beside the boards, and the one module that says Plotly: the waterfall of the sum that is computed. Until
// the library is there, and where there is no sum, its place says so. It follows a walk, but never holds it up.

import { nameOf } from "../say/cell.js";
import { shownNumber } from "../why/decimal.js";
import { filled, summary } from "../say/describe.js";
import { about, short, themeOf } from "../say/look.js";
import { afterPicture, part, write } from "../page/page.js";
import { sumAt, waterfallOf } from "./waterfall.js";
import { widthOf } from "../board/width.js";

/** @typedef {import("../board/stage.js").Frame} Frame */
/** @typedef {import("../say/cell.js").Cell} Cell */
/** @import {Waterfall, Bar} from "./waterfall.js" */
/** @typedef {(cell: Cell|undefined) => void} Look
 * @typedef {{glance: Look, point: Look}} Hand glance is called with the cell whose bar is pointed at, point with one
 *   that is clicked */

const PACE = 180; // milliseconds: steps that are so far apart are shown one by one
const REST = 120; // milliseconds without a step: the walk rests, and the last one is shown
const SELDOM = 600; // milliseconds at least between two plots of a walk that is faster,
const SHARE = 30; // and so many times what a plot takes
const LONGEST = 60_000; // milliseconds between two tries to load the library
const MARGIN = { l: 3.4, t: 0.4, r: 0.6, b: 1.5 }; // around the bars, in sizes of the letters
const CLEAR = 0.1; // of the height, above and below the bars, for their numbers
const GROUND = "rgba(0,0,0,0)"; // that of the page is seen through it
// Nothing moves, and axes and colours stay as they are: that takes half the time of a plot drawn anew.
const AT_ONCE = { mode: "immediate", frame: { duration: 0, redraw: false }, transition: { duration: 0 } };

/** @type {any} */ let Plotly;
let isMissing = false;
/** @type {Set<() => void>} what wants to know when one of the two changes */ const listening = new Set();

/** Load the library from this server. Where it cannot be had now it may be later: the server is started anew, the
 * connection comes back. @param {string} url */
export async function load(url) {
  for (let tries = 0; !Plotly; tries++) {
    Plotly = await once(url);
    isMissing = !Plotly;
    for (const tell of listening) tell();
    if (isMissing)
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(LONGEST, 1000 * 2 ** tries));
        window.addEventListener("online", resolve, { once: true });
      });
  }
}

/** @param {string} url @returns {Promise<any>} the library, or nothing if it did not come or was cut short */
async function once(url) {
  const script = Object.assign(document.createElement("script"), { src: url, async: true });
  await new Promise((done) => {
    script.onload = script.onerror = done;
    document.head.append(script);
  });
  const found = /** @type {any} */ (window).Plotly;
  if (!found) script.remove();
  found?.setPlotConfig({ showSendToCloud: false, displaylogo: false, plotlyServerURL: "", topojsonURL: "" });
  return found;
}

/** @param {HTMLElement} root @param {(text: string) => string} say @param {Hand} hand */
export function plots(root, say, { glance, point }) {
  const [caption, drawn] = ["figcaption", ".drawn"].map((selector) => part(selector, root));
  /** @type {import("../run/trace.js").Trace} */ let trace;
  /** @type {Frame|undefined} */ let latest;
  /** @type {Waterfall|undefined} */ let shown;
  /** @type {Bar|undefined} */ let pointed; // at
  let [asked, told] = ["", ""]; // the moment and the pinned cell that are to be shown, and that are
  let frame = ""; // what is around the bars as they are drawn
  let letters = 0; // their size, in pixels
  let timer = 0;
  let [stepped, next] = [0, 0]; // when the walk moved, and when there is a plot again, however fast it goes

  /** @param {Frame} moment */
  function draw(moment) {
    const { k, cell } = moment;
    const key = `${k} ${cell?.pinned ? `${cell.array} ${cell.flat}` : ""}`;
    if (key === asked) return; // the reader only points at something
    asked = key;
    const now = performance.now();
    const isSlow = now - stepped > PACE;
    stepped = now;
    latest = moment;
    clearTimeout(timer);
    if (isSlow) afterPicture(show);
    else timer = window.setTimeout(show, Math.max(0, Math.min(REST, next - now)));
  }

  function show() {
    if (!latest || told === asked || !root.checkVisibility()) return;
    told = asked;
    const begun = performance.now();
    const derivation = sumAt(trace, latest);
    shown = derivation && waterfallOf(derivation, latest.k);
    drawn.style.visibility = shown && Plotly ? "" : "hidden";
    drawn.setAttribute("aria-label", shown ? sentenceOf(shown) : say("plot.none"));
    if (pointed && shown) lookAt(shown.bars.find(({ name }) => name === pointed?.name));
    label();
    if (shown && Plotly) plot(shown);
    root.dataset.step = String(latest.k);
    const now = performance.now();
    next = now + Math.max(SELDOM, SHARE * (now - begun));
  }

  function label() {
    const isQuiet = !shown || isMissing;
    root.classList.toggle("quiet", isQuiet);
    const title = !shown ? say("plot.none") : isMissing ? say("plot.missing") : titleOf(shown);
    const value = pointed?.value === undefined ? "…" : about(pointed.value);
    write(caption, isQuiet || !pointed ? title : `${pointed.name} = ${value}`);
  }

  /** @param {Waterfall} waterfall */
  function plot(waterfall) {
    if (!frame) letters = Math.round(0.86 * parseFloat(getComputedStyle(caption).fontSize));
    const margin = { l: MARGIN.l * letters, t: MARGIN.t * letters, r: MARGIN.r * letters, b: MARGIN.b * letters };
    const theme = themeOf();
    const { clientWidth: width, clientHeight: height } = drawn;
    const { bars, isDone } = waterfall;
    const slot = (width - margin.l - margin.r) / bars.length;
    const [low, high] = rangeOf(waterfall);
    const off = (2 * (high - low)) / (height - margin.t - margin.b); // of a number from its bar: two pixels
    const finite = (/** @type {number} */ value) => (Number.isFinite(value) ? value : 0);
    const tops = bars.map((bar) => (bar.value === undefined ? null : finite(topOf(bar))));
    /** @param {Bar} bar */
    const colourOf = ({ isTotal, isDown }) => (isTotal ? theme.write : theme[isDown ? "negative" : "positive"][1]);
    const color = bars.map(colourOf);
    // What may change with a step: of the bars, the line of the running total, and the numbers.
    const moving = [
      {
        y: bars.map(({ value }) => (value === undefined ? null : finite(value))),
        base: bars.map(({ base }) => finite(base)),
      },
      { y: isDone ? tops.map((top, at) => (Number.isFinite(topOf(bars[at])) ? top : null)) : [] },
      {
        y: tops.map((top, at) => (top === null ? null : top + (bars[at].isDown ? -off : off))),
        text: bars.map((bar) => textOf(bar, slot / letters)),
        textposition: bars.map(({ isDown }) => (isDown ? "bottom center" : "top center")),
      },
    ];
    const around = [theme.ink, width, height, low, high, ...color, ...bars.map(({ group }) => group)].join();
    if (around === frame) {
      // It is refused where the next one comes before it.
      return void Plotly.animate(drawn, { data: moving, traces: [0, 1, 2] }, AT_ONCE).catch(() => {});
    }
    frame = around;
    const font = { family: "system-ui, sans-serif", size: letters, color: theme.faint };
    const textfont = { ...font, color: theme.ink };
    const traces = [
      { type: "bar", width: 0.72, marker: { color } },
      { type: "scatter", mode: "lines", line: { shape: "hv", width: 1, color: theme.ink } },
      { type: "scatter", mode: "text", textfont, cliponaxis: false },
    ];
    const edge = { type: "line", yref: "paper", y0: 0, y1: 1, line: { width: 1, color: theme.veil } };
    const layout = {
      width, height, margin, font, showlegend: false, paper_bgcolor: GROUND, plot_bgcolor: GROUND,
      xaxis: { range: [-0.5, bars.length - 0.5], showgrid: false, zeroline: false, ticklen: 0, tickangle: 0,
        ...ticksOf(bars, slot / letters) },
      yaxis: { range: [low, high], nticks: Math.max(3, Math.floor(height / letters / 2.8)), ticklen: 0,
        gridcolor: theme.veil, zerolinecolor: theme.faint, zerolinewidth: 1 },
      shapes: edgesOf(bars).map((at) => ({ ...edge, x0: at - 0.5, x1: at - 0.5 })),
    }; // prettier-ignore
    const data = traces.map((trace, at) => ({ ...trace, ...moving[at] }));
    void Plotly.react(drawn, data, layout, { staticPlot: true, responsive: false });
  }

  /** The bar at a place, anywhere above or below it: a zero has no height. @param {MouseEvent} event */
  function barAt({ clientX }) {
    if (!shown || !frame) return undefined;
    const across = clientX - drawn.getBoundingClientRect().x - MARGIN.l * letters;
    const width = drawn.clientWidth - (MARGIN.l + MARGIN.r) * letters;
    return shown.bars[Math.floor((across / width) * shown.bars.length)];
  }

  /** Bars are cells: who points at one is told what it is, and sees where it stands; a click pins it.
   * @param {Bar|undefined} bar */
  function lookAt(bar) {
    if (pointed === bar) return;
    pointed = bar;
    label();
    glance(bar?.cell && { ...bar.cell, pinned: false });
  }
  drawn.addEventListener("pointermove", (event) => lookAt(barAt(event)));
  drawn.addEventListener("pointerleave", () => lookAt(undefined));
  drawn.addEventListener("click", (event) => {
    const cell = barAt(event)?.cell;
    if (!cell) return;
    event.preventDefault(); // it is no click on empty ground
    point({ ...cell, pinned: true });
  }); // prettier-ignore

  /** @param {Waterfall} waterfall */
  function titleOf({ derivation, isDone, bars }) {
    const count = Math.max(...bars.map((bar) => bar.count));
    const value = isDone ? about(shownNumber(derivation)) : "";
    const sum = `${nameOf(derivation.array, derivation.flat)} = ${summary(derivation, say)}`;
    const result = !value ? "" : value.startsWith("≈") ? ` ${value}` : ` = ${value}`;
    return sum + result + (count > 1 ? filled(say, "plot.each", { count }) : "");
  }

  /** @param {Waterfall} waterfall */
  function sentenceOf({ derivation, isDone, bars }) {
    const told = { cell: nameOf(derivation.array, derivation.flat), sum: summary(derivation, say) };
    if (isDone) {
      const way = [0, ...bars.map(topOf).filter(Number.isFinite)];
      const [low, high] = [Math.min(...way), Math.max(...way)].map((end) => about(end));
      return filled(say, "plot.done", { ...told, value: about(shownNumber(derivation)), low, high });
    }
    const terms = bars.filter(({ isTotal }) => !isTotal);
    const known = terms.filter(({ value }) => value !== undefined);
    return filled(say, "plot.open", { ...told, known: known.length, count: terms.length });
  }

  /** Draw anew: the room, the theme or the library has changed. */
  function refresh() {
    frame = told = "";
    afterPicture(show);
  }

  /** @param {import("../run/trace.js").Trace} next */
  function begin(next) {
    clearTimeout(timer);
    trace = next;
    latest = pointed = undefined; // they are of the run before
    asked = told = "";
  }

  listening.add(refresh);
  return { begin, draw, refresh };
}

/** From where to where the axis goes: a little further than the bars, so that it is the same for many a cell.
 * @param {Waterfall} waterfall @returns {[number, number]} */
function rangeOf({ low, high }) {
  const [from, to] = [low && -rounded(-low), high && rounded(high)];
  const clear = CLEAR * (to - from || 1);
  return [from - clear, to + clear];
}

/** The next larger of 1, 1.5, 2, 3, 5, 7, 10, … @param {number} value above 0 */
function rounded(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * ([1, 1.5, 2, 3, 5, 7].find((each) => each * unit >= value) ?? 10);
}

/** How far up a bar reaches. @param {Bar} bar */
const topOf = ({ base, value }) => base + Number(value);

/** The number of a bar, if there is room for it: a zero is seen without.
 * @param {Bar} bar @param {number} slot the room, in sizes of the letters */
function textOf({ value, isTotal }, slot) {
  if (value === undefined || (value === 0 && !isTotal)) return "";
  const { text } = short(value, isTotal ? 6 : 3);
  return isTotal || widthOf(text) < slot ? text : Number.isFinite(value) ? "" : "!";
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
