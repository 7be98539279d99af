// @ts-check
// The stage: the arrays of the scene that runs, in the order in which data flows through it. It decides how large they
// are and what is marked on them; a panel draws each.

import { Links } from "../why/links.js";
import { current } from "../why/current.js";
import { shownNumber } from "../why/decimal.js";
import { derivationsOf } from "../why/derivation.js";
import { fit, sizing, stand } from "./fit.js";
import { Kernel } from "./kernel.js";
import { hideScale, legend, showKey, showLinkKey, showMet, showScale } from "./legend.js";
import { Looks, themeOf } from "../say/look.js";
import { linkMarks } from "./marks.js";
import { element, part } from "../page/page.js";
import { Panel } from "./panel.js";
import { Way } from "./way.js";
import { cellAt, countOf, eachCell } from "../run/box.js";
import { homeAt } from "../why/home.js";
import { windowOf } from "../why/work.js";

/** @import {Trace, Scene, NamedArray} from "../run/trace.js" */
/** @typedef {import("../say/cell.js").Cell} Cell */
/** @typedef {import("../why/links.js").Linked} Linked */
/** @typedef {import("../page/placing.js").SizeIn} SizeIn */
/** @import {Lit, LinkMarks} from "./marks.js" */
/** @import {Derivation} from "../why/derivation.js" */
/** @typedef {{k: number, first: number, stop: number, scene: Scene, cell?: Cell, glance?: Cell, asked?: Asked}} Frame
 *   the moment after k steps; those from first to stop are lit, and the reader looks at a cell, or at the name of
 *   another one */
/** While the reader is asked what comes next, what is seen of it and of what it is made of.
 * @typedef {object} Asked
 * @property {boolean} hides whether the sum is hidden, and not its result alone
 * @property {boolean} keeps whether the step before it stays lit
 * @property {import("../run/trace.js").Access[]} reads what is marked
 * @property {{array: string, flat: number}} [aim] the cell that is framed
 * @property {import("../why/work.js").Window} [window] what lies on a board
 * @property {Derivation} [derivation] what is worked out, once it may be seen
 * @property {Derivation} [sum] what is asked for */
/** @typedef {(text: string) => string} Say */
/** A part of the page that is told of each run, and draws the moments of it.
 * @typedef {{begin: (next: Trace) => void, draw: (frame: Frame) => void}} View */

/** @typedef {object} Strip what may show the numbers of some arrays in the place of their boards
 * @property {(scene: Scene) => Set<string>} shown the arrays that need no board then
 * @property {(scene: Scene, all: Panel[], sizeIn: SizeIn) => boolean} place takes a place beside boards of these
 *   sizes, and says whether there is one */

/** @typedef {object} Around what stands around the stage
 * @property {(cell: Cell|undefined) => void} point is called with the cell that the reader points at or pins
 * @property {() => boolean} free lets go of a pinned one, and says whether there was any
 * @property {Strip} strip
 * @property {import("../why/work.js").Work} work
 * @property {boolean} [asked] whether the reader has come for the step that is shown first
 * @property {(trace: Trace, array: NamedArray, flat: number, say: Say) => string} [tell] says more of a cell */

const BRISK = 250; // milliseconds between two steps: with less nothing slides
const READ = 12; // rows and columns: larger maps are seen as pictures rather than read, number by number
/** @type {Lit} */ const DARK = { before: [], read: [], write: [] };

/** @param {HTMLElement} root @param {Trace} trace @param {Say} say
 * @param {() => void} again asks for another draw at the next frame @param {Around} around
 * @param {Cell} [held] the cell that had the focus on the stage before this one */
