// @ts-check
// A map of an array as a heatmap and as a surface: what Plotly is to draw of it. Every cell has its number as it is on
// the stage; one that is not computed yet is a gap. It knows arrays and colours, and neither the run nor Plotly.

import { short } from "../say/look.js";
import { indicesOf, told } from "../say/cell.js";
import { tidy } from "../why/decimal.js";

/** @import { Look } from "../say/look.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { NamedArray } from "../run/trace.js" */
/** @import { Place } from "./picture.js" */
/** One map of an array: its name, its first cell, its size. @typedef {{name: string, base: number, height: number,
 *   width: number}} MapOf */
/** reach: how many rows or columns are in view, the larger of the two
 * @typedef {{array: NamedArray, map: MapOf, look: Look, letters: number, reach: number, pinned?: Place,
 *   say: Say, marks?: Set<number>, tell?: (flat: number) => string,
 *   write?: (flat: number) => string|undefined}} Seen
 *   - marks: cells that are marked
 *   - write: what stands in a cell in place of its number, if anything does
 *   - tell: what is said of a cell, in place of its name and number */
/** @typedef {{data: any[], layout: any}} Drawing */

const READ = 14; // rows and columns in view: up to so many, numbers stand in their cells
const ROOM = 6; // characters of such a number
export const TICKS = 12; // numbers along an axis
const GROUND = "rgba(0,0,0,0)"; // that of the page is seen through it
const EVEN = { ambient: 0.85, diffuse: 0.35, specular: 0.03 }; // light, or colours would mean other numbers
const CORNER = 0.24; // of a cell's side
const OBLONG = 6; // times as long as wide: cells of such a map are no squares

/** The maps of an array. @param {NamedArray} array @returns {MapOf[]} */
export function mapsOf(array) {
  const { shape, name, cells } = array;
  const [height, width] = shape.length < 2 ? [shape[0] ?? 1, 1] : shape.slice(-2);
  return Array.from({ length: cells.length / (height * width) }, (_, nth) => {
    const base = nth * height * width;
    const indices = indicesOf(array, base).slice(0, -2);
    return { name: indices.length ? `${name}[${indices.join(", ")}]` : name, base, height, width };
  });
}

/** How much detail there is room for. @param {number} reach rows or columns in view */
export const detailOf = (reach) => ({ isRead: reach <= READ, tick: stepOf(reach / TICKS, true) });

/** What all cells of a map have: numbers to place, or gaps, and what is said of each. @param {Seen} seen */
function cellsOf({ array, map: { base, height, width }, tell = (flat) => told(array, flat), write }) {
  const rows = (/** @type {(flat: number) => any} */ of) =>
    Array.from({ length: height }, (_, i) => Array.from({ length: width }, (_, j) => of(base + i * width + j)));
  const hasNumber = (/** @type {number} */ flat) => array.isKnown(flat) && !Number.isNaN(array.cells[flat]);
  // An infinity is a rule and no number: it has the colour of zero, as on the stage.
  const numberOf = (/** @type {number} */ flat) => (Number.isFinite(array.cells[flat]) ? array.cells[flat] : 0);
  return {
    z: rows((flat) => (hasNumber(flat) ? numberOf(flat) : null)),
    names: rows(tell),
    texts: rows((flat) => (array.isKnown(flat) ? (write?.(flat) ?? short(tidy(array.cells[flat]), ROOM).text) : "")),
  };
}

/** What all drawings have in common. @param {Seen} seen */
export function around({ look: { theme }, letters }) {
  const font = { family: "system-ui, sans-serif", size: letters, color: theme.faint };
  const line = { gridcolor: theme.veil, zerolinecolor: theme.faint, color: theme.faint, ticklen: 0 };
  const layout = {
    font, showlegend: false, autosize: true, paper_bgcolor: GROUND, plot_bgcolor: GROUND, dragmode: "zoom",
    margin: { l: 3.4 * letters, t: 2.6 * letters, r: 0.8 * letters, b: 3 * letters },
    hoverlabel: { font: { family: "ui-monospace, monospace", size: letters + 1 } },
    modebar: { bgcolor: GROUND, color: theme.faint, activecolor: theme.ink },
  }; // prettier-ignore
  return { font, line, layout };
}

/** The scale of the stage, and its bar. @param {Look} look @param {any} font @param {boolean} isScaled */
const scaleOf = (look, font, isScaled) => ({
  colorscale: look.scale(),
  showscale: isScaled,
  colorbar: { thickness: font.size, outlinewidth: 0, tickfont: font, ticklen: 3, xpad: 4, nticks: 7 },
});

/** What an axis of a map is called. @param {Seen} seen @param {number} back from the last axis */
const axisName = ({ array, say }, back) => say(array.axes[array.shape.length - 1 - back] ?? "");

