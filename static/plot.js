// @ts-check
// The one module that says Plotly. It draws a panel's figure once a scene, and moves its boxes once a step.

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./look.js").Look} Look */
/** @typedef {{cell: number, ticks: boolean, texts: boolean, letters: number}} Size how large a cell is drawn, what fits beside it, and
 *   how large the letters of its number are */
/** @typedef {{veil: number[][], unread: number[][], before: number[][], read: number[][], write: number[][],
 *   links?: import("./linked.js").LinkMarks}} Marks
 *   rectangles, lines through cells, and lines around cells: before are those read by earlier beats of the same cell */

export const MARGIN = { l: 18, t: 31, r: 3, b: 3 };
const BLEED = 3; // pixels that the lines around the outermost cells may stick out, where Plotly would cut them off

/** @type {any} */ let Plotly;

/** Load the library from this server; resolves once it can draw. What could not be loaded can be asked for once more.
 * @param {string} url @returns {Promise<void>} */
export function load(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const fail = () => {
      script.remove();
      reject(new Error(`${url} could not be loaded`));
    };
    script.src = url;
    script.onload = () => {
      Plotly = /** @type {any} */ (window).Plotly;
      if (!Plotly) return fail(); // it was cut short
      Plotly.setPlotConfig({ showSendToCloud: false, displaylogo: false, plotlyServerURL: "", topojsonURL: "" });
      resolve();
    };
    script.onerror = fail;
    document.head.append(script);
  });
}

export const isLoaded = () => Plotly !== undefined;

/** A panel in Plotly's own terms: a heatmap of the values that are given, and its marks as shapes. It is a pure function
 * of its arguments: on the stage it shows what does not change in a scene, for an image everything.
 * @param {Plan} plan @param {(flat: number) => number|undefined} valueOf @param {(value: number, flat: number) => string} textOf
 * @param {Marks} marks @param {Look} look @param {Size} size @param {boolean} grid whether there are lines between its cells */