export function stage(root, trace, say, again, { point, free, strip, work, asked = false, tell = () => "" }, held) {
  const sources = new Map(trace.header.sources.map((/** @type {any} */ source) => [source.name, source]));
  /** @type {Map<string, Panel>} */ const panels = new Map();
  /** @type {Scene|undefined} */ let set; // the scene that the stage is set for
  /** @type {Frame|undefined} */ let painted; // the moment that the panels show
  /** @type {Derivation|undefined} */ let worked; // what the kernel was laid down for,
  let wasPinned = false; // whether a cell was pinned,
  let arrived = 0; // and how many steps had arrived by then
  let stepped = false; // whether the walk has moved within the scene, or on to it
  let placed = true; // whether the stage is scrolled to where the scene begins
  /** @type {NamedArray|undefined} */ let scaled; // the array whose scale is told
  let isWide = false; // whether a board is wider than the stage
  let isSeen = false; // whether all of the scene is known to be in view
  let moved = 0; // when the walk went on last
  let scrolled = NaN; // how far it was scrolled to show a cell last; who scrolls it further is left alone
  /** @type {Map<string, Lit>} */ let lit = new Map();
  /** @type {import("../why/work.js").Window|undefined} */ let home; // the window whose winner gets a gradient
  /** @type {Generator<void, void>|undefined} */ let unread; // the search for cells that the scene never reads
  let numberFor = { key: "", number: NaN }; // the last cell whose number was asked for
  const links = new Links(trace);
  /** @type {Map<string, LinkMarks>} */ let linked = new Map(); // the marks of the cell looked at
  /** @type {Linked|undefined|null} */ let linkedFor = null; // what those are made of
  /** @type {import("./grid.js").Hand} */
  const hand = {
    point,
    free,
    byKeyboard: true,
    leave: () => point(hand.byKeyboard ? focused() : undefined),
    tell: (array, flat) => tell(trace, array, flat, say),
    number: numberOf,
  };
  root.tabIndex = -1;
  let looks = new Looks(themeOf());
  const kernel = new Kernel();
  const aim = element("div", { class: "aim", "aria-hidden": "true" });
  const key = part(".legend", root);
  const board = part(".panels", root); // the server's picture stays on it until there is one to take its place
  const way = new Way(board);
  /** Until which moment of the scene it was looked, and when it was there first. */
  const known = { making: { looked: 0, at: Infinity }, before: { looked: 0, at: Infinity } };

  /** What to show of a cell's number: its sum in decimals, if it is one. It is asked for at every draw of a cell that
   * is looked at. @param {NamedArray} array @param {number} flat */
  function numberOf(array, flat) {
    const value = array.cells[flat];
    if (!array.isKnown(flat) || Number.isInteger(value)) return value;
    const key = `${array.name} ${flat} ${trace.at} ${value}`;
    if (numberFor.key === key) return numberFor.number;
    numberFor = { key, number: shownNumber(derivationsOf(trace).of(array.name, flat, trace.at)) };
    return numberFor.number;
  }

  /** @param {Scene} scene */
  function setFor(scene) {
    const { writes, quiet, plot } = sources.get(scene.source);
    const hasSum = trace.chapters.some(({ adds_up, scenes }) => adds_up && scenes.includes(scene));
    root.classList.toggle("plotless", !hasSum && !plot); // the boards have the room of the plot
    const begin = Math.min(scene.first, trace.steps.length);
    held ??= focused();
    /** @type {Map<string, string[]>} what the function calls each array */ const names = new Map();
    for (const [parameter, name] of scene.arrays) names.set(name, [...(names.get(name) ?? []), parameter]);
    let ordered = [...names.keys()].map((name) => {
      const panel = panels.get(name) ?? new Panel(/** @type {NamedArray} */ (trace.byName.get(name)), say, hand);
      panels.set(name, panel);
      return panel;
    });
    const pictured = ordered.some(({ plan }) => Math.max(plan.height, plan.width) > READ && plan.shape.length > 1);
    for (const panel of ordered) {
      const called = names.get(panel.array.name) ?? [];
      const isWritten = called.some((parameter) => writes.includes(parameter));
      const isRow = panel.array.role === "scratch" && panel.array.shape.length === 1; // it is no map
      const isQuiet = isRow || called.every((parameter) => quiet.includes(parameter));
      panel.prepare(isWritten, called[0], pictured, isQuiet, trace.cellsAt(panel.array, begin));
    }
    // What the strip shows need not stand on a board as well.
    kernel.clear();
    const elsewhere = strip.shown(scene);
    const others = ordered.filter(({ array }) => !elsewhere.has(array.name));
    if (strip.place(scene, ordered, sizing(others))) ordered = others;
    for (const [name, panel] of panels) if (!ordered.includes(panel)) panels.delete(name);
    stand(board, ordered);
    scaled = undefined;
    fit(ordered, looks, board);
    for (const panel of ordered) panel.reachTo(board.clientWidth);
    isWide = ordered.some((panel) => panel.root.classList.contains("wide"));
    set = scene;
    painted = undefined;
    placed = isSeen = false;
    scrolled = NaN;
    for (const panel of ordered) panel.unread = [];
    showKey(key, "unread", false);
    for (const name of /** @type {const} */ (["making", "before"]))
      known[name] = { looked: scene.first, at: Infinity };
    unread = findUnread(
      scene,
      ordered.filter((panel) => panel.constant),
    );
    linkedFor = null;
    if (held) giveFocus(held);
    held = undefined;
  }

  /** The focus is never lost: it goes to the cell again, or else to the stage. @param {Cell} cell */
  function giveFocus({ array, flat }) {
    const panel = panels.get(array);
    if (panel && flat < panel.array.cells.length) panel.grid.focus(flat);
    else root.focus({ preventScroll: true });
  }

  /** The cell that has the focus. @returns {Cell|undefined} */
  function focused() {
    for (const [array, { grid }] of panels) if (grid.hasFocus) return { array, flat: grid.flat, pinned: false };
    return undefined;
  }

  /** @param {{cell?: Cell, glance?: Cell}} frame */
  const lookedAt = ({ cell, glance }) => [glance, cell].find((each) => each && panels.has(each.array));

  /** Whether two frames ask the same. @param {Frame|undefined} one @param {Frame} other */
  const asksAlike = (one, other) => one?.asked === other.asked;

  /** Find what the cell that the reader looks at has to do with others, if that has changed. @param {Frame} frame */
  function link({ scene, k, ...frame }) {
    const cell = frame.asked ? undefined : lookedAt(frame); // what comes next would be seen from its links
    const found = cell && links.of(scene, cell.array, cell.flat, k);
    if (linkedFor === found) return;
    linkedFor = found;
    linked = new Map();
    if (found) for (const [name, { plan }] of panels) linked.set(name, linkMarks(plan, name, found));
  }

  /** Find, a little at a time, which cells of the arrays that a scene only reads it never reads: the rows and columns
   * that are left over, the cells between the places of a large stride.
   * @param {Scene} scene @param {Panel[]} panels @returns {Generator<void, void>} */
  function* findUnread(scene, panels) {
    while (trace.steps.length < scene.stop) yield;
    const seen = new Map(panels.map(({ array }) => [array, new Uint8Array(array.cells.length)]));
    /** @type {Map<NamedArray, Set<number>>} the steps that read it */ const steps = new Map();
    for (let step = scene.first; step < scene.stop; step++) {
      for (const { array, box } of trace.steps[step].accesses) {
        const mask = seen.get(array);
        if (!mask) continue;
        eachCell(box, array.strides, (flat) => (mask[flat] = 1));
        steps.set(array, (steps.get(array) ?? new Set()).add(step));
      }
      if ((step - scene.first) % 2000 === 1999) yield;
    }
    for (const panel of panels) {
      const mask = /** @type {Uint8Array} */ (seen.get(panel.array));
      // Who looks up a single cell once has left out no others.
      if (Number(steps.get(panel.array)?.size) > 1) panel.unread = panel.plan.strokes((flat) => mask[flat] === 0);
    }
    showKey(
      key,
      "unread",
      panels.some((panel) => panel.unread.length > 0),
    );
  }

  /** @param {Frame} frame @param {Derivation|undefined} derivation what is worked out at that moment */
  function draw(frame, derivation) {
    const isMoved = painted !== undefined && painted.k !== frame.k;
    if (isMoved) {
      const now = performance.now();
      root.classList.toggle("brisk", now - moved < BRISK);
      moved = now;
    }
    // In another page somebody else may go on, such as a teacher: there a new scene is seen from its top.
    const isNext = () => frame.first === painted?.stop && !root.closest(".embedded");
    const goesOn = isMoved && (set === frame.scene || isNext());
    stepped = asked || goesOn || (set === frame.scene && stepped);
    asked = false;
    if (set !== frame.scene) {
      const follows = goesOn && isPage() && root.getBoundingClientRect().top < 1 && !isScrolled(scrollerOf());
      setFor(frame.scene);
      if (follows) root.scrollIntoView(); // with another height of the stage the page is scrolled to another place
      const looked = frame.scene.arrays.find(([, array]) => array === frame.cell?.array)?.[1];
      if (looked && !panels.has(looked) && !free()) point(undefined); // its board has given way to the strip
    }
    link(frame);
    const isNew =
      painted?.k !== frame.k ||
      painted.first !== frame.first ||
      painted.stop !== frame.stop ||
      !asksAlike(painted, frame);
    if (isNew) light(frame);
    const isPinned = frame.cell?.pinned === true;
    if (isNew || derivation !== worked || isPinned !== wasPinned || arrived !== trace.steps.length) {
      [worked, wasPinned, arrived] = [derivation, isPinned, trace.steps.length];
      layKernel(frame, derivation);
      aimAt(frame);
    }
    if (frame.asked && isNew) for (const { grid } of panels.values()) grid.refresh(false); // they tell what was known
    for (const [name, panel] of panels) panel.mark(lit.get(name) ?? DARK, linked.get(name));
    showKey(
      key,
      "filled",
      [...panels.values()].some((panel) => panel.fills),
    );
    showKey(
      key,
      "rounded",
      [...panels.values()].some((panel) => panel.rounds),
    );
    if (isNew) way.draw(...carried(frame));
    nameCell(lookedAt(frame));
    tellScale(lookedAt(frame)?.array, frame.asked !== undefined);
    showLinkKey(key, !frame.asked && lookedAt(frame) !== undefined); // behind the scale, which has to stand there
    painted = frame;
    if (unread) {
      if (unread.next().done) unread = undefined;
      if (trace.steps.length >= frame.scene.stop) again(); // what has not arrived asks for a draw when it does
    }
  }

  /** Paint what a moment has changed, and find what it lights. @param {Frame} frame */
  function light({ k, first, stop, asked }) {
    home = asked ? undefined : homeAt(trace, k);
    const { steps } = trace;
    const { reads, writes } = touched([...steps.slice(first, stop), { accesses: asked?.reads ?? [] }]);
    const beats = asked ? [] : steps.slice(Math.min(trace.iterationAt(k), first), first); // for the same cell
    const added = (home?.earlier ?? []).map(({ step }) => steps[step]); // to it
    const before = touched([...beats, ...added]).reads;
    lit = new Map();
    for (const [name, panel] of panels) {
      const { array, plan } = panel;
      const isUnused = array.role === "scratch" && array.isKnown(0) && !reads.has(name);
      panel.root.classList.toggle("stale", isUnused && !isFresh(array, k));
      panel.paint();
      const [earlier, read, write] = [before, reads, writes].map((masks) => {
        const mask = masks.get(name);
        return mask ? plan.outline(plan.grid((flat) => mask[flat] === 1)) : [];
      });
      lit.set(name, { before: earlier, read, write });
    }
    const isBefore = [...lit.values()].some(({ before }) => before.length > 0);
    showKey(key, "before", isBefore || (stop - first === 1 && hasBeen("before", k)));
    showKey(key, "making", hasBeen("making", k));
    if (placed && isSeen && !isWide) return;
    const now = asked ? asked.aim : current(trace, { k });
    const panel = now && panels.get(now.array);
    if (!panel) return;
    if (!placed) placed = bringIntoView(panel);
    follow(panel, now.flat);
  }

  /** Lay down what lies on a board at a moment. @param {Frame} frame @param {Derivation|undefined} derivation */
  function layKernel({ k, cell, asked }, derivation) {
    const onWay = cell?.pinned || asked ? undefined : (work.scatterAt(k) ?? home);
    const window = asked?.window ?? onWay ?? (derivation && windowOf(derivation, k));
    const lies = kernel.lay(window, panels.get(window?.array.name ?? ""), looks);
    showMet(key, say, lies ? window : undefined);
  }

  /** The cell that the steps under way will write. @param {number} k */
  function madeAt(k) {
    const now = current(trace, { k });
    return now?.count === 1 && now.moment > k && panels.has(now.array) ? now : undefined;
  }

  /** Whether something has been on the stage by now in this scene: what comes and goes with every cell keeps its key,
   * and a link leads to the same legend. @param {"making"|"before"} name @param {number} k */
  function hasBeen(name, k) {
    const since = known[name];
    while (since.at > since.looked && since.looked < k) {
      const moment = ++since.looked;
      const earlier = trace.steps.slice(trace.iterationAt(moment), moment - 1);
      const isThere =
        name === "making"
          ? madeAt(moment)
          : earlier.some(({ accesses }) => accesses.some(({ array, values }) => !values && panels.has(array.name)));
      if (isThere) since.at = moment;
    }
    return since.at <= k;
  }

  /** Frame the cell that the steps under way will write. @param {Frame} frame */
  function aimAt({ k, asked }) {
    const now = asked ? asked.aim : madeAt(k);
    aim.classList.toggle("asked", asked !== undefined);
    const panel = now && panels.get(now.array);
    if (panel) panel.layOver(aim, now.flat);
    else aim.remove();
  }

  /** The cells between which the lit steps carry a number: the one that they read and the one that they write. Places
   * that are remembered, and what is added to, do not count.
   * @param {Frame} frame @returns {import("./way.js").Spot[]} */
  function carried({ first, stop }) {
    const accesses = trace.steps.slice(first, stop).flatMap((step) => step.accesses);
    const counts = (/** @type {import("../run/trace.js").Access} */ { array }) => array.role !== "count";
    const written = accesses.filter((access) => access.values && counts(access));
    const read = accesses.filter((access) => !access.values && counts(access) && access.array !== written[0]?.array);
    if (written.length !== 1 || read.length !== 1) return [];
    return [...read, ...written].flatMap(({ array, box }) => {
      const panel = panels.get(array.name);
      const cell = panel && countOf(box) === 1 ? panel.boxOf(cellAt(box, array.strides, 0)) : undefined;
      return panel && cell ? [{ cell, board: panel.board.getBoundingClientRect() }] : [];
    });
  }

  /** Whether the page scrolls, as on a phone, and not the stage. */
  const isPage = () => getComputedStyle(board).overflowY === "visible";

  const scrollerOf = () => (isPage() ? document.documentElement : board);

  /** Whether somebody has scrolled since a cell was shown. @param {HTMLElement} scroller */
  const isScrolled = (scroller) => Math.abs(scroller.scrollTop - scrolled) > 1;

  /** Where not all of the stage can be seen, the cell that is computed is: it is scrolled to as soon as it lies
   * outside, and no further than that. What is taken and multiplied for it moves nothing, and who scrolls the stage is
   * left alone. @param {Panel} panel @param {number} flat */
  function follow(panel, flat) {
    if (isWide) panel.bring(flat);
    if (isSeen) return; // to look once more at every step takes time
    const scroller = scrollerOf();
    if ((isSeen = scroller.scrollHeight <= scroller.clientHeight + 1)) return;
    const isElsewhere = scroller !== board && (!stepped || root.getBoundingClientRect().top > 1);
    if (isElsewhere || isScrolled(scroller)) return; // the reader looks at something else
    const { top, bottom } = scroller === board ? board.getBoundingClientRect() : between();
    const cell = panel.boxOf(flat);
    const room = Math.min(2 * cell.height, (bottom - top) / 4);
    if (cell.bottom > bottom) scroller.scrollTop += cell.bottom - bottom + room;
    else if (cell.top < top) scroller.scrollTop -= top - cell.top + room;
    scrolled = scroller.scrollTop;
  }

  /** What is seen of a page that scrolls: below what is said, and above the transport with its hint. */
  function between() {
    const foot = part("footer");
    const edges = [foot, ...foot.querySelectorAll(".tip:not([hidden])")].map(
      (each) => each.getBoundingClientRect().top,
    );
    return { top: part(".saying", root).offsetHeight, bottom: Math.min(...edges) };
  }

  /** Where not all panels can be seen at once, the one whose cell a scene computes first is. Where the page scrolls,
   * the stage comes to the top as soon as the walk moves on, unless the reader is looking at something else.
   * @param {Panel} panel @returns {boolean} whether there is nothing left to do in this scene */
  function bringIntoView({ root: shown }) {
    if (isPage()) {
      const { top, bottom } = root.getBoundingClientRect();
      const room = part("footer").getBoundingClientRect().top;
      if (stepped && top > 0 && top < room / 2 && bottom > room) window.scrollBy(0, top);
      return stepped;
    }
    const [room, box] = [board.getBoundingClientRect(), shown.getBoundingClientRect()];
    if (box.bottom > room.bottom) board.scrollTop += Math.min(box.bottom - room.bottom + 4, box.top - room.top);
    else if (box.top < room.top) board.scrollTop -= room.top - box.top;
    return true;
  }

  /** The scale is that of the array that the reader looks at, or else of the first; its ends may be what is asked.
   * @param {string|undefined} name @param {boolean} isAsked */
  function tellScale(name, isAsked) {
    key.classList.toggle("asking", isAsked);
    if (isAsked) {
      scaled = undefined;
      return hideScale(key);
    }
    const arrays = [...panels.values()].map(({ array }) => array).filter(({ scale }) => scale);
    const array = arrays.find((each) => each.name === name) ?? arrays[0];
    if (!array || array === scaled) return;
    scaled = array;
    showScale(key, looks, array, new Set(arrays.map((each) => looks.of(each))).size > 1);
    showLinkKey(key, false); // it stands behind the scale, which is another one now
  }

  /** Name the cell that the reader looks at, and say of the one that has the focus what is known by now.
   * @param {Cell|undefined} cell */
  function nameCell(cell) {
    for (const [name, panel] of panels) {
      const here = cell?.array === name ? cell : undefined;
      panel.name(here, board);
      if (panel.grid.hasFocus) panel.grid.refresh(here?.pinned === true && here.flat === panel.grid.flat);
    }
  }

  /** Whether a scratch array was written in the iteration that stands after k steps; what it holds is of this cell,
   * then, and not of the one before. @param {NamedArray} array @param {number} k */
  function isFresh(array, k) {
    const steps = trace.steps.slice(trace.iterationAt(k), k);
    return steps.some(({ accesses }) => accesses.some((access) => access.values && access.array === array));
  }

  /** Which cells the steps touch, by array. @param {Pick<import("../run/trace.js").Step, "accesses">[]} steps */
  function touched(steps) {
    /** @type {Map<string, Uint8Array>} */ const reads = new Map();
    /** @type {Map<string, Uint8Array>} */ const writes = new Map();
    for (const { accesses } of steps)
      for (const { array, box, values } of accesses) {
        if (!panels.has(array.name)) continue;
        const marks = values ? writes : reads;
        const mask = marks.get(array.name) ?? new Uint8Array(array.cells.length);
        marks.set(array.name, mask);
        eachCell(box, array.strides, (flat) => (mask[flat] = 1));
      }
    return { reads, writes };
  }

  /** Draw everything anew at the next frame: the room or the theme has changed. */
  function refresh() {
    looks = new Looks(themeOf());
    legend(key, say);
    set = undefined;
  }

  function close() {
    window.removeEventListener("scroll", follows, true);
    for (const { root: shown } of panels.values()) shown.remove();
    panels.clear();
  }

  legend(key, say);
  /** A cell's name goes along with what it stands in. @param {Event} event */
  const follows = ({ target }) => target instanceof Node && target.contains(board) && again();
  window.addEventListener("scroll", follows, { capture: true, passive: true });
  return { draw, refresh, close, focused, panel: (/** @type {string} */ name) => panels.get(name) };
}
