// @ts-check
// How large the cells of the panels on the stage are, and where the maps of each array stand: as lets all of it be
// seen at once with the largest cells. It knows panels and the room that they have, and nothing of a run.

import { element, part } from "../page/page.js";
import { isPresenting } from "../page/placing.js";
import { leastWidth, packed } from "./packing.js";
import { widthOf as textWidth } from "./width.js";

/** @typedef {import("./placed.js").Placed & {setUp: (looks: any) => void}} Panel of the stage, or of
 *   the first picture */
/** @typedef {import("../page/placing.js").SizeIn} SizeIn */
/** @typedef {import("./packing.js").Item & {panel: Panel}} Item */
/** @typedef {import("./packing.js").Packing} Packing */
/** @typedef {import("./packing.js").Room} Room */
/** @typedef {import("./plan.js").Layout} Layout */

// Pixels that a cell needs so that its number can be read; before a class what is computed is told in large digits
// beside the boards.
const READABLE = { page: 19, hall: 20 };
const COMFORT = { page: 27, hall: 34 }; // in which two numbers have room, one below the other: quiet boards give way
const LARGEST = { page: 90, hall: 128 }; // pixels of a cell at most; the last row of a hall sits far away
const SMALL = 16; // cells: maps of no more rows and columns are never drawn smaller than can be read
const LEAST = 8; // the same beside a picture,
const TABLE = 12; // and of what can be no picture there: a list, and counts, which have no colours
const MANY = 8; // maps: a board of more is rather a picture than that all are,
const ENDLESS = 1000; // and one of so many cells is never all read
const TINY = 4; // cells: a quiet board of no more takes hardly more room than its name
const TERSE = 1.3; // by how much those of a picture must grow for words to be left out that have room
const WORTH = 1.06; // by how much the cells must grow for maps to be laid out otherwise than is usual

/** Choose the arrangement, and set the panels up in it. @param {Panel[]} panels
 * @param {import("../say/look.js").Looks|undefined} looks @param {HTMLElement} board that they stand on */
export function fit(panels, looks, board) {
  const rem = remOf();
  const scrolls = getComputedStyle(board).overflowY === "visible";
  // Panels that are not sized yet may make a scrollbar, which takes room on some systems: it is reckoned with only
  // where the stage will really be scrolled.
  board.style.overflow = scrolls ? "" : "hidden";
  // Where the page scrolls, as on a phone, the stage is as high as what the transport leaves of the screen. Of this a
  // phone's window says more than is so as long as a panel that is not sized yet reaches beyond its side.
  const screen = document.documentElement.clientHeight;
  const height = scrolls ? screen - part("footer").offsetHeight - 2 * rem : board.clientHeight - 4;
  const view = isPresenting() ? "hall" : "page";
  const [readable, largest, comfort] = [READABLE, LARGEST, COMFORT].map((each) => each[view]);
  const items = itemsOf(panels);
  /** @type {Room} */ const whole = { width: widthOf(board), height, largest, scrolls, rem, readable, comfort };
  const room = roomFor(items, whole) ?? scrolled();
  if (items.some(({ panel, isQuiet }) => panel.isQuiet !== isQuiet)) {
    for (const { panel, isQuiet } of items) panel.isQuiet = isQuiet;
    stand(board, panels);
  }
  board.style.overflow = "";
  board.classList.toggle("brief", room.isBrief === true);
  const { caption } = size(room);
  board.style.setProperty("--caption", "0px");
  // The words of a caption may be wider than was reckoned, and take another line.
  const loud = panels.filter(({ isQuiet }) => !isQuiet);
  const highest = Math.max(...(loud.length ? loud : panels).map(({ root }) => part("figcaption", root).offsetHeight));
  const above = highest > caption ? size({ ...room, caption: highest }).caption : caption;
  board.style.setProperty("--caption", `${above}px`);
  for (const panel of panels) panel.setUp(looks); // its canvases are as large as they will be

  /** Less is seen at once, then. @returns {Room} */
  function scrolled() {
    if (!scrolls) board.style.overflow = "scroll";
    const left = { ...whole, width: widthOf(board) };
    arrange(items, left);
    return left;
  }

  /** @param {Room} where */
  function size(where) {
    const found = packed(items, where, true);
    for (const item of items)
      item.panel.root.style.minWidth = `${leastWidth(item, found.room, item.isQuiet && found.flow === "band")}px`;
    board.dataset.quiet = found.flow;
    loudOf(panels).forEach(({ root }, at) => (root.style.order = String(at < found.place ? 0 : 2)));
    for (const item of items) item.panel.resize(found.cellOf(item));
    return found;
  }
}

