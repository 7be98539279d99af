// @ts-check
// How large the cells of the panels on the stage are, and where the maps of each array stand: as lets all of it be
// seen at once with the largest cells. It knows shapes and room, and nothing of a run.

import { part } from "../page/page.js";
import { MARGIN } from "./plan.js";

/** @typedef {import("./placed.js").Placed & {setUp: (looks: any, cell: number) => void}} Panel of the stage, or of
 *   the first picture */
/** @typedef {import("../page/placing.js").Room} Place in pixels */
/** @typedef {Place & {largest: number, scrolls: boolean, rem: number}} Room the largest cell, and whether the page
 *   scrolls rather than the stage
 * @typedef {"rows"|"columns"} Flow whether panels follow each other as words do, or from the top down, then across */

const GAP = 12; // pixels between two panels, as the style sheet has it
// Pixels that a cell needs so that its number can be read; a phone is held closer, and before a class what is computed
// is told in large digits beside the boards.
const READABLE = { narrow: 14, wide: 16, hall: 14 };
const LARGEST = { page: 60, hall: 128 }; // pixels of a cell at most; the last row of a hall sits far away
const COMFORT = 36; // pixels in which a number of many digits has room, where there is some
const SMALL = 16; // cells: maps of no more rows and columns are never drawn smaller than that
const LEAST = 8; // the same beside a picture
const NARROW = 900; // pixels: in a stage less wide shapes stand below names, where cells are narrower than both
const FINEST = 2.5; // pixels: a cell of a picture is not drawn smaller, so that all of it is seen
const WORTH = 1.15; // by how much the cells must grow for maps to be laid out otherwise than is usual

const isPresenting = () => document.documentElement.classList.contains("presenting");

const remOf = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

/** Choose the arrangement, and set the panels up in it. @param {Panel[]} panels
 * @param {import("../say/look.js").Looks|undefined} looks @param {HTMLElement} board that they stand on
 * @param {number} [most] pixels of a cell */
export function fit(panels, looks, board, most) {
  const rem = remOf();
  const scrolls = getComputedStyle(board).overflowY === "visible";
  const largest = most || (isPresenting() ? LARGEST.hall : LARGEST.page);
  // Panels that are not sized yet may make a scrollbar, which takes room on some systems: it is reckoned with only
  // where the stage will really be scrolled.
  board.style.overflow = scrolls ? "" : "hidden";
  // Where the page scrolls, as on a phone, the stage is as high as what the transport leaves of the screen.
  const height = scrolls ? window.innerHeight - part("footer").offsetHeight - 2 * rem : board.clientHeight - 4;
  const room = { width: board.clientWidth, height, largest, scrolls, rem };
  let { tight, fits } = arrange(panels, room);
  if (!fits && !scrolls) {
    board.style.overflow = "scroll";
    room.width = board.clientWidth;
    ({ tight } = arrange(panels, room));
  }
  board.style.overflow = "";
  for (const panel of panels) panel.root.style.minWidth = `${leastWidth(panel, room, tight)}px`;
  board.style.setProperty("--caption", "0px");
  // How many lines a label takes depends on how wide its panel is: once that is known, the cells have what is left.
  // Where that makes the panel narrower, the label may take another line.
  let above = 3 * rem;
  let sizes = setUp();
  for (let tries = 0; tries < 3; tries++) {
    const caption = Math.max(...panels.map((panel) => part("figcaption", panel.root).offsetHeight));
    if (tries && caption <= above) break;
    above = caption;
    board.style.setProperty("--caption", `${caption}px`);
    const before = sizes.join();
    if ((sizes = setUp()).join() === before) break;
  }

  function setUp() {
    const { sizes, flow } = cellSizes(panels, room, above, tight);
    board.classList.toggle("columns", flow === "columns");
    panels.forEach((panel, at) => panel.setUp(looks, sizes[at]));
    return sizes;
  }
}

/** How large the cells would be in a room, and whether all would be seen there.
 * @param {Panel[]} panels @param {Place} room @param {number} largest */
export const sizeIn = (panels, { width, height }, largest) =>
  arrange(panels, { width, height: height - 4, largest, scrolls: false, rem: remOf() });

/** Lay out the maps of each array below each other or side by side, and shapes beside names or below them. Scratch
 * arrays stay as they are: a patch, its kernel and their product stand in line.
 * @param {Panel[]} panels @param {Room} room */