/** @param {Seen} seen @returns {Drawing} */
export function heatmap(seen) {
  const { array, map, look, pinned, reach } = seen;
  const { font, line, layout } = around(seen);
  const { z, names, texts } = cellsOf(seen);
  const { isRead, tick } = detailOf(reach);
  const scale = scaleOf(look, font, array.scale !== null);
  const isLone = array.shape.length < 2;
  const title = (/** @type {number} */ back) => ({ text: axisName(seen, back), standoff: 4 });
  const axis = { ...line, showgrid: false, zeroline: false, constrain: "domain", dtick: tick, tick0: 0 };
  const isSquare = Math.max(map.height, map.width) <= OBLONG * Math.min(map.height, map.width);
  const data = [{
    type: "heatmap", z, hovertext: names, hoverinfo: "text", zmin: look.low, zmax: look.limit, ...scale,
    ...(isRead && { text: texts, texttemplate: "%{text}" }),
  }]; // prettier-ignore
  return {
    data,
    layout: {
      ...layout,
      plot_bgcolor: look.theme.veil, // of cells that are not computed yet
      // Told and not found by Plotly, which takes cells that have no number yet for none.
      xaxis: {
        ...axis,
        range: [-0.5, map.width - 0.5],
        title: isLone ? undefined : title(0),
        showticklabels: !isLone,
      },
      yaxis: {
        ...axis,
        title: title(isLone ? 0 : 1),
        range: [map.height - 0.5, -0.5],
        ...(isSquare && { scaleanchor: "x" }),
      },
      shapes: [
        ...corners(map, seen.marks, look.theme.ink),
        ...frameOf(map, pinned && pinned.array === array.name ? pinned.flat : -1, look.theme.write),
      ],
    },
  };
}

/** The frame around a cell of a map. @param {MapOf} map @param {number} flat @param {string} color */
function frameOf({ base, height, width }, flat, color) {
  const at = flat - base;
  if (at < 0 || at >= height * width) return [];
  const [x, y] = [at % width, Math.floor(at / width)];
  return [{ type: "rect", x0: x - 0.5, x1: x + 0.5, y0: y - 0.5, y1: y + 0.5, line: { color, width: 2.5 } }];
}

/** Marks in the upper right corners of cells of a map, all in one path.
 * @param {MapOf} map @param {Set<number>|undefined} marks @param {string} fillcolor */
function corners({ base, height, width }, marks, fillcolor) {
  const marked = [...(marks ?? [])].map((flat) => flat - base).filter((at) => at >= 0 && at < height * width);
  const path = marked.map((at) => {
    const [right, top] = [(at % width) + 0.5, Math.floor(at / width) - 0.5];
    return `M${right - CORNER},${top}L${right},${top}L${right},${top + CORNER}Z`;
  });
  return path.length ? [{ type: "path", path: path.join(""), fillcolor, line: { width: 0 } }] : [];
}

/** @param {Seen} seen @returns {Drawing} */
export function surface(seen) {
  const { array, look, map, letters } = seen;
  const { font, line, layout } = around(seen);
  const { z, names } = cellsOf(seen);
  const scale = scaleOf(look, font, array.scale !== null);
  const data = [
    { type: "surface", z, text: names, hoverinfo: "text", cmin: look.low, cmax: look.limit, lighting: EVEN, ...scale },
  ];
  const axis = { ...line, backgroundcolor: GROUND, showspikes: false };
  const along = (/** @type {number} */ back, /** @type {number} */ size) => ({
    ...axis,
    title: { text: axisName(seen, back) },
    dtick: stepOf(size / 6, true),
    tick0: 0,
  });
  return {
    data,
    layout: {
      ...layout,
      dragmode: "turntable",
      margin: { l: 0, t: 2 * letters, r: 0, b: 0 },
      scene: {
        xaxis: along(0, map.width),
        yaxis: { ...along(1, map.height), autorange: "reversed" },
        zaxis: { ...axis, title: { text: array.name } },
        camera: { eye: { x: 1.8, y: 1.8, z: 1.25 }, center: { x: 0, y: 0, z: -0.15 } },
        aspectmode: "manual",
        aspectratio: { x: 1, y: 1, z: 0.7 },
      },
    },
  };
}

/** The next larger of 1, 2, 5, 10, … @param {number} value above 0 @param {boolean} isWhole no less than 1 */
export function stepOf(value, isWhole) {
  const unit = 10 ** Math.floor(Math.log10(value));
  const step = tidy(unit * ([1, 2, 5].find((each) => each * unit >= value) ?? 10));
  return isWhole ? Math.max(1, step) : step;
}
