// @ts-check
// A drawing as what the hand did, so that the last stroke can be taken back and the grid can become finer. It knows no
// page.

/** @typedef {{erases: boolean, points: [number, number][], fine?: boolean}} Stroke
 *   - points: across and down, from 0 to 1
 *   - fine: it touches the very cells of its points alone */
/** @typedef {Stroke|"clear"} Act */

export const THICK = 28; // cells along the side, on which the pen is two of them wide

/** Which cells of a grid have ink. @param {Act[]} acts @param {number} size @param {number} [thick]
 * @returns {number[]} 0 or 1, row by row */
export function inked(acts, size, thick = THICK) {
  const cells = Array(size * size).fill(0);
  for (const act of acts) {
    if (act === "clear") cells.fill(0);
    else for (const cell of touched(act, size, thick)) cells[cell] = Number(!act.erases);
  }
  return cells;
}

/** The cells that a stroke touches: those whose middle is near its line, and those in which it begins and turns.
 * @param {Stroke} stroke @param {number} size @param {number} [thick] @returns {Set<number>} */
export function touched({ points, fine }, size, thick = THICK) {
  /** @type {Set<number>} */ const found = new Set();
  const within = (/** @type {number} */ place) => Math.max(0, Math.min(size - 1, Math.floor(place)));
  const reach = Math.max(0.5, size / thick);
  points.forEach((point, at) => {
    const [x, y] = point.map((place) => place * size);
    found.add(within(y) * size + within(x));
    if (fine) return;
    const [fromX, fromY] = (points[at - 1] ?? point).map((place) => place * size);
    const [low, high] = [Math.min(y, fromY) - reach, Math.max(y, fromY) + reach];
    for (let row = within(low); row <= within(high); row++)
      for (let column = within(Math.min(x, fromX) - reach); column <= within(Math.max(x, fromX) + reach); column++)
        if (away(column + 0.5, row + 0.5, fromX, fromY, x, y) <= reach) found.add(row * size + column);
  });
  return found;
}

/** How much ink there is in each of some larger cells, from 0 to 1. @param {number[]} cells of a square
 * @param {number} size of it, in larger cells @param {number} finer how many times as many there are along its side */
export function shared(cells, size, finer) {
  const found = Array(size * size).fill(0);
  cells.forEach((ink, at) => {
    const [row, column] = [Math.floor(at / (size * finer)), at % (size * finer)];
    found[Math.floor(row / finer) * size + Math.floor(column / finer)] += ink / finer ** 2;
  });
  return found;
}

/** How far a point is from a line between two others.
 * @param {number} x @param {number} y @param {number} fromX @param {number} fromY @param {number} toX
 * @param {number} toY */
function away(x, y, fromX, fromY, toX, toY) {
  const [wide, high] = [toX - fromX, toY - fromY];
  const long = wide * wide + high * high;
  const share = long ? Math.max(0, Math.min(1, ((x - fromX) * wide + (y - fromY) * high) / long)) : 0;
  return Math.hypot(x - fromX - share * wide, y - fromY - share * high);
}