function arrange(panels, room) {
  const isFree = (/** @type {Panel} */ { array: { role, shape } }) =>
    role !== "scratch" && shape.length === 3 && shape[0] > 1;
  const free = panels.filter(isFree);
  for (const panel of panels) panel.arrange(free.includes(panel) ? "block" : "stack");
  let tight = room.width < NARROW;
  let best = worth();

  /** Larger cells are better, and to see all of it is better than any size. */
  function worth() {
    const above = (isPresenting() ? 2.6 : tight ? 5.2 : 3) * room.rem;
    const { sizes, fits, high, within } = cellSizes(panels, room, above, tight);
    return { fits, high, within, size: Math.min(...sizes) };
  }

  /** Whether what has just been changed was worth it; then it stays. */
  function pays() {
    const now = worth();
    const lower = !now.fits && now.size >= best.size && WORTH * now.high < best.high; // less is scrolled to
    const other = now.fits === best.fits ? now.size > WORTH * best.size || lower : now.fits;
    const better = now.within === best.within ? other : now.within; // no board is wider than the stage, if that can be
    if (better) best = now;
    return better;
  }

  /** Lay some out otherwise, if that pays. @param {Panel[]} some @param {import("./plan.js").Layout} layout */
  function attempt(some, layout) {
    const before = some.map((panel) => panel.board.dataset.layout);
    for (const panel of some) panel.arrange(layout);
    if (!pays()) some.forEach((panel, at) => panel.arrange(/** @type {any} */ (before[at])));
  }

  // All of them side by side may be better where no single one is.
  for (const layout of /** @type {const} */ (["line", "stack"])) {
    attempt(free, layout);
    for (const panel of free) attempt([panel], layout);
  }
  if (best.fits) return { ...best, tight };
  tight = true; // captions of more lines are worth it only where all can be seen then
  const now = worth();
  return now.fits ? { ...now, tight } : { ...best, tight: room.width < NARROW };
}

/** How large to draw the cells of each panel: as large as lets all of them be seen at once, small boards never too
 * small to read. What does not fit even so is scrolled to, downwards; then `fits` is false.
 * @param {Panel[]} panels @param {Room} room @param {number} above what stands above a figure, in pixels
 * @param {boolean} tight whether shapes stand below names */
function cellSizes(panels, room, above, tight) {
  const { width, height, largest } = room;
  const readable = isPresenting() ? READABLE.hall : width < 500 ? READABLE.narrow : READABLE.wide;
  const caption = above + MARGIN.t + MARGIN.b;
  const sides = MARGIN.l + MARGIN.r;
  const least = new Map(panels.map((panel) => [panel, leastWidth(panel, room, tight)]));
  /** @param {Panel} panel @param {number} size */
  const cellOf = (panel, size) =>
    isSmall(panel) ? Math.max(panel.isLong && panel.plan.stretch === 1 ? comfort : readable, size) : size;
  /** @param {Panel} panel @param {number} size */
  const widthOf = (panel, size) =>
    Math.max(least.get(panel) ?? 0, sides + panel.plan.columns * panel.plan.stretch * cellOf(panel, size));
  /** @param {Panel} panel @param {number} size */
  const heightOf = (panel, size) => caption + panel.plan.rows * cellOf(panel, size);

  /** How far the panels reach when each stands behind the one before it as long as there is room, and then beside.
   * @param {number} size @param {typeof widthOf} along @param {number} end @param {typeof widthOf} across */
  function reach(size, along, end, across) {
    let [total, at, most] = [0, 0, 0];
    for (const panel of panels) {
      const long = along(panel, size);
      if (at > 0 && at + long > end) {
        total += most + GAP;
        at = most = 0;
      }
      at += long + GAP;
      most = Math.max(most, across(panel, size));
    }
    return total + most;
  }

  const heightAt = (/** @type {number} */ size) => reach(size, widthOf, width, heightOf);
  const isWithin = () => panels.every((panel) => widthOf(panel, size) <= width);
  const inRows = () => heightAt(size) <= height && isWithin();
  const isLowEnough = () => panels.every((panel) => heightOf(panel, size) <= height);
  const inColumns = () => !room.scrolls && reach(size, heightOf, height, widthOf) <= width && isLowEnough();
  const fits = () => inRows() || inColumns();
  const large = panels.filter((panel) => !isSmall(panel));
  let [size, comfort] = [largest, readable];
  const shrink = () => {
    size = largest;
    while (size > readable && !fits()) size--;
    while (large.length && size > FINEST && !fits()) size -= 0.5;
  };
  shrink();
  if (large.length && fits()) {
    const before = size;
    comfort = COMFORT;
    shrink();
    if (!fits() || size < before * 0.75) [size, comfort] = [before, readable];
  } else if (large.length) {
    // Where nothing makes all of it fit, each large board does, and the rest is scrolled to.
    const most = Math.max(320, height * 0.62);
    if (!fits()) size = readable;
    while (size > 2 && !fits() && !(isWithin() && large.every(({ plan }) => plan.rows * size <= most))) size -= 0.5;
  }
  /** @type {Flow} */ const flow = inColumns() ? "columns" : "rows";
  const sizes = panels.map((panel) => cellOf(panel, size));
  return { sizes, fits: fits(), high: heightAt(size), within: isWithin(), flow };
}

/** Whether a board is to be read, however small the others are: beside a picture its output is a picture too.
 * @param {Panel} panel */
const isSmall = ({ plan, pictured }) => Math.max(plan.height, plan.width) <= (pictured ? LEAST : SMALL);

/** How wide a panel is at least, in pixels: its name and, unless there is little room, the shape beside it.
 * @param {Panel} panel @param {Room} room @param {boolean} tight */
function leastWidth({ array }, { width, rem }, tight) {
  const name = MARGIN.l + array.name.length * 0.61 * rem;
  const shape = array.shape.join("×").length * 0.5 * rem;
  if (width < 500) return name;
  if (isPresenting()) return Math.max(name, MARGIN.l + shape); // it stands below
  return tight ? Math.max(5.6 * rem, name) : Math.max(6.6 * rem, name + shape + 0.7 * rem);
}
