// @ts-check
// What has been answered, as Plotly draws it: a bar for each answer, with a mark those that are right. It knows no
// room.

import { library } from "../plots/library.js";

const MOST = 12; // bars
const FEWEST = 5; // bars that there is room for, so that few are no walls
// Pixels, so many of them to the height of a window, for the last row; and how wide a letter is for its height.
const LETTERS = { of: 42, fewest: 11, least: 15, most: 26, wide: 0.56 };

/** @typedef {{label: string, count: number, isRight: boolean, isMine: boolean}} Bar */

/** @param {HTMLElement} where @param {Bar[]} bars @param {string} mine what one's own answer is called */
export async function drawAnswers(where, bars, mine) {
  await library.load();
  if (library.state !== "there" || !where.isConnected) return;
  const style = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const shown = bars.slice(0, MOST);
  const names = shown.map(({ label, isRight, isMine }) =>
    [isRight ? "✓" : "", plain(label), isMine ? `(${mine})` : ""].join(" ").trim(),
  );
  // A name stands upright below its bar: fewer bars have more room, and then it is smaller.
  const most = Math.max(...names.map(({ length }) => length)) * LETTERS.wide;
  const wanted = Math.round(Math.min(LETTERS.most, Math.max(LETTERS.least, innerHeight / LETTERS.of)));
  const slots = Math.max(names.length, Math.min(FEWEST, Math.floor(where.clientWidth / (most * wanted))));
  const size = Math.max(LETTERS.fewest, Math.min(wanted, Math.floor(where.clientWidth / (most * slots))));
  library.draw(
    where,
    [
      {
        type: "bar",
        x: shown.map((_, at) => at),
        y: shown.map(({ count }) => count),
        text: shown.map(({ count }) => String(count)),
        textposition: "outside",
        cliponaxis: false,
        hoverinfo: "skip",
        marker: { color: shown.map(({ isRight }) => colour(isRight ? "--role-value" : "--positive-mid")) },
      },
    ],
    {
      margin: { l: 12, r: 12, t: 1.7 * size, b: 2 * size },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: colour("--ink"), size, family: style.getPropertyValue("--sans") },
      xaxis: {
        tickvals: names.map((_, at) => at),
        ticktext: names,
        tickangle: 0,
        fixedrange: true,
        showgrid: false,
        range: [-0.5, slots - 0.5],
      },
      yaxis: { visible: false, fixedrange: true, rangemode: "tozero" },
      bargap: 0.35,
    },
    { displayModeBar: false, responsive: true },
  );
}

/** A text in which Plotly finds no tags and no entities. @param {string} text */
const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
