// @ts-check
// Where the worked sum stands on the stage, and how large its cells are: as lets it and the boards be seen whole with
// the largest cells. It is told by the shapes of the scratch arrays of a scene, so that its room is known before there
// is a run, and is the same all through the scene. The style sheet has the same lengths (static/style/strip.css).

/** @typedef {{width: number, height: number}} Room in pixels */
/** @typedef {(room: Room, largest: number) => {size: number, fits: boolean}} SizeIn how large the cells of the boards
 *   are in a room, and whether all of them are seen there */
/** So many groups of so many grids, of so many rows and columns; isLong: of numbers of many digits.
 * @typedef {{count: number, blocks: number, rows: number, columns: number, isLong: boolean}} Form */
/** @typedef {Room & {beside: boolean, across: number, cell: number, wide: number}} Placing beside the boards or below
 *   them, how many groups stand side by side, how high a cell is and how wide */
/** @typedef {Room & {isHall: boolean, scrolls: boolean}} Stage whether it is for a lecture hall, and whether the page
 *   scrolls, so that there is no end to its height */

const GAP = 12; // pixels between the strip and the boards
const PADDING = { x: 14, y: 8 }; // pixels, within it
const HEADING = 1.35; // rem: the name of a group
const TOTAL = 1.5; // rem: what a group comes to
const OUTCOME = 2.2; // rem: the result, for all groups
const WHOLE_OUTCOME = 36; // rem: in less it takes three lines
const BROAD_OUTCOME = 22; // rem: in less it takes four, and what was read two of them
const OUTCOMES = [OUTCOME, 3 * OUTCOME, 8.2]; // rem: how high it is in each
const NARROWEST_OUTCOME = 14.5; // rem
const NARROWEST = 8.5; // rem: the name of a group of few columns
const SIGN = 0.75; // of the height of a cell: × and =
const BETWEEN = 0.9; // the same: two groups
const STRETCH = [2, 1.7]; // times the height is the width of a cell whose numbers have many digits
const LEAST = 1.34; // rem: with smaller cells there is no strip
const VIEWS = {
  page: { largest: 44, ahead: 1, share: 0.55 },
  hall: { largest: 110, ahead: 1.15, share: 0.62 }, // the last row sits far away, and looks at the sum
};

/** What a scene's scratch arrays need; undefined where none has maps: a step of this scene computes a cell at once.
 * Two of them, or one beside a weight, are the factors of a product and what they come to.
 * @param {{array: {role: string, shape: number[]}, isLong: boolean}[]} panels of the scene, which know whether their
 *   numbers have many digits @returns {Form|undefined} */
export function formOf(panels) {
  const arrays = panels.map(({ array }) => array);
  const isLong = panels.some((panel) => panel.isLong && panel.array.role !== "scratch");
  const shapes = arrays.filter(({ role }) => role === "scratch").map(({ shape }) => shape);
  if (!shapes.length) return undefined;
  const isProduct = shapes.length > 1 || arrays.some(({ role }) => role === "parameter");
  const sizeOf = (/** @type {number[]} */ shape) => shape.reduce((all, length) => all * length, 1);
  const shape = shapes.reduce((one, other) => (sizeOf(other) > sizeOf(one) ? other : one));
  if (shape.length === 1) return undefined; // a few numbers in a row are no map, and have their board
  const [rows, columns] = shape.slice(-2);
  return { count: sizeOf(shape.slice(0, -2)), blocks: isProduct ? 3 : 1, rows, columns, isLong };
}

/** How large a strip is. @param {Form} form @param {number} cell @param {number} wide @param {number} across
 * @param {number} rem @param {number} room its width below the boards; beside them it is as wide as it has to be */
function sizeOf({ count, blocks, rows, columns }, cell, wide, across, rem, room) {
  const group = Math.max(blocks * (columns * wide + 1) + (blocks - 1) * SIGN * cell, NARROWEST * rem);
  const lines = Math.ceil(count / across);
  const width = across * group + (across - 1) * BETWEEN * cell;
  const inner = Math.max(width, NARROWEST_OUTCOME * rem);
  const within = (room ? room - 2 * PADDING.x : inner) / rem;
  const outcome = OUTCOMES[room && within >= WHOLE_OUTCOME ? 0 : within >= BROAD_OUTCOME ? 1 : 2];
  const height = lines * (HEADING * rem + rows * cell + 1 + TOTAL * rem) + outcome * rem;
  return { width: inner + 2 * PADDING.x, height: height + 2 * PADDING.y, wide };
}

