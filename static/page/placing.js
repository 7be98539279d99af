// @ts-check
// Where the presenter's strip stands on the stage and how large its cells are: as lets the strip and the boards be
// seen whole with the largest cells. It measures what the strip holds, and does not know what that is.

/** @typedef {{width: number, height: number}} Room in pixels */
/** @typedef {(room: Room, largest: number) => {size: number, fits: boolean}} SizeIn how large the cells of the boards
 *   are in a room, and whether all of them are seen there */
/** @typedef {Room & {beside: boolean, across: number, cell: number}} Placing beside the boards or below them, how many
 *   maps stand side by side, and how large a cell is */

export const AHEAD = 1.4; // by how much a cell of the strip had better be larger than one of the boards

const GAP = 16; // pixels between the strip and the boards
const SLACK = 8; // pixels by which the strip may turn out larger than was reckoned
const LARGEST = 120; // pixels of a cell
const SHARE = 0.62; // of the stage that the strip may take
const LEAST = { cell: 1.2, stage: 40 }; // rem: smaller than that there is no strip

/** Set a strip up with so many maps side by side, and cells of so many pixels.
 * @param {HTMLElement} strip @param {HTMLElement} grids its maps @param {{across: number, cell: number}} placing */
export function lay(strip, grids, { across, cell }) {
  grids.classList.toggle("many", across > 1);
  grids.style.setProperty("--across", String(across));
  strip.style.setProperty("--cell", `${cell}px`);
}

/** Where a strip stands best, as it is filled now: with the largest cells of its own and of the boards, seen whole.
 * @param {HTMLElement} strip @param {HTMLElement} grids its maps @param {number} count of them @param {Room} room
 * @param {SizeIn} sizeIn @returns {Placing|undefined} */
export function choose(strip, grids, count, room, sizeIn) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  if (room.width < LEAST.stage * rem) return undefined;
  const alone = sizeIn(room, LARGEST);
  let best = 0;
  /** @type {Placing|undefined} */ let found;
  strip.hidden = false;
  strip.classList.add("measured");
  Object.assign(strip.style, { width: "", height: "" });
  for (const across of new Set([1, 2, Math.ceil(count / 2), count].filter((each) => each <= count))) {
    const measured = measure(strip, grids, across);
    for (const beside of [true, false]) {
      const most = beside ? { ...room, width: SHARE * room.width } : { ...room, height: SHARE * room.height };
      for (let cell = LARGEST; cell >= LEAST.cell * rem;) {
        const { width, height } = measured(cell);
        const over = Math.max(width / most.width, height / most.height);
        if (over > 1) {
          cell = Math.floor(Math.min(cell - 1, (cell / over) * 1.04));
          continue;
        }
        // The strip is what they look at.
        const worth = (/** @type {number} */ size) => cell ** 1.1 * Math.min(size, cell / AHEAD);
        if (worth(alone.size) <= best) break;
        const [wide, high] = [width + GAP + 2 * SLACK, height + GAP + 2 * SLACK];
        const left = beside ? { ...room, width: room.width - wide } : { ...room, height: room.height - high };
        const boards = sizeIn(left, cell / AHEAD);
        const isSeen = boards.fits || (!alone.fits && boards.size > alone.size / 2);
        if (isSeen && worth(boards.size) > best) {
          best = worth(boards.size);
          found = { beside, across, cell, width: room.width, height };
        }
        cell = Math.floor(cell * 0.9);
      }
    }
  }
  if (found) {
    lay(strip, grids, found);
    found.height = strip.offsetHeight;
    if (found.beside) found.width = strip.offsetWidth + SLACK;
  }
  strip.classList.remove("measured");
  strip.hidden = true;
  return found;
}

/** How large a strip is, by the size of its cells. That is nearly a line, so it is measured at two points of it, and
 * not thirty times.
 * @param {HTMLElement} strip @param {HTMLElement} grids @param {number} across @returns {(cell: number) => Room} */
function measure(strip, grids, across) {
  const [low, high] = [24, 72].map((cell) => {
    lay(strip, grids, { across, cell });
    return { width: strip.offsetWidth, height: strip.offsetHeight };
  });
  /** @param {"width"|"height"} side @param {number} cell */
  const at = (side, cell) => low[side] + ((high[side] - low[side]) * (cell - 24)) / 48;
  return (cell) => ({ width: at("width", cell), height: at("height", cell) });
}
