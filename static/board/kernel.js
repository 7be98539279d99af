// @ts-check
// What lies on a board: the kernel on the window that it covers, each of its weights in small below the number that it
// meets; a stamp, as +4 before it is added and as 2+4 below the sum; or the frame of a contest. It slides as the walk
// goes on. It knows windows and places, and no layer.

import { exact } from "../say/look.js";
import { element } from "../page/page.js";
import { MARGIN } from "./plan.js";
import { fitted, widthOf } from "./width.js";

/** @import { Looks } from "../say/look.js" */
/** @import { Covered, Window } from "../why/work.js" */
/** @import { Panel } from "./panel.js" */
/** @typedef {Covered & {x: number, y: number}} Placed with its place in its plate, in cells
 * @typedef {{x: number, y: number, width: number, height: number, cells: Placed[]}} Plate what lies on one map */

const LEAST = 23; // pixels of a cell: in less its two numbers run into those above and below
const SMALLEST = 12; // pixels of a letter
const SHARE = 0.48; // of the height of a cell, for the weight: digits of 12 pixels are 9 high
const INSIDE = 0.92;
const BOLD = 1.12; // times as wide as usual letters

export class Kernel {
  /** @type {HTMLElement[]} one for each map */ #roots = [];
  /** @type {HTMLElement[]} one for each window that the winner has won before */ #earlier = [];
  /** @type {Panel|undefined} */ #panel;
  /** @type {Looks|undefined} */ #looks;
  #written = "";