export function figureOf(plan, valueOf, textOf, marks, look, size, grid) {
  /** @template T @param {(value: number, flat: number) => T} made @param {T} none @returns {T[][]} */
  const rows = (made, none) =>
    Array.from({ length: plan.rows }, (_, y) =>
      Array.from({ length: plan.columns }, (_, x) => {
        const flat = plan.at(x, y);
        const value = flat < 0 ? undefined : valueOf(flat);
        return value === undefined ? none : made(value, flat);
      }),
    );
  const numbers = numbersOf(plan, size);
  return {
    data: [
      {
        type: "heatmap",
        z: rows(/** @returns {number|null} */ (value) => (Number.isFinite(value) ? value : 0), null),
        text: size.texts ? rows(textOf, "") : undefined,
        texttemplate: size.texts ? "%{text}" : "",
        textfont: { size: size.letters },
        x0: 0.5,
        y0: 0.5,
        colorscale: look.scale(),
        zmin: look.low,
        zmax: look.limit,
        showscale: false,
        hoverinfo: "none",
      },
      ...(grid ? [gridOf(plan, look)] : []),
    ],
    layout: {
      width: MARGIN.l + MARGIN.r + plan.columns * plan.stretch * size.cell,
      height: MARGIN.t + MARGIN.b + plan.rows * size.cell,
      margin: { l: MARGIN.l - BLEED, t: MARGIN.t - BLEED, r: MARGIN.r - BLEED, b: MARGIN.b - BLEED, pad: 0 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      dragmode: false,
      font: { color: look.theme.faint, size: numberSize(plan, size), family: NUMBERS },
      xaxis: {
        ...axis(numbers.columns),
        range: [-BLEED / (plan.stretch * size.cell), plan.columns + BLEED / (plan.stretch * size.cell)],
        side: "top",
        anchor: "free",
        position: 1 - (BLEED - 1) / (plan.rows * size.cell + 2 * BLEED),
      },
      yaxis: {
        ...axis(numbers.rows),
        range: [plan.rows + BLEED / size.cell, -BLEED / size.cell],
        ticklabelstandoff: -1,
      },
      shapes: shapesOf(marks, look),
    },
  };
}

/** @typedef {{at: number, text: string}} Tick a number beside the board, and how many cells from its edge
 * @param {Plan} plan @param {Size} size @returns {{columns: Tick[], rows: Tick[]}} */
export function numbersOf(plan, size) {
  /** @param {number[]} origins of the maps along one axis @param {number} length */
  const along = (origins, length) => {
    const every = size.cell >= (length > 10 ? 18 : 12) ? 1 : Math.ceil(20 / size.cell / 5) * 5;
    return [...new Set(size.ticks ? origins : [])].flatMap((origin) =>
      Array.from({ length }, (_, at) => ({ at: origin + at + 0.5, text: String(at) })).filter((_, at) => at % every === 0),
    );
  };
  if (plan.shape.length === 1) return { columns: [], rows: along([0], plan.rows) }; // it has no columns
  const above = plan.maps.filter((map) => map.y === 0).map((map) => map.x);
  const beside = plan.maps.filter((map) => map.x === 0).map((map) => map.y);
  return { columns: along(above, plan.width), rows: along(beside, plan.height) };
}

/** @param {Tick[]} ticks */
const axis = (ticks) => ({
  tickvals: ticks.map((tick) => tick.at),
  ticktext: ticks.map((tick) => tick.text),
  tickangle: 0,
  ticklen: 0,
  showgrid: false,
  zeroline: false,
  fixedrange: true,
});

/** The lines between the cells of each map: a trace, which is drawn once a scene, and not with the boxes at every step.
 * @param {Plan} plan @param {Look} look */
function gridOf({ maps, height, width }, look) {
  const lines = maps.flatMap(({ x, y }) => [
    ...Array.from({ length: height + 1 }, (_, at) => [x, y + at, x + width, y + at]),
    ...Array.from({ length: width + 1 }, (_, at) => [x + at, y, x + at, y + height]),
  ]);
  return {
    type: "scatter",
    mode: "lines",
    x: lines.flatMap(([x0, , x1]) => [x0, x1, null]),
    y: lines.flatMap(([, y0, , y1]) => [y0, y1, null]),
    line: { width: 1, color: look.theme.veil },
    hoverinfo: "none",
    showlegend: false,
  };
}

/** The marks as Plotly shapes: the veil over what is not computed yet, a stroke through each cell that is never read,
 * lines around what is read and written, dotted ones around what was read for the same cell before.
 * @param {Marks} marks @param {Look} look */
export function shapesOf({ veil, unread, before, read, write, links }, look) {
  const shapes = veil.map(([x0, y0, x1, y1]) => ({
    type: "rect", x0, y0, x1, y1, fillcolor: look.theme.veil, line: { width: 0.5, color: look.theme.faint, dash: "dot" },
  })); // prettier-ignore
  if (unread.length) shapes.push({ ...path(unread, { width: 1, color: look.theme.faint }), name: "unread" });
  const opacity = links ? FADED : 1;
  for (const [lines, width] of casings({ before, read, write }, look)) shapes.push(path(lines, { width, color: look.theme.zero }, opacity));
  if (before.length) shapes.push(path(before, { width: 1.5, color: look.theme.read, dash: "dot" }, opacity));
  if (read.length) shapes.push(path(read, { width: 2.5, color: look.theme.read }, opacity));
  if (write.length) shapes.push(path(write, { width: 4, color: look.theme.write }, opacity));
  for (const { lines, tint, colour, width, dash } of links ? linkStyles(links, look) : []) {
    if (tint.length) shapes.push({ ...path(around(tint), { width: 0 }, TINT), fillcolor: colour });
    if (lines.length) shapes.push(path(lines, { width, color: colour, dash }));
  }
  return shapes;
}

/** What lies below the lines on a picture, which may be as dark or as bright as they are.
 * @param {{before: number[][], read: number[][], write: number[][]}} marks @param {Look} look @returns {[number[][], number][]} */
export function casings({ before, read, write }, { isGrey }) {
  const cased = /** @type {[number[][], number][]} */ ([[before, 3.5], [read, 5], [write, 7]]); // prettier-ignore
  return isGrey ? cased.filter(([lines]) => lines.length) : [];
}

export const FADED = 0.3; // how much is seen of the walk's own boxes while a reader looks at a cell
export const TINT = 0.2;

/** How the links of a cell are drawn: each kind has a colour and a line of its own.
 * @param {import("./linked.js").LinkMarks} links @param {Look} look
 * @returns {{lines: number[][], tint: number[][], colour: string, width: number, dash: string}[]} */
export function linkStyles({ from, feeds, meets }, { theme }) {
  return [
    { ...meets, colour: theme.meets, width: 3, dash: "dot" },
    { ...from, colour: theme.read, width: 2.5, dash: "solid" },
    { ...feeds, colour: theme.write, width: 4, dash: "solid" },
  ];
}

/** The edges of rectangles, each in one go, so that they can be filled. @param {number[][]} rectangles */
const around = (rectangles) => rectangles.map(([x0, y0, x1, y1]) => [x0, y0, x1, y0, x1, y1, x0, y1, x0, y0]);

/** @param {number[][]} lines each x, y, x, y, … @param {object} line @param {number} opacity @returns {any} */
const path = (lines, line, opacity = 1) => ({
  type: "path",
  path: lines.map(([x, y, ...rest]) => `M${x},${y}${rest.map((at, n) => (n % 2 ? "," : "L") + at).join("")}`).join(""),
  line,
  opacity,
});

export const NUMBERS = "system-ui, sans-serif"; // the letters of the numbers beside the board
/** The size of a number beside the board, in pixels: two digits have to fit beside it too. @param {Plan} plan
 * @param {Size} size */
export const numberSize = ({ height }, { cell }) => (cell < 22 || height > 10 ? 10 : 13);

/** The size of a number in a cell, in pixels. @param {number} cell */
export const fontSize = (cell) => Math.max(8, Math.min(64, Math.round(cell * 0.55)));

/** Draw a figure, or draw it anew. The board it stands on listens to the pointer; Plotly would take its taps, and click
 * once more for each. @param {HTMLElement} element @param {{data: any, layout: any}} figure */
export const draw = (element, { data, layout }) =>
  Plotly.react(element, data, layout, { staticPlot: true, responsive: false });

/** Replace every box of a drawn figure; one shape alone would be thirty times slower.
 * @param {HTMLElement} element @param {any[]} shapes */
export const moveBoxes = (element, shapes) => Plotly.relayout(element, { shapes });

/** Forget a figure. @param {HTMLElement} element */
export const purge = (element) => Plotly?.purge(element);
