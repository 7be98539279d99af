// @ts-check
// The way of a number that a step carries from one array to another: a line from the cell that it read to the one that
// it wrote, over the boards. It knows places on the page, and neither steps nor layers.

const NAMESPACE = "http://www.w3.org/2000/svg";
const BEND = 0.18; // of its length: within a board it bends, or it would run along a row of numbers
const CLEAR = 0.5; // of a cell, from its middle, where it ends then

/** A rectangle on the screen. @typedef {{x: number, y: number, width: number, height: number}} Box */
/** A cell, and the board that it stands on. @typedef {{cell: Box, board: Box}} Spot */

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

  /** Draw it from one cell to another, or none. @param {Spot} [from] @param {Spot} [to] */
  draw(from, to) {
    if (!from || !to) return void this.root.remove();
    const { board, root } = this;
    const { x, y } = board.getBoundingClientRect();
    const [left, top] = [x - board.scrollLeft, y - board.scrollTop];
    /** @param {Box} box @returns {Box} */
    const on = ({ x, y, width, height }) => ({ x: x - left, y: y - top, width, height });
    const spots = [from, to].map((spot) => ({ cell: on(spot.cell), board: on(spot.board) }));
    const path = between(spots[0], spots[1]);
    for (const each of root.querySelectorAll(":scope > path")) each.setAttribute("d", path);
    if (root.parentElement !== board) board.append(root);
  }
}

/** A way that runs over no number: along the edges of rows to the gap between two boards that stand side by side, and
 * along those of columns between two that stand one below the other. @param {Spot} from @param {Spot} to */
function between(from, to) {
  const across = spans(from, to, "x", "y");
  if (across) return across.map(([sign, ...points]) => sign + points.map(([x, y]) => `${x} ${y}`).join(" ")).join("");
  const down = spans(from, to, "y", "x");
  if (down) return down.map(([sign, ...points]) => sign + points.map(([y, x]) => `${x} ${y}`).join(" ")).join("");
  return bent(from.cell, to.cell);
}

/** @param {Spot} from @param {Spot} to @param {"x"|"y"} along the axis on which the boards are apart
 * @param {"x"|"y"} beside @returns {[string, ...number[][]][]|undefined} */
function spans(from, to, along, beside) {
  const size = { x: /** @type {const} */ ("width"), y: /** @type {const} */ ("height") };
  const end = (/** @type {Box} */ box) => box[along] + box[size[along]];
  const isAhead = end(from.board) <= to.board[along];
  if (!isAhead && end(to.board) > from.board[along]) return undefined;
  const near = (/** @type {Box} */ box) => (isAhead ? box[along] : end(box));
  const far = (/** @type {Box} */ box) => (isAhead ? end(box) : box[along]);
  const rises = to.cell[beside] - from.cell[beside];
  /** @param {Box} box @param {boolean} isFirst */
  const edge = (box, isFirst) => box[beside] + (isFirst ? 0 : box[size[beside]]);
  const [leaves, comes] = [edge(from.cell, rises <= 0), edge(to.cell, rises >= 0)];
  const [out, into] = [far(from.board), near(to.board)];
  const middle = (out + into) / 2;
  return [
    ["M", [far(from.cell), leaves]],
    ["L", [out, leaves]],
    ["C", [middle, leaves], [middle, comes], [into, comes]],
    ["L", [near(to.cell), comes]],
  ];
}

/** Within a board. @param {Box} from @param {Box} to */
function bent(from, to) {
  const middle = (/** @type {Box} */ { x, y, width, height }) => [x + width / 2, y + height / 2];
  const [[x0, y0], [x1, y1]] = [middle(from), middle(to)];
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [across, down] = [(x1 - x0) / length, (y1 - y0) / length];
  const [cx, cy] = [(x0 + x1) / 2 + down * BEND * length, (y0 + y1) / 2 - across * BEND * length];
  /** The point on the way to the bend at the cell's border. @param {number} x @param {number} y @param {Box} box */
  const off = (x, y, { width, height }) => {
    const [right, below] = [cx - x, cy - y];
    const by = CLEAR / Math.max(Math.abs(right) / width, Math.abs(below) / height, 1e-9);
    return `${x + right * by} ${y + below * by}`;
  };
  return `M${off(x0, y0, from)} Q${cx} ${cy} ${off(x1, y1, to)}`;
}