/** Whether the page is shown to a lecture hall. */
export const isPresenting = () => document.documentElement.classList.contains("presenting");

/** Whether the page is asked for without the worked sum: what would stand in it has no board either. */
export const isWithoutSum = () => document.documentElement.classList.contains("hides-sum");

/** The room that a board has for itself and the strip. @param {HTMLElement} board @returns {Stage} */
export const roomOf = (board) => ({
  width: board.clientWidth,
  height: board.clientHeight,
  isHall: isPresenting(),
  scrolls: getComputedStyle(board).overflowY === "visible",
});

/** Where a strip stands best. @param {Form} form @param {Stage} stage @param {SizeIn} sizeIn
 * @returns {Placing|undefined} */
export function choose(form, { isHall, scrolls, ...room }, sizeIn) {
  if (isWithoutSum()) return undefined;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const { largest, ahead, share } = isHall ? VIEWS.hall : VIEWS.page;
  const most = scrolls ? 2 * rem : largest;
  const alone = scrolls ? undefined : sizeIn(room, largest);
  let best = 0;
  /** @type {Placing|undefined} */ let found;
  const stretches = form.isLong ? STRETCH : [1];
  const lines = Array.from({ length: form.count }, (_, at) => Math.ceil(form.count / (at + 1)));
  const sides = scrolls ? [false] : [false, true];
  const ways = [...new Set(lines)].flatMap((across) =>
    sides.flatMap((beside) => stretches.map((stretch) => ({ across, beside, stretch }))),
  );
  for (const { across, beside, stretch } of ways)
    for (let cell = Math.floor(most); cell >= LEAST * rem; cell = Math.floor(cell * 0.88)) {
      const size = sizeOf(form, cell, Math.round(stretch * cell), across, rem, beside ? 0 : room.width);
      const [across_, high] = beside ? [share, 1] : [1, scrolls ? Infinity : share];
      if (size.width > room.width * across_ || size.height > room.height * high) continue;
      const placing = { ...size, beside, across, cell };
      if (!alone) return placing;
      if (worthOf(alone.size, cell / ahead) <= best) break; // nor does any smaller one
      const left = beside
        ? { ...room, width: room.width - size.width - GAP }
        : { ...room, height: room.height - size.height - GAP };
      const boards = sizeIn(left, largest / ahead);
      const isSeen = boards.fits || (!alone.fits && boards.size > alone.size / 2);
      const worth = worthOf(boards.size, cell / ahead);
      if (!isSeen || worth <= best) continue;
      best = worth;
      found = placing;
    }
  // Where nothing lets all of it be seen, the boards are scrolled to, and the sum stays.
  const least = Math.ceil(LEAST * rem);
  const last = sizeOf(form, least, Math.round(stretches[0] * least), form.count, rem, room.width);
  const isRoom = form.count <= 4 && last.width <= room.width && last.height <= room.height * share;
  if (!found && isRoom) return { ...last, beside: false, across: form.count, cell: least };
  return found;
}

/** The smaller of the two counts most. @param {number} boards pixels of a cell of the boards @param {number} cell */
const worthOf = (boards, cell) => Math.min(boards, cell) * boards ** 0.4 * cell ** 0.3;

/** Set a strip up. @param {HTMLElement} strip @param {Placing|undefined} placing */
export function lay(strip, placing) {
  strip.hidden = !placing;
  const stage = strip.parentElement;
  stage?.classList.toggle("beside", placing?.beside === true);
  stage?.classList.toggle("below", placing?.beside === false);
  if (!placing) return;
  const { width, height, across, cell, wide, beside } = placing;
  const lengths = { width: beside ? `${Math.ceil(width)}px` : "", height: `${Math.ceil(height)}px` };
  Object.assign(strip.style, lengths);
  for (const [name, value] of Object.entries({ across, cell: `${cell}px`, wide: `${wide}px` }))
    strip.style.setProperty(`--${name}`, String(value));
}
