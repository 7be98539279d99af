// @ts-check
// The cells of a board for the keyboard and for those who hear the page. The cells are painted; real is just the one
// that has the focus. There are two elements for it, which take turns: a reader is told of each that gets the focus.
// It knows the places of the board, and nothing of what is computed.

import { sentenceOf } from "../say/cell.js";
import { element } from "../page/page.js";
import { MARGIN } from "./plan.js";

/** @typedef {import("../run/trace.js").NamedArray} NamedArray */
/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("../say/cell.js").Cell} Cell */
/** @typedef {{point: (cell: Cell|undefined) => void, free: () => boolean, leave: () => void, byKeyboard: boolean,
 *   tell: (array: NamedArray, flat: number) => string, number: (array: NamedArray, flat: number) => number}} Hand what
 *   a reader does with cells, whether the focus came where it is by the keyboard, what there is to tell of a cell, and
 *   the number to show of it */

/** @type {Record<string, [right: number, down: number, toTheEnd?: boolean]>} where the keys lead */
const WAYS = {
  ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1], Home: [-1, 0, true], End: [1, 0, true],
}; // prettier-ignore

export class Grid {
  flat = 0; // the cell that has the focus, or gets it next
  #turn = 0;
  #moving = false; // whether it is the page that moves the focus
  #wide = 0;
  #high = 0;

  /** @param {HTMLElement} board @param {NamedArray} array @param {Plan} plan @param {(text: string) => string} say
   * @param {Hand} hand */
  constructor(board, array, plan, say, hand) {
    this.board = board;
    this.array = array;
    this.plan = plan;
    this.say = say;
    this.hand = hand;
    this.cells = [0, 1].map(() => element("div", { role: "gridcell", tabindex: "-1" }));
    const rows = this.cells.map((cell) => element("div", { role: "row", hidden: "" }, cell));
    const label = [array.name, say(array.label), array.shape.join("×")].join(say("cell.comma"));
    const described = { role: "grid", "aria-label": label, "aria-readonly": "true" };
    for (const [name, value] of Object.entries(described)) board.setAttribute(name, value);
    board.append(...rows);
    this.setUp(plan, 0, 0);
    board.addEventListener("keydown", (event) => this.#onKey(event));
    board.addEventListener("focusin", () => {
      if (!this.#moving) hand.byKeyboard = true; // by Tab: who points at the board leaves the focus to the page
      this.refresh(false);
      hand.point(this.#cell(false));
    });
    board.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && board.contains(relatedTarget))) hand.leave();
    });
  }

  /** @param {Plan} plan where the cells lie @param {number} wide of a cell, in pixels @param {number} high */
  setUp(plan, wide, high) {
    this.plan = plan;
    this.board.setAttribute("aria-rowcount", `${plan.rows}`);
    this.board.setAttribute("aria-colcount", `${plan.columns}`);
    this.#wide = wide;
    this.#high = high;
    this.#place(this.#current);
  }

  get #current() {
    return this.cells[this.#turn];
  }

  /** @param {boolean} pinned @returns {Cell} */
  #cell(pinned) {
    return { array: this.array.name, flat: this.flat, pinned };
  }

  get hasFocus() {
    return document.activeElement === this.#current;
  }

  /** Move the focus to a cell. @param {number} flat */
  focus(flat) {
    const [old, next] = [this.#current, this.cells[1 - this.#turn]];
    this.#turn = 1 - this.#turn;
    this.flat = flat;
    this.#place(next);
    this.#moving = true;
    next.focus({ preventScroll: true });
    this.#moving = false;
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
    old.tabIndex = -1;
    /** @type {HTMLElement} */ (old.parentElement).hidden = true; // not before the focus has gone on, or it were lost
  }

  /** Move the focus to where Tab would. */
  resume() {
    this.focus(this.flat);
  }

  /** Put an element at the cell, and make it the one that Tab leads to. @param {HTMLElement} cell */
  #place(cell) {
    const row = /** @type {HTMLElement} */ (cell.parentElement);
    const [x, y] = [this.plan.xs[this.flat], this.plan.ys[this.flat]];
    row.setAttribute("aria-rowindex", `${y + 1}`);
    cell.setAttribute("aria-colindex", `${x + 1}`);
    Object.assign(cell.style, {
      left: `${MARGIN.l + x * this.#wide}px`, top: `${MARGIN.t + y * this.#high}px`,
      width: `${this.#wide}px`, height: `${this.#high}px`,
    }); // prettier-ignore
    row.hidden = false;
    cell.tabIndex = 0;
    cell.setAttribute("aria-selected", "false");
    this.#name("");
  }

  /** Say of the cell what is known by now. @param {boolean} pinned whether it is the one that is pinned */
  refresh(pinned) {
    this.#name(this.hand.tell(this.array, this.flat), this.hand.number(this.array, this.flat));
    this.#current.setAttribute("aria-selected", `${pinned}`);
  }

  /** @param {string} more that is known of the cell; it takes time to find, and is asked for where the focus is
   * @param {number} [shown] in place of its number; the same holds for that */
  #name(more, shown) {
    const { array, flat, say } = this;
    const label = sentenceOf(array, flat, say, more, shown);
    if (this.#current.getAttribute("aria-label") !== label) this.#current.setAttribute("aria-label", label);
  }

  /** The keys of a grid: they lead from cell to cell as the cells are drawn. @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.altKey || event.metaKey || event.target !== this.#current) return;
    // A clicker steps, whatever was touched last.
    if (/^Page/.test(event.key) && document.documentElement.classList.contains("presenting")) return;
    if (!this.hand.byKeyboard && event.key !== "Escape") return; // after a click the keys are the walk's
    const { flat } = this;
    const next = this.#next(event.key, event.ctrlKey);
    if (next !== undefined) {
      if (next !== flat) this.focus(next);
    } else if (event.key === "Enter" || event.key === " ") this.hand.point(this.#cell(true));
    else if (event.key === "Escape" && this.hand.free())
      this.hand.leave(); // who came by keyboard still looks at the cell that has the focus
    else return;
    event.preventDefault();
    event.stopPropagation(); // or the walk would step too
  }

  /** Where a key leads, if it is one that leads somewhere. @param {string} key @param {boolean} far with Ctrl */
  #next(key, far) {
    const { plan, flat } = this;
    const last = plan.xs.length - 1;
    if (far) return { Home: 0, End: last }[key];
    if (key in WAYS) return this.#along(...WAYS[key]);
    if (key !== "PageDown" && key !== "PageUp") return undefined;
    const there = flat + (key === "PageDown" ? 1 : -1) * plan.width * plan.height; // the same cell of another map
    return there < 0 || there > last ? flat : there;
  }

  /** The next cell in a direction, over the gaps between maps; or the last. Where there is none, this one.
   * @param {number} right @param {number} down @param {boolean} [toTheEnd] */
  #along(right, down, toTheEnd = false) {
    const { plan } = this;
    let found = this.flat;
    let [x, y] = [plan.xs[found] + right, plan.ys[found] + down];
    for (; x >= 0 && y >= 0 && x < plan.columns && y < plan.rows; x += right, y += down) {
      const here = plan.at(x, y);
      if (here >= 0) found = here;
      if (here >= 0 && !toTheEnd) break;
    }
    return found;
  }
}
