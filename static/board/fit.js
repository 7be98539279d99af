// @ts-check
// How large the cells of the panels on the stage are, and where the maps of each array stand: as lets all of it be
// seen at once with the largest cells. It knows shapes and room, and nothing of a run.

import { element, part } from "../page/page.js";
import { MARGIN } from "./plan.js";

/** @typedef {import("./placed.js").Placed & {setUp: (looks: any, cell: number) => void}} Panel of the stage, or of
 *   the first picture */
/** @typedef {import("../page/placing.js").Room} Place in pixels */
/** @typedef {Place & {largest: number, scrolls: boolean, rem: number}} Room the largest cell, and whether the page
 *   scrolls rather than the stage
 * @typedef {[width: number, height: number]} Box in pixels */

const GAP = 12; // pixels between two panels, as the style sheet has it
// Pixels that a cell needs so that its number can be read; a phone is held closer, and before a class what is computed
// is told in large digits beside the boards.
const READABLE = { narrow: 19, wide: 19, hall: 20 };
const LARGEST = { page: 60, hall: 128 }; // pixels of a cell at most; the last row of a hall sits far away
const COMFORT = 27; // pixels in which two numbers have room, one below the other
const QUIETEST = 7; // pixels of a cell of a quiet board, as long as others need the room
const SMALL = 16; // cells: maps of no more rows and columns are never drawn smaller than that
const LEAST = 8; // the same beside a picture
const LINE = 1.25; // rem: a line of a caption
const CAPTION = 4; // pixels below it
const SPACE = 5; // pixels between two words
const LEAST_WIDTH = 5; // rem: of a panel
const FINEST = 2.5; // pixels: a cell of a picture is not drawn smaller, so that all of it is seen
const WORTH = 1.06; // by how much the cells must grow for maps to be laid out otherwise than is usual

const isPresenting = () => document.documentElement.classList.contains("presenting");

const remOf = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

/** Choose the arrangement, and set the panels up in it. @param {Panel[]} panels
 * @param {import("../say/look.js").Looks|undefined} looks @param {HTMLElement} board that they stand on */
export function fit(panels, looks, board) {
  const rem = remOf();
  const scrolls = getComputedStyle(board).overflowY === "visible";
  const largest = isPresenting() ? LARGEST.hall : LARGEST.page;
  // Panels that are not sized yet may make a scrollbar, which takes room on some systems: it is reckoned with only
  // where the stage will really be scrolled.
  board.style.overflow = scrolls ? "" : "hidden";
  // Where the page scrolls, as on a phone, the stage is as high as what the transport leaves of the screen.
  const height = scrolls ? window.innerHeight - part("footer").offsetHeight - 2 * rem : board.clientHeight - 4;
  const room = { width: board.clientWidth, height, largest, scrolls, rem };
  if (!arrange(panels, room).fits && !scrolls) {
    board.style.overflow = "scroll";
    room.width = board.clientWidth;
    arrange(panels, room);
  }
  board.style.overflow = "";
  for (const panel of panels) panel.root.style.minWidth = `${nameWidth(panel, room)}px`;
  const { caption } = setUp(0);
  board.style.setProperty("--caption", "0px");
  // The words of a caption may be wider than was reckoned, and take another line.
  const [loud] = partsOf(panels);
  const highest = Math.max(...(loud.length ? loud : panels).map(({ root }) => part("figcaption", root).offsetHeight));
  const above = highest > caption ? setUp(highest).caption : caption;
  board.style.setProperty("--caption", `${above}px`);

  /** @param {number} least pixels of the captions */
  function setUp(least) {
    const sized = cellSizes(panels, room, least);
    board.dataset.quiet = sized.flow;
    partsOf(panels)[0].forEach(({ root }, at) => (root.style.order = String(at < sized.place ? 0 : 2)));
    panels.forEach((panel, at) => panel.setUp(looks, sized.sizes[at]));
    return sized;
  }
}

/** Put panels on a board: quiet ones stand together behind the others.
 * @param {HTMLElement} board @param {Panel[]} panels */
export function stand(board, panels) {
  const [loud, quiet] = partsOf(panels);
  const beside = element("div", { class: "quiet-boards" }, ...quiet.map(({ root }) => root));
  board.replaceChildren(...loud.map(({ root }) => root), ...(quiet.length ? [beside] : []));
}

