// @ts-check
// How large the cells of the panels on the stage are, and where the maps of each array stand: as lets all of it be seen
// at once with the largest cells. It knows shapes and room, and nothing of a run.

import { part } from "./page.js";
import * as plot from "./plot.js";

/** @typedef {import("./panel.js").Panel} Panel */

const GAP = 12; // pixels between two panels, as the style sheet has it
const READABLE = { narrow: 14, wide: 16 }; // pixels that a cell needs so that its number can be read; a phone is held closer
const SMALL = 16; // cells: maps of no more rows and columns are never drawn smaller than that
const WORTH = 1.15; // by how much the cells must grow for maps to be laid out otherwise than in the scene before

/** Choose the arrangement, and set the panels up in it. @param {Panel[]} panels @param {import("./look.js").Look} look
 * @param {HTMLElement} board that they stand on */
export function fit(panels, look, board) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  // Where the page scrolls, as on a phone, the stage is as high as what the transport leaves of the screen.
  const scrolls = getComputedStyle(board).overflowY === "visible";
  const height = scrolls ? window.innerHeight - part("footer").offsetHeight - 2 * rem : board.clientHeight - 4;
  const room = { width: board.clientWidth, height, largest: document.documentElement.classList.contains("presenting") ? 96 : 44 }; // the last row sits far away
  const { tight } = arrange(panels, room, rem);
  for (const panel of panels) panel.root.style.minWidth = `${leastWidth(panel, room.width, tight)}px`;
  board.style.setProperty("--caption", "0px");
  setUp(3 * rem);
  // How many lines a label takes depends on how wide its panel is: once that is known, the cells have what is left.
  const caption = Math.max(...panels.map((panel) => part("figcaption", panel.root).offsetHeight));
  board.style.setProperty("--caption", `${caption}px`);
  setUp(caption);

  /** @param {number} above what stands above a figure, in pixels */
  function setUp(above) {
    const { sizes } = cellSizes(panels, room, above, tight);
    panels.forEach((panel, at) => panel.setUp(look, sizes[at]));
  }
}

/** @typedef {{width: number, height: number, largest: number}} Room in pixels, and the largest cell */

/** Lay out the maps of each array below each other or side by side, and shapes beside names or below them. Scratch
 * arrays stay as they are: a patch, its kernel and their product stand in line.
 * @param {Panel[]} panels @param {Room} room @param {number} rem */
function arrange(panels, room, rem) {
  const free = panels.filter(({ array }) => array.role !== "scratch" && array.shape.length === 3 && array.shape[0] > 1);
  for (const panel of panels) panel.arrange(false);
  let tight = false;
  let best = worth();

  /** Larger cells are better, and to see all of it is better than any size. */
  function worth() {
    const { sizes, fits, high } = cellSizes(panels, room, (tight ? 4.4 : 3) * rem, tight);
    return { fits, high, size: Math.min(...sizes) };
  }

  /** Whether what has just been changed was worth it; then it stays. */
  function pays() {
    const now = worth();
    const lower = !now.fits && now.size >= best.size && WORTH * now.high < best.high; // less is scrolled to
    const better = now.fits === best.fits ? now.size > WORTH * best.size || lower : now.fits;
    if (better) best = now;
    return better;
  }

  /** Captions of more lines are worth it only where all can be seen then. */
  function tighten() {
    tight = !best.fits;
    const now = worth();
    tight = tight && now.fits;
    if (tight) best = now;
    return tight;
  }

  if (tighten()) return { tight };
  // All of them side by side may be better where no single one is.
  for (const panel of free) panel.arrange(true);
  const isWide = pays();
  if (!isWide) for (const panel of free) panel.arrange(false);
  for (const panel of free) {
    panel.arrange(!isWide);
    if (!pays()) panel.arrange(isWide);
  }
  return { tight: tighten() };
}

/** How large to draw the cells of each panel: as large as lets all of them be seen at once, small boards never too
 * small to read. What does not fit even so is scrolled to; then `fits` is false.
 * @param {Panel[]} panels @param {Room} room @param {number} above what stands above a figure, in pixels @param {boolean} tight whether shapes stand below names */
function cellSizes(panels, { width, height, largest }, above, tight) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const readable = width < 500 ? READABLE.narrow : READABLE.wide;
  const caption = above + plot.MARGIN.t + plot.MARGIN.b;
  const sides = plot.MARGIN.l + plot.MARGIN.r;
  /** @param {Panel} panel @param {number} size */
  const cellOf = ({ plan }, size) => (isSmall(plan) ? Math.max(readable, size) : size);
  /** @param {Panel} panel @param {number} size */
  const widthOf = (panel, size) =>
    Math.max(leastWidth(panel, width, tight), sides + panel.plan.columns * panel.plan.stretch * cellOf(panel, size));

  /** How high the panels stand when they wrap like words. @param {number} size */
  function heightAt(size) {
    let [total, x, tallest] = [0, 0, 0];
    for (const panel of panels) {
      const wide = widthOf(panel, size);
      if (x > 0 && x + wide > width) {
        total += tallest + GAP;
        x = tallest = 0;
      }
      x += wide + GAP;
      tallest = Math.max(tallest, caption + panel.plan.rows * cellOf(panel, size));
    }
    return total + tallest;
  }

  const isWithin = () => panels.every((panel) => widthOf(panel, size) <= width);
  const fits = () => heightAt(size) <= height && isWithin();
  let size = largest;
  while (size > readable && !fits()) size--;
  const large = panels.filter(({ plan }) => !isSmall(plan));
  if (large.length && !fits()) {
    while (size > 4 && !fits()) size -= 0.5;
    // Where nothing makes all of it fit, each large board does, and the rest is scrolled to.
    const most = Math.max(320, height * 0.62);
    if (heightAt(size) > height) size = readable;
    while (size > 2 && !(isWithin() && large.every(({ plan }) => plan.rows * size <= most))) size -= 0.5;
  }
  return { sizes: panels.map((panel) => cellOf(panel, size)), fits: fits(), high: heightAt(size) };
}

/** @param {import("./plan.js").Plan} plan */
const isSmall = ({ height, width }) => Math.max(height, width) <= SMALL;

/** How wide a panel is at least, in pixels: its name and, unless there is little room, the shape beside it.
 * @param {Panel} panel @param {number} room the width of the stage @param {boolean} tight */
function leastWidth({ array }, room, tight) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const name = plot.MARGIN.l + array.name.length * 0.61 * rem;
  if (room < 500) return name;
  return tight ? Math.max(5.6 * rem, name) : Math.max(6.6 * rem, name + (array.shape.join("×").length * 0.5 + 0.7) * rem);
}