  /** Lay it down, or take it away. @param {Window|undefined} window @param {Panel|undefined} panel of its array
   * @param {Looks} looks @returns {boolean} whether weights are written on it */
  lay(window, panel, looks) {
    if (!window || !panel) {
      this.clear();
      return false;
    }
    if (panel !== this.#panel || looks !== this.#looks) this.clear();
    [this.#panel, this.#looks] = [panel, looks];
    const { cell } = panel.size;
    const met = cell < LEAST ? [] : window.cells.filter((each) => each.met);
    // Where cells hold the sums already, a lone number below one would look as if it were still to be added.
    const isSum = met.some((each) => each.met?.before !== undefined);
    const weighed = isSum && !met.every((each) => wideOf(sumOf(each)) * SMALLEST <= panel.wide * INSIDE) ? [] : met;
    panel.cover(weighed.map(({ flat }) => flat));
    const plates = platesOf(window, panel);
    while (this.#roots.length > plates.length) this.#roots.pop()?.remove();
    while (this.#roots.length < plates.length) {
      const root = element("div", { class: "kernel", "aria-hidden": "true" });
      panel.board.append(root);
      this.#roots.push(root);
    }
    const isEnlarged = cell < LEAST && !window.isAdded && !window.isCompared;
    plates.forEach((plate, nth) => {
      const root = this.#roots[nth];
      setPlace(root, plate, panel);
      root.classList.toggle("on-picture", isEnlarged);
      root.style.setProperty("--cells", weighed.length ? `${panel.wide}px ${cell}px` : "0");
    });
    this.#frame(window.earlier ?? [], panel);
    const shown = (/** @type {Placed} */ { x, y, flat, met }) => [
      x, y, met?.value, met?.before, flat === window.winner,
    ]; // prettier-ignore
    const key = JSON.stringify([cell, panel.wide, window.isAdded, plates.map(({ cells }) => cells.map(shown))]);
    if (key === this.#written) return weighed.length > 0;
    this.#written = key;
    const write = this.#writer(window, weighed, panel, looks);
    plates.forEach(({ cells }, nth) => this.#roots[nth].replaceChildren(...cells.flatMap(write)));
    return weighed.length > 0;
  }

  /** Frame the windows that the winner has won before. @param {{cells: Covered[]}[]} windows @param {Panel} panel */
  #frame(windows, panel) {
    for (const root of this.#earlier) root.remove();
    this.#earlier = windows
      .flatMap((each) => platesOf(each, panel))
      .map((plate) => {
        const root = element("div", { class: "earlier-window", "aria-hidden": "true" });
        setPlace(root, plate, panel);
        panel.board.append(root);
        return root;
      });
  }

  /** How a cell is written. @param {Window} window @param {Covered[]} weighed those that a number lies on
   * @param {Panel} panel @param {Looks} looks @returns {(cell: Placed) => HTMLElement[]} */
  #writer({ isAdded, isCompared, winner }, weighed, { wide, size: { cell } }, looks) {
    const high = Math.round(cell * SHARE);
    const letters = Math.max(SMALLEST, Math.round(high * 0.8));
    const room = (wide * INSIDE) / letters;
    const isSum = weighed.some(({ met }) => met?.before !== undefined);
    const smaller = isSum ? Math.min(1, ...weighed.map((each) => room / wideOf(sumOf(each)))) : 1;
    const sign = (/** @type {number} */ value) => (isCompared || (isAdded && value < 0) ? "" : isAdded ? "+" : "×");
    const signed = (/** @type {number} */ value) => sign(value) + exact(value);
    // All of them have a sign, or none: a lone one would look like another number.
    const isSigned = weighed.every(({ met }) => widthOf(signed(Number(met?.value))) <= room);
    return (each) => {
      const { flat, met, x, y } = each;
      const [left, top] = [x * wide, y * cell];
      if (!met || !weighed.length) return flat === winner ? [spot("winner", left, top, wide, cell)] : [];
      const { value } = met;
      const { text, size, rounded } = isSum
        ? { text: sumOf(each), size: smaller, rounded: false }
        : isSigned
          ? { text: signed(value), size: 1, rounded: false }
          : fitted(value, room, SMALLEST / letters);
      const { fill, ink } = looks.of(met.array ?? { scale: null }).of(value);
      const weight = spot(value === 0 ? "weight zero" : "weight", left, top + cell - high, wide, high);
      weight.textContent = text;
      weight.classList.toggle("rounded", rounded);
      const style = { background: fill, color: ink, fontSize: `${letters * size}px`, lineHeight: `${high}px` };
      Object.assign(weight.style, style);
      return flat === winner ? [weight, spot("winner", left, top, wide, cell)] : [weight];
    };
  }

  clear() {
    this.#panel?.cover([]);
    for (const root of [...this.#roots, ...this.#earlier]) root.remove();
    this.#roots = [];
    this.#earlier = [];
    this.#panel = undefined;
    this.#written = "";
  }
}

/** @param {string} text in bold letters */
const wideOf = (text) => BOLD * widthOf(text);

/** What a cell was, and what has been added: 4+6, or 4−3. @param {Covered} covered */
function sumOf({ met }) {
  const { before = 0, value = 0 } = met ?? {};
  return `${exact(before)}${value < 0 ? "" : "+"}${exact(value)}`;
}

/** @param {HTMLElement} root @param {Plate} plate @param {Panel} panel */
function setPlace({ style }, { x, y, width, height }, { wide, size: { cell } }) {
  Object.assign(style, {
    translate: `${MARGIN.l + x * wide}px ${MARGIN.t + y * cell}px`,
    width: `${width * wide}px`,
    height: `${height * cell}px`,
  });
}

/** The cells of a window map by map, with the box around them. @param {{cells: Covered[]}} window @param {Panel} panel
 * @returns {Plate[]} */
function platesOf({ cells }, { plan }) {
  const size = plan.height * plan.width;
  /** @type {Map<number, Covered[]>} */ const maps = new Map();
  for (const covered of cells) {
    const map = Math.floor(covered.flat / size);
    maps.set(map, [...(maps.get(map) ?? []), covered]);
  }
  return [...maps.values()].map((each) => {
    const [across, down] = [plan.xs, plan.ys].map((places) => each.map(({ flat }) => places[flat]));
    const [x, y] = [Math.min(...across), Math.min(...down)];
    const inside = each.map((covered, at) => ({ ...covered, x: across[at] - x, y: down[at] - y }));
    return { x, y, width: Math.max(...across) - x + 1, height: Math.max(...down) - y + 1, cells: inside };
  });
}

/** @param {string} kind @param {number} left @param {number} top @param {number} width @param {number} height */
function spot(kind, left, top, width, height) {
  const made = element("span", { class: kind });
  Object.assign(made.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  return made;
}
