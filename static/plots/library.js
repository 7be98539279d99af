// @ts-check
// The one module that says Plotly. The library is large, so it is loaded when something is to be drawn, and no sooner.

import { again } from "../page/again.js";

// Nothing moves, and axes and colours stay as they are: that takes half the time of a plot drawn anew.
const AT_ONCE = { mode: "immediate", frame: { duration: 0, redraw: false }, transition: { duration: 0 } };

/** @type {any} */ let Plotly;
let isMissing = false;
/** @type {Promise<void>|undefined} */ let loading;
/** @type {Set<() => void>} what wants to know when one of the two changes */ const listening = new Set();

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

/** A heatmap goes away where nothing is drawn anew, so it is told its other cells. @param {HTMLElement} where
 * @param {any[]} data @param {number[]} traces */
function restyled(where, data, traces) {
  const parts = [...new Set(data.flatMap((each) => Object.keys(each)))];
  // Of a trace that has no such part nothing is told, and it stays as it is.
  void Plotly.restyle(where, Object.fromEntries(parts.map((part) => [part, data.map((each) => each[part])])), traces);
}

export const library = {
  /** Where this server has it. */
  url: "",
  /** "there", or "missing" where it could not be had, or "awaited". */
  get state() {
    return Plotly ? "there" : isMissing ? "missing" : "awaited";
  },
  /** Have it, now or as soon as that can be. */
  load: () =>
    (loading ??= again(async () => {
      Plotly = await once(library.url);
      isMissing = !Plotly;
      for (const tell of listening) tell();
      return Boolean(Plotly);
    })),
  /** @param {() => void} tell called when its state has changed */
  listen: (tell) => void listening.add(tell),
  /** @param {string} language of the buttons @param {Record<string, string>} words on them */
  speak: (language, words) => Plotly.register({ moduleType: "locale", name: language, dictionary: words, format: {} }),
  /** @param {HTMLElement} where @param {any[]} data @param {any} layout @param {any} config */
  draw: (where, data, layout, config) => void Plotly.react(where, data, layout, config),
  /** Move some traces of what is drawn to other data. @param {HTMLElement} where @param {any[]} data
   * @param {number[]} traces */
  move: (where, data, traces) => {
    if (data.some((each) => "z" in each)) return restyled(where, data, traces);
    // It is refused where the next one comes before it.
    Plotly.animate(where, { data, traces }, AT_ONCE).catch(() => {});
  },
  /** @param {HTMLElement} where whatever was drawn there is let go */
  clear: (where) => Plotly?.purge(where),
};