/** How large the cells would be in a room, and whether all would be seen there.
 * @param {Panel[]} panels @param {Place} room @param {number} largest */
export const sizeIn = (panels, { width, height }, largest) =>
  arrange(panels, { width, height: height - 4, largest, scrolls: false, rem: remOf() });

/** Lay out the maps of each array below each other or side by side. Scratch arrays stay as they are: a patch, its kernel
 * and their product stand in line.
 * @param {Panel[]} panels @param {Room} room */
function arrange(panels, room) {
  const isFree = (/** @type {Panel} */ { array: { role, shape } }) =>
    role !== "scratch" && ((shape.length === 3 && shape[0] > 1) || shape.length === 4);
  const free = panels.filter(isFree);
  for (const panel of panels) panel.arrange(isFree(panel) && panel.plan.shape.length === 3 ? "block" : "stack");
  let best = worth();

  /** Larger cells are better, and to see all of it is better than any size. */
  function worth() {
    const { sizes, fits, high, within, size } = cellSizes(panels, room);
    return { fits, high, within, size, quiet: Math.min(...sizes) };
  }

  /** Whether what has just been changed was worth it; then it stays. */
  function pays() {
    const now = worth();
    const lower = !now.fits && now.size >= best.size && WORTH * now.high < best.high; // less is scrolled to
    const isLouder = now.size > WORTH * best.size || (now.size === best.size && now.quiet > WORTH * best.quiet);
    const other = now.fits === best.fits ? isLouder || lower : now.fits;
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
  for (const layout of /** @type {const} */ (["line", "stack", "block"])) {
    attempt(free, layout);
    for (const panel of free) attempt([panel], layout);
  }
  return best;
}

/** How large to draw the cells of each panel: as large as lets all of them be seen at once, small boards never too
 * small to read, quiet ones smaller where the others need the room. What does not fit even so is scrolled to,
 * downwards; then `fits` is false.
 * @param {Panel[]} panels @param {Room} room @param {number} [leastCaption] pixels of the captions */
function cellSizes(panels, room, leastCaption = 0) {
  const { width, height, largest } = room;
  const readable = width < 500 ? READABLE.narrow : READABLE.wide;
  const sides = MARGIN.l + MARGIN.r;
  const [loud, quiet] = partsOf(panels);
  const words = new Map(panels.map((panel) => [panel, wordsOf(panel, room)]));
  let [size, small] = [largest, largest]; // of the cells of loud boards, and of quiet ones
  /** @type {"column"|"row"} */ let flow = "column"; // in which quiet boards stand
  /** @param {Panel} panel */
  const cellOf = (panel) => {
    if (panel.isQuiet && loud.length) return Math.min(small, size);
    return isSmall(panel) ? Math.max(readable, size) : size;
  };
  const widthOf = (/** @type {Panel} */ panel) =>
    Math.max(nameWidth(panel, room), sides + panel.plan.columns * panel.plan.stretch * cellOf(panel));
  /** The captions of loud boards are as high as the highest, so that names stand in one line and so do boards.
   * @param {Panel[]} some */
  const captionOf = (some) => {
    const lines = some.map((panel) => linesIn(words.get(panel) ?? [], widthOf(panel) - MARGIN.l));
    return Math.max(leastCaption, Math.max(0, ...lines) * LINE * room.rem + CAPTION);
  };
  /** @param {Panel} panel @param {number} caption @returns {Box} */
  const boxOf = (panel, caption) => [widthOf(panel), caption + MARGIN.t + MARGIN.b + panel.plan.rows * cellOf(panel)];
  /** @param {Box[]} boxes one beside the other, or below @param {0|1} along the axis @returns {Box} */
  const joined = (boxes, along) => {
    const total = boxes.reduce((all, box) => all + box[along] + GAP, -GAP);
    const most = Math.max(...boxes.map((box) => box[1 - along]));
    return along ? [most, total] : [total, most];
  };
  const boxes = () => {
    const caption = captionOf(loud);
    const all = loud.map((panel) => boxOf(panel, caption));
    const others = quiet.map((panel) => boxOf(panel, captionOf(flow === "column" ? [panel] : quiet)));
    if (quiet.length) all.splice(place, 0, joined(others, flow === "column" ? 1 : 0));
    return all;
  };
  let place = loud.length; // of the quiet boards, among the others
  /** How far boxes reach when each stands behind the one before it as long as there is room, and then below. */
  const high = () => {
    let [total, at, most] = [0, 0, 0];
    for (const [wide, tall] of boxes()) {
      if (at > 0 && at + wide > width) {
        total += most + GAP;
        at = most = 0;
      }
      at += wide + GAP;
      most = Math.max(most, tall);
    }
    return total + most;
  };
  const isWithin = () => boxes().every(([wide]) => wide <= width);
  const isSeen = () => high() <= height && isWithin();
  const fits = () => {
    for (flow of /** @type {const} */ (["column", "row"]))
      for (place = loud.length; place >= (quiet.length ? 1 : loud.length); place--) if (isSeen()) return true;
    place = loud.length;
    return false;
  };
  const isLarge = loud.some((panel) => !isSmall(panel)) || !loud.length;
  /** Shrink loud boards until all is seen. @param {number} least @param {number} step @param {(size: number) => number} smallOf */
  const shrink = (least, step, smallOf) => {
    for (; ; size = Math.max(least, size - step)) {
      small = smallOf(size);
      if (fits() || size <= least) return;
    }
  };
  shrink(readable, 1, (each) => Math.min(each, readable));
  if (size < COMFORT || !fits()) {
    // Quiet boards become pictures before the others do.
    size = Math.min(largest, Math.max(size, COMFORT));
    shrink(readable, 1, (each) => Math.min(each, QUIETEST));
    if (isLarge && !fits()) shrink(FINEST, 0.5, (each) => Math.min(each, QUIETEST));
  }
  if (fits()) {
    while (small < size && (small++, fits()));
    if (!fits()) small--;
    small = Math.min(small, size);
  } else if (isLarge) {
    // Where nothing makes all of it fit, each large board does, and the rest is scrolled to.
    const most = Math.max(320, height * 0.62);
    size = small = readable;
    while (size > 2 && !(isWithin() && loud.every((panel) => isSmall(panel) || panel.plan.rows * size <= most)))
      size -= 0.5;
  }
  const isFit = fits();
  return {
    sizes: panels.map(cellOf),
    fits: isFit,
    high: high(),
    within: isWithin(),
    flow,
    place,
    size,
    caption: captionOf(loud.length ? loud : quiet),
  };
}

/** The boards that are seen first, and those that stand beside them. @param {Panel[]} panels @returns {Panel[][]} */
const partsOf = (panels) => [panels.filter(({ isQuiet }) => !isQuiet), panels.filter(({ isQuiet }) => isQuiet)];

/** Whether a board is to be read, however small the others are: beside a picture its output is a picture too.
 * @param {Panel} panel */
const isSmall = ({ plan, pictured }) => Math.max(plan.height, plan.width) <= (pictured ? LEAST : SMALL);

/** How wide a panel is at least, in pixels: its name has one line. @param {Panel} panel @param {Room} room */
const nameWidth = ({ array }, { rem }) => Math.max(MARGIN.l + array.name.length * 0.61 * rem, LEAST_WIDTH * rem);

/** How wide the words of a caption are, in pixels: the name, the shape, and those of the label.
 * @param {Panel} panel @param {Room} room */
function wordsOf({ array: { name, shape }, root }, { rem }) {
  const label = isPresenting() ? "" : (root.querySelector(".label")?.textContent ?? "");
  const isChinese = /[\u3400-\u9fff]/.test(label); // it breaks anywhere
  const words = label.split(isChinese ? "" : " ").map((word) => word.length * (isChinese ? 0.82 : 0.47) * rem);
  return [name.length * 0.61 * rem, shape.join("×").length * 0.47 * rem, ...words];
}

/** How many lines words take. @param {number[]} words their widths @param {number} width */
function linesIn(words, width) {
  let [lines, at] = [1, 0];
  for (const word of words) {
    if (at && at + word > width) [lines, at] = [lines + 1, 0];
    at += word + SPACE;
  }
  return lines;
}
