// @ts-check
// The way of a number that a step carries from one array to another: a line from the cell that it read to the one that
// it wrote, over the boards. It knows places on the page, and neither steps nor layers.

const NAMESPACE = "http://www.w3.org/2000/svg";
const BEND = 0.18; // of its length, so that it does not run along a row of numbers
const CLEAR = 0.42; // of a cell, from its middle, where the line ends

/** @typedef {{x: number, y: number, width: number, height: number}} Box of a cell on the screen */

export class Way {
  /** @param {HTMLElement} board that the line lies over */
  constructor(board) {
    this.board = board;
    this.root = document.createElementNS(NAMESPACE, "svg");
    this.root.setAttribute("class", "way-of-number");
    this.root.setAttribute("aria-hidden", "true");
    const head = '<path d="M0 0 10 5 0 10z"/>';
    const box = 'viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" orient="auto"';
    const end = `<marker id="way-end" ${box}>${head}</marker>`;
    this.root.innerHTML = `${end}<path class="ground"/><path class="line" marker-end="url(#way-end)"/>`;
  }

  /** Draw it from one cell to another, or none. @param {Box} [from] @param {Box} [to] */
  draw(from, to) {
    if (!from || !to) return void this.root.remove();
    const { board, root } = this;
    const { x: left, y: top } = board.getBoundingClientRect();
    const middle = (/** @type {Box} */ { x, y, width, height }) => [
      x + width / 2 - left + board.scrollLeft,
      y + height / 2 - top + board.scrollTop,
    ];
    const [[x0, y0], [x1, y1]] = [middle(from), middle(to)];
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (!length) return void root.remove();
    const [across, down] = [(x1 - x0) / length, (y1 - y0) / length];
    const [cx, cy] = [(x0 + x1) / 2 + down * BEND * length, (y0 + y1) / 2 - across * BEND * length];
    /** A point on the way to the bend, off the number itself. @param {number} x @param {number} y @param {Box} box */
    const off = (x, y, { width, height }) => {
      const far = Math.hypot(cx - x, cy - y) || 1;
      const by = CLEAR * Math.min(width, height);
      return `${x + ((cx - x) / far) * by} ${y + ((cy - y) / far) * by}`;
    };
    const path = `M${off(x0, y0, from)} Q${cx} ${cy} ${off(x1, y1, to)}`;
    for (const each of root.querySelectorAll(":scope > path")) each.setAttribute("d", path);
    Object.assign(root.style, { width: `${board.scrollWidth}px`, height: `${board.scrollHeight}px` });
    if (root.parentElement !== board) board.append(root);
  }
}
