// @ts-check
// The values of a whole array, counted: what Plotly is to draw of them. It knows arrays and colours, and neither the
// run nor Plotly.

import { exact } from "../say/look.js";
import { counted, filled } from "../say/describe.js";
import { tidy } from "../why/decimal.js";
import { around, stepOf, TICKS } from "./views.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @import { Drawing, Seen } from "./views.js" */

const BINS = 32; // at most, about

/** How often each value stands in the whole array. @param {Seen} seen @returns {Drawing} */
export function histogram(seen) {
  const { array, look, letters, say } = seen;
  const { line, layout } = around(seen);
  const { start, size, isWhole, counts } = binsOf(array);
  const edges = counts.map((_, nth) => tidy(start + nth * size));
  const isEach = isWhole && size === 1;
  const middles = edges.map((edge) => (isEach ? edge : tidy(edge + size / 2)));
  const names = counts.map((count, nth) => {
    const of = counted(say, "closer.count", count).replace("{count}", exact(count));
    const to = exact(tidy(edges[nth] + size));
    return isEach
      ? `${exact(edges[nth])}: ${of}`
      : filled(say, "closer.bin", { from: exact(edges[nth]), to, cells: of });
  });
  const data = [{
    type: "bar", x: middles, y: counts, width: size, hovertext: names, hoverinfo: "text", textposition: "none",
    marker: { color: middles.map((value) => look.of(value).fill), line: { color: look.theme.faint, width: 1 } },
  }]; // prettier-ignore
  const axis = { ...line, nticks: 8 };
  return {
    data,
    layout: {
      ...layout,
      bargap: 0,
      xaxis: {
        ...axis,
        title: { text: say("closer.value"), standoff: 4 },
        ...(isWhole && { dtick: stepOf((counts.length * size) / TICKS, true), tick0: 0 }),
        showgrid: false,
        zeroline: false,
      },
      yaxis: { ...axis, title: { text: say("closer.cells"), standoff: 4 }, rangemode: "tozero" },
      margin: { ...layout.margin, l: 4.4 * letters },
    },
  };
}

/** The values of an array in bins. They stay while it is computed, since its last values are known from the start;
 * whole numbers have a bin each, as far as there is room. @param {NamedArray} array */
export function binsOf(array) {
  const known = [...array.cells].filter((value, flat) => array.isKnown(flat) && Number.isFinite(value)).map(tidy);
  const ends = [...(array.known ? array.start : []), ...array.end].filter(Number.isFinite);
  const isWhole = [...known, ...ends].every(Number.isInteger);
  let [low, high] = [Infinity, -Infinity];
  for (const value of [...known, ...ends]) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low > high) return { start: 0, size: 1, isWhole, counts: [0] };
  const size = stepOf((high - low) / BINS || 1, isWhole);
  const placeOf = (/** @type {number} */ value) => Math.floor(value / size + 1e-9); // or 0.3 were in the bin of 0.2
  const first = placeOf(low);
  /** @type {number[]} */ const counts = Array(placeOf(high) - first + 1).fill(0);
  for (const value of known) counts[placeOf(value) - first]++;
  return { start: first * size, size, isWhole, counts };
}
