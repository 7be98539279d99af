// @ts-check
// The first picture: the tables that the server has written of the moment that a page opens at. The very rule that the
// stage is laid out by a moment later lays them out, so that nothing moves when it takes their place. It runs before
// the rest of the page has come, and knows nothing of a run.

import { part } from "../page/page.js";
import { choose, formOf, isWithoutSum, lay, roomOf } from "../page/placing.js";
import { fit, sizing, stand } from "./fit.js";
import { Placed } from "./placed.js";
import { MARGIN } from "./plan.js";

/** The tables of one array, in the place of its panel. */
class Tables extends Placed {
  /** @param {HTMLElement} root @param {boolean} pictured */
  constructor(root, pictured) {
    const { name = "", role = "", shape = "" } = root.dataset;
    const described = { name, role, shape: shape.split(",").map(Number) };
    super(described, root, part(".board", root));
    this.array = described;
    this.pictured = pictured;
    this.isLong = root.classList.contains("long");
    this.widest = Number(root.dataset.widest);
    this.isQuiet = root.classList.contains("quiet");
    this.tables = [...this.board.querySelectorAll("table")];
    /** @type {NodeListOf<HTMLElement>} */ this.cells = this.board.querySelectorAll("td:not(.unknown)");
    this.shown = [...this.cells].map(({ title, textContent }) => numberOf(title || String(textContent)));
    const coming = root.dataset.coming?.split(",").map(Number) ?? [];
    this.values = new Set([...this.shown, ...coming]);
  }

  /** Its colours the style sheet knows. */
  setUp() {
    const { wide, plan, size } = this;
    const { cell } = size;
    for (const [name, length] of Object.entries({ wide, high: cell, letters: size.letters }))
      this.board.style.setProperty(`--${name}`, `${length}px`);
    this.tables.forEach(({ style, caption }, map) => {
      const { x, y } = plan.maps[map];
      Object.assign(style, { left: `${MARGIN.l + x * wide}px`, top: `${MARGIN.t + y * cell}px` });
      if (caption) caption.style.visibility = this.isLabelled(plan.maps[map]) ? "" : "hidden";
      caption?.classList.toggle("top", y === 0 && plan.shape.length <= 3);
      caption?.classList.toggle("over", y === 0 && plan.shape.length > 3);
    });
  }

  /** Write the numbers as they fit. */
  write() {
    this.cells.forEach(({ firstChild, classList, style }, at) => {
      const { text, rounded, size } = this.textOf(this.shown[at]);
      /** @type {Text} */ (firstChild).data = this.size.texts ? text : "";
      classList.toggle("rounded", rounded);
      style.setProperty("--fitted", `${size}`);
    });
    this.root.classList.add("placed");
  }
}

/** @param {string} text of a table */
const numberOf = (text) => Number(text.replaceAll("−", "-").replace("∞", "Infinity"));

const roots = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".picture"));
const pictured = [...roots].some((root) => root.classList.contains("large"));
const panels = [...roots].map((root) => new Tables(root, pictured));
const [board, strip] = [".panels", ".strip"].map((selector) => part(selector));
// The worked sum has its room from the start, and with it what stands in it.
const form = formOf(panels);
const others = panels.filter(({ array }) => array.role !== "scratch");
const placing = form && choose(form, roomOf(board), sizing(others));
lay(strip, placing);
const shown = placing || isWithoutSum() ? others : panels;
if (shown.length) {
  stand(board, shown);
  fit(shown, undefined, board);
}
for (const panel of shown) panel.write();