/** What gives way so that all is seen: first what is said beside names, which the pointer tells too; then boards that
 * only serve a gradient are quiet as well; at last the numbers. @param {Item[]} items @param {Room} whole
 * @returns {Room|undefined} */
function roomFor(items, whole) {
  const brief = { ...whole, isBrief: true };
  const said = whole.scrolls ? undefined : arrange(items, whole);
  if (said?.fits && said.size >= whole.readable) return whole;
  const terse = arrange(items, brief);
  const isWorth = !said?.fits || terse.size > TERSE * said.size;
  if ((terse.fits && isWorth) || whole.scrolls) return brief; // a phone has no room for words beside names
  if (said?.fits) {
    arrange(items, whole);
    return whole;
  }
  const written = items.filter(({ panel, isQuiet }) => panel.constant === false && !isQuiet);
  const serving = written.filter(({ panel }) => panel.array.role !== "gradient");
  const isServed = serving.length < written.length;
  for (const item of serving) item.isQuiet ||= isServed;
  if (isServed && arrange(items, brief).fits) return brief;
  const pictured = { ...brief, isPictured: true };
  return arrange(items, pictured).fits ? pictured : undefined;
}

/** Put panels on a board: quiet ones stand together behind the others.
 * @param {HTMLElement} board @param {Panel[]} panels */
export function stand(board, panels) {
  const quiet = panels.filter(({ isQuiet }) => isQuiet);
  const beside = element("div", { class: "quiet-boards" }, ...quiet.map(({ root }) => root));
  board.replaceChildren(...loudOf(panels).map(({ root }) => root), ...(quiet.length ? [beside] : []));
}

/** How large the cells would be in a room, and whether all would be seen there.
 * @param {Panel[]} panels @returns {SizeIn} */
export function sizing(panels) {
  const items = itemsOf(panels);
  const rem = remOf();
  const view = isPresenting() ? "hall" : "page";
  const [readable, comfort] = [READABLE[view], COMFORT[view]];
  return ({ width, height }, largest) => {
    const room = { width: width - 1, height: height - 4, largest, scrolls: false, rem, readable, comfort };
    const brief = { ...room, isBrief: true };
    for (const each of [room, brief]) {
      const found = arrange(items, each);
      if (found.fits) return found;
    }
    return arrange(items, { ...brief, isPictured: true });
  };
}

/** Lay out the maps of the arrays below each other or side by side, as makes the cells largest; arrays of one shape
 * alike. Scratch arrays stay as they are: a patch, its kernel and their product stand in line.
 * @param {Item[]} items @param {Room} room
 * @returns {Packing} */
function arrange(items, room) {
  const isFree = (
    /** @type {Item} */ {
      panel: {
        array: { role, shape },
      },
    },
  ) => role !== "scratch" && ((shape.length === 3 && shape[0] > 1) || shape.length === 4);
  const free = items.filter(isFree);
  for (const item of items) lay(item, isFree(item) && item.panel.array.shape.length === 3 ? "block" : "stack");
  const shapes = new Map(free.map(({ panel: { array } }) => [array.shape.join(), /** @type {Item[]} */ ([])]));
  for (const item of free) shapes.get(item.panel.array.shape.join())?.push(item);
  let best = packed(items, room);

  /** Lay some out otherwise, if that pays. @param {Item[]} some @param {Layout} layout */
  function attempt(some, layout) {
    const before = some.map(({ panel }) => panel.layout);
    if (before.every((each) => each === layout)) return;
    for (const item of some) lay(item, layout);
    const next = packed(items, room);
    if (pays(best, next)) best = next;
    else some.forEach((item, at) => lay(item, before[at]));
  }

  // All of them side by side may be better where no single one is.
  for (const layout of /** @type {const} */ (["line", "stack", "block"])) {
    attempt(free, layout);
    if (shapes.size > 1) for (const alike of shapes.values()) attempt(alike, layout);
  }
  return best;
}

