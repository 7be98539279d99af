// @ts-check
// A map of an array as a heatmap and as a surface: what Plotly is to draw of it. Every cell has its number as it is on
// the stage; one that is not computed yet is a gap. It knows arrays and colours, and neither the run nor Plotly.

import { short } from "../say/look.js";
import { heightOf, lettersOf } from "./letters.js";
import { indicesOf, told } from "../say/cell.js";
import { tidy } from "../why/decimal.js";

/** @import { Look } from "../say/look.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { NamedArray } from "../run/trace.js" */
/** @import { Place } from "./picture.js" */
/** One map of an array: its name, its first cell, its size. @typedef {{name: string, base: number, height: number,
 *   width: number}} MapOf */
/** @typedef {{array: NamedArray, map: MapOf, look: Look, pinned?: Place, say: Say, marks?: Set<number>,
 *   tell?: (flat: number) => string, write?: (flat: number) => string|undefined}} Subject of a view
 *   - marks: cells that are marked
 *   - write: what stands in a cell in place of its number, if anything does
 *   - tell: what is said of a cell, in place of its name and number */
/** @typedef {{wide: number, high: number}} Room in pixels */
/** @typedef {{across: number, down: number}} Reach how many columns and rows are in view */
/** @typedef {Subject & {letters: number, room: Room, reach: Reach}} Seen letters are pixels */
/** @typedef {{data: any[], layout: any}} Drawing */

const BAR = 4.2; // letters: the scale with its numbers
const TIGHT = 17; // letters: a room that is no higher has none for what axes are called
export const TICKS = 12; // numbers along an axis
const GROUND = "rgba(0,0,0,0)"; // that of the page is seen through it
const EVEN = { ambient: 0.85, diffuse: 0.35, specular: 0.03 }; // light, or colours would mean other numbers
const CORNER = 0.24; // of a cell's side

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

/** Whether there is room for cells and little else. @param {Pick<Seen, "letters"|"room">} seen */
export const isTight = ({ letters, room }) => room.high < TIGHT * letters;

/** How much detail a heatmap has room for. @param {Seen} seen */
export function detailOf(seen) {
  const { array, letters, room, reach } = seen;
  const isScaled = array.scale !== null;
  const within = (/** @type {boolean} */ hasBar) => {
    const { l, r, t, b } = marginOf(seen, hasBar);
    const free = { wide: room.wide - l - r - (hasBar ? BAR * letters : 0), high: room.high - t - b };
    const shape = heightOf(seen, free, letters);
    const [across, down] = [free.wide / reach.across, free.high / reach.down];
    const wide = shape ? Math.min(across, down / shape) : across;
    return { shape, hasBar, written: lettersOf(seen, { wide, high: shape ? shape * wide : down }, letters) };
  };
  // Where numbers are read, the room of the bar is theirs.
  const bare = !isScaled || isTight(seen) ? within(false) : undefined;
  const found = bare && (bare.written || !isScaled) ? bare : within(true);
  return { ...found, tick: stepOf(Math.max(reach.across, reach.down) / TICKS, true) };
}

/** What is left around the cells, in pixels. @param {Pick<Seen, "letters"|"room">} seen @param {boolean} hasBar */
function marginOf({ letters, room }, hasBar) {
  // The tools stand above the scale, or beside the cells.
  const tight = hasBar ? [1.9, 2.2, 0.8, 1.6] : [1.9, 0.5, 2.4, 1.6];
  const [l, t, r, b] = isTight({ letters, room }) ? tight : [3.4, 2.6, 0.8, 3];
  return { l: l * letters, t: t * letters, r: r * letters, b: b * letters };
}

/** What all cells of a map have: numbers to place, or gaps, and what is said of each. @param {Seen} seen
 * @param {number} [characters] of what is written in each, if that is */
function cellsOf({ array, map: { base, height, width }, tell = (flat) => told(array, flat), write }, characters) {
  const rows = (/** @type {(flat: number) => any} */ of) =>
    Array.from({ length: height }, (_, i) => Array.from({ length: width }, (_, j) => of(base + i * width + j)));
  const hasNumber = (/** @type {number} */ flat) => array.isKnown(flat) && !Number.isNaN(array.cells[flat]);
  // An infinity is a rule and no number: it has the colour of zero, as on the stage.
  const numberOf = (/** @type {number} */ flat) => (Number.isFinite(array.cells[flat]) ? array.cells[flat] : 0);
  const textOf = (/** @type {number} */ flat, /** @type {number} */ most) =>
    array.isKnown(flat) ? (write?.(flat) ?? short(tidy(array.cells[flat]), most).text) : "";
  return {
    z: rows((flat) => (hasNumber(flat) ? numberOf(flat) : null)),
    names: rows(tell),
    texts: characters ? rows((flat) => textOf(flat, characters)) : undefined,
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
  const { array, map, look, pinned } = seen;
  const { font, line, layout } = around(seen);
  const { shape, written, hasBar, tick } = detailOf(seen);
  const { z, names, texts } = cellsOf(seen, written?.characters);
  const scale = scaleOf(look, font, hasBar);
  const isLone = array.shape.length < 2;
  const isBare = isTight(seen);
  const title = (/** @type {number} */ back) => (isBare ? undefined : { text: axisName(seen, back), standoff: 4 });
  const axis = { ...line, showgrid: false, zeroline: false, constrain: "domain", dtick: tick, tick0: 0 };
  const data = [{
    type: "heatmap", z, hovertext: names, hoverinfo: "text", zmin: look.low, zmax: look.limit, ...scale,
    ...(written && { text: texts, texttemplate: "%{text}", textfont: { size: written.size } }),
  }]; // prettier-ignore
  return {
    data,
    layout: {
      ...layout,
      margin: marginOf(seen, hasBar),
      modebar: { ...layout.modebar, orientation: isBare && !hasBar ? "v" : "h" },
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
        ...(shape && { scaleanchor: "x", scaleratio: shape }),
      },
      shapes: [
        ...corners(map, seen.marks, look.theme.ink, shape),
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
 * @param {MapOf} map @param {Set<number>|undefined} marks @param {string} fillcolor
 * @param {number} [shape] how many times as high as wide a cell is */
function corners({ base, height, width }, marks, fillcolor, shape = 1) {
  const marked = [...(marks ?? [])].map((flat) => flat - base).filter((at) => at >= 0 && at < height * width);
  const path = marked.map((at) => {
    const [right, top] = [(at % width) + 0.5, Math.floor(at / width) - 0.5];
    return `M${right - CORNER * shape},${top}L${right},${top}L${right},${top + CORNER}Z`;
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
