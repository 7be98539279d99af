// @ts-check
// A view of an array as Plotly draws it, with its tools to zoom and to turn, and what becomes of a pointer over it. It
// knows no walk; that it is Plotly, library.js knows.

import { histogram } from "./histogram.js";
import { library } from "./library.js";
import { detailOf, heatmap, isTight, surface } from "./views.js";

/** @import { Reach, Seen, Subject } from "./views.js" */
/** @import { Place } from "./picture.js" */

export const VIEWS = { heatmap, surface, histogram };
/** @typedef {keyof typeof VIEWS} View */

/** @type {Record<View, string[]>} the tools of each */
const TOOLS = {
  heatmap: ["pan2d", "zoom2d", "zoomIn2d", "zoomOut2d", "resetScale2d"],
  surface: ["resetCameraDefault3d"],
  histogram: ["zoomIn2d", "zoomOut2d", "resetScale2d"],
};
const LETTERS = 0.78; // of the page's
const CONFIG = { responsive: true, displayModeBar: true, scrollZoom: true, showTips: false, doubleClick: "reset" };

/** @param {HTMLElement} drawn where it stands
 * @param {{look: (place: Place|undefined) => void, pin: (place: Place) => void}} hand look is called with the cell
 *   that is pointed at, pin with one that is clicked */
export function chart(drawn, { look, pin }) {
  /** @type {View} */ let view = "heatmap";
  /** @type {Seen|undefined} */ let seen; // what is drawn
  /** @type {Reach|undefined} */ let reach; // where the reader has zoomed
  let place = ""; // what is zoomed
  let isAwaited = false; // a cell of the press that is under way

  /** @param {View} next @param {Subject} of */
  function draw(next, of) {
    const { name, base, height, width } = of.map;
    const key = [name, base, height, width].join(); // a place that the reader has zoomed to stays
    const sizes = (/** @type {Subject} */ { map }) => [map.height, map.width].join();
    const letters = Math.round(LETTERS * parseFloat(getComputedStyle(document.documentElement).fontSize));
    const room = { wide: drawn.clientWidth, high: drawn.clientHeight };
    // Of another size it is another plot: of what it was, Plotly would keep where it goes back to from a zoom. Where
    // there is little room its tools stand elsewhere.
    const isNew = !(
      seen &&
      view === next &&
      sizes(seen) === sizes(of) &&
      isTight(seen) === isTight({ letters, room })
    );
    if (isNew) clear();
    if (isNew || place !== key) reach = undefined;
    [view, place] = [next, key];
    seen = { ...of, letters, room, reach: reach ?? whole(of) };
    const { data, layout } = VIEWS[view](seen);
    const language = document.documentElement.lang;
    if (isNew) library.speak(language, wordsOf(of.say));
    const config = { ...CONFIG, modeBarButtons: [TOOLS[view]], locale: language };
    library.draw(drawn, data, { ...layout, uirevision: place }, config);
    if (isNew) hear(/** @type {any} */ (drawn));
  }

  function clear() {
    library.clear(drawn);
    seen = undefined;
  }

  /** @param {any} told the events of the pointer */
  function hear(told) {
    told.on("plotly_hover", (/** @type {any} */ event) => look(cellOf(event)));
    told.on("plotly_unhover", () => look(undefined));
    told.on("plotly_relayout", zoomed);
    told.on("plotly_click", (/** @type {any} */ event) => press(cellOf(event)));
  }

  /** @param {Place|undefined} cell */
  function press(cell) {
    if (cell && isAwaited) pin(cell);
    if (cell) isAwaited = false;
  }

  // Plotly lets go of its cell where the press comes within 50 ms of a move, and tells of no click then, or of one
  // without a cell: where the press was tells it.
  drawn.addEventListener("pointerdown", () => (isAwaited = true), true);
  drawn.addEventListener("click", ({ target, clientX, clientY }) => {
    if (view !== "heatmap" || !(target instanceof Element) || !target.matches(".nsewdrag")) return;
    const { left, bottom, width, height } = target.getBoundingClientRect();
    const { xaxis, yaxis } = /** @type {any} */ (drawn).layout;
    const along = (/** @type {number} */ part, /** @type {{range: [number, number]}} */ { range: [from, to] }) =>
      Math.round(from + part * (to - from));
    const at = { x: along((clientX - left) / width, xaxis), y: along((bottom - clientY) / height, yaxis) };
    press(cellOf({ points: [at] }));
  });

  /** The cell at a point of a view. @param {any} event @returns {Place|undefined} */
  function cellOf({ points }) {
    const { x, y } = points?.[0] ?? {};
    if (!seen || view === "histogram" || !Number.isInteger(x) || !Number.isInteger(y)) return undefined;
    const { array, map } = seen;
    const isOutside = x < 0 || y < 0 || x >= map.width || y >= map.height; // a reader who has zoomed out
    return isOutside ? undefined : { array: array.name, flat: map.base + y * map.width + x };
  }

  /** Where fewer cells are in view there is room for more: their numbers, the index of every row and column. */
  function zoomed() {
    if (view !== "heatmap" || !seen) return;
    const { xaxis, yaxis } = /** @type {any} */ (drawn).layout;
    const sizeOf = (/** @type {any} */ { range: [from, to] }) => Math.abs(to - from);
    const { height, width } = seen.map;
    reach = { across: Math.min(width, sizeOf(xaxis)), down: Math.min(height, sizeOf(yaxis)) };
    const [before, now] = [seen, { ...seen, reach }].map(detailOf);
    if (JSON.stringify(before) !== JSON.stringify(now)) draw(view, seen);
  }

  return { draw, clear };
}

/** All of a map. @param {Subject} subject @returns {Reach} */
const whole = ({ map: { height, width } }) => ({ across: width, down: height });

let canTurn = /** @type {boolean|undefined} */ (undefined);

/** Whether the browser has what surfaces are drawn with. */
export const hasWebGL = () => (canTurn ??= document.createElement("canvas").getContext("webgl") !== null);

/** Plotly's own words. @param {(text: string) => string} say */
const wordsOf = (say) => ({
  Pan: say("figure.pan"),
  Zoom: say("figure.zoom"),
  "Zoom in": say("figure.zoom-in"),
  "Zoom out": say("figure.zoom-out"),
  "Reset axes": say("figure.whole"),
  "Reset camera to default": say("figure.whole"),
});