/** Larger cells are better, to see all of it is better than any size, and no board is wider than the stage if that can
 * be. @param {Packing} before @param {Packing} now */
function pays(before, now) {
  if (now.within !== before.within) return now.within;
  if (now.fits !== before.fits) return now.fits;
  const isLower = !now.fits && now.size >= before.size && WORTH * now.high < before.high; // less is scrolled to
  const isQuieter = now.size === before.size && now.small > WORTH * before.small;
  return now.size > WORTH * before.size || isQuieter || isLower;
}

/** @param {Item} item @param {Layout} layout */
function lay(item, layout) {
  item.panel.arrange(layout);
  item.plan = item.panel.plan;
  item.isTiny = Math.max(item.plan.columns, item.plan.rows) <= TINY;
}

/** Arrays of one shape are as wide as each other, however long their names are: where they stand below each other,
 * so do their cells. @param {Panel[]} panels @returns {Item[]} */
function itemsOf(panels) {
  const rem = remOf();
  const items = panels.map((panel) => itemOf(panel, rem));
  /** @type {Map<string, Item["widest"]>} */ const shared = new Map(); // by shape
  for (const item of items) {
    const { role, shape } = item.panel.array;
    if (role === "scratch") continue;
    const widest = shared.get(shape.join()) ?? item.widest;
    widest.words = Math.max(widest.words, item.widest.words);
    widest.brief = Math.max(widest.brief, item.widest.brief);
    shared.set(shape.join(), (item.widest = widest));
  }
  return items;
}

/** @param {Panel} panel @param {number} rem @returns {Item} */
function itemOf(panel, rem) {
  const { plan, pictured, isQuiet } = panel;
  const isTable = plan.shape.length === 1 || panel.array.role === "count";
  const most = !pictured ? SMALL : isTable ? TABLE : LEAST;
  const { words, brief } = wordsOf(panel, rem);
  return {
    panel,
    plan,
    isQuiet,
    isTiny: false,
    // Beside a picture its output is a picture too.
    isSmall: Math.max(plan.height, plan.width) <= most && plan.xs.length <= ENDLESS,
    isMany: plan.maps.length > MANY,
    wideOf: (cell) => panel.wideOf(cell),
    words,
    brief,
    widest: { words: Math.max(...words.flat()), brief: Math.max(...brief.flat()) },
  };
}

/** How wide the words of a caption are, in pixels: the name, the alias, the shape, the label; and those that
 * always stand there. @param {Panel} panel @param {number} rem */
function wordsOf({ array: { name, shape }, root }, rem) {
  const [alias, label] = ["em", ".label"].map((selector) => root.querySelector(selector)?.textContent ?? "");
  const isChinese = /[\u3400-\u9fff]/.test(label); // it breaks anywhere
  const wide = isChinese ? 0.82 : 0.5;
  const widths = (/** @type {string[]} */ words) => words.filter(Boolean).map((word) => word.length * wide * rem);
  const [first, size] = [name.length * 0.61 * rem, textWidth(shape.join("×")) * 0.8 * rem];
  const said = isPresenting() || !label ? [] : [widths(label.split(isChinese ? "" : " "))];
  const other = alias ? [[alias.length * 0.49 * rem]] : [];
  return { words: [[first], ...other, [size], ...said], brief: [[first], [size]] };
}

const remOf = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

/** In whole pixels: to ask for its width rounds up what lies between two of them. @param {HTMLElement} board */
const widthOf = (board) => board.clientWidth - 1;

/** The boards that are seen first. @param {Panel[]} panels */
const loudOf = (panels) => panels.filter(({ isQuiet }) => !isQuiet);
