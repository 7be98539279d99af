// @ts-check
// How large the cells of boards can be in a room: the largest with which all of them are seen at once, one beside the
// other as long as there is room, and then below. It knows rows, columns and words, and nothing of a page.

import { MARGIN } from "./plan.js";

/** @typedef {import("../page/placing.js").Room} Place in pixels */
/** @typedef {Place & {largest: number, scrolls: boolean, rem: number, readable: number, comfort: number,
 *   isBrief?: boolean, isPictured?: boolean, isEasy?: boolean, caption?: number}} Room
 *   - largest, readable: pixels of a cell, at most and as long as its number is to be read
 *   - comfort: pixels of a cell; as long as loud boards have less, quiet ones are as small as they can be
 *   - scrolls: whether the page does rather than the stage
 *   - isBrief: whether captions have the name and the shape alone
 *   - isPictured: whether boards become pictures, without numbers, rather than to be out of view
 *   - isEasy: whether boards are so wide that their captions have few lines
 *   - caption: pixels that it is high at least */
/** A board. Quiet ones stand together beside the others and are small where those need the room, but for tiny ones; a
 * small one is to be read, however small the others are, but for one of many maps where else all would be pictures;
 * words are the widths of those of its caption, part by part: a part stands in a line of its own where it has no room
 * behind the one before.
 * @typedef {{plan: {rows: number, columns: number}, wideOf: (cell: number) => number, isQuiet: boolean,
 *   isTiny: boolean, isSmall: boolean, isMany: boolean, words: number[][], brief: number[][],
 *   widest: {words: number, brief: number}}} Item
 *   widest: pixels of a word, here and in what is to be as wide as this */
/** @typedef {{size: number, small: number, flow: "column"|"row"|"band", place: number, fits: boolean, high: number,
 *   within: boolean, caption: number, room: Room, cellOf: (item: Item) => number}} Packing size of the cells of loud
 *   boards, and of quiet ones; in which these stand, and before which of the others, a band below them all; how high
 *   all of it is, and whether none is wider than the room; and how this room is used */
/** @typedef {[width: number, height: number]} Box in pixels */

const GAP = 12; // pixels between two panels, as the style sheet has it
const QUIETEST = 7; // pixels of a cell of a quiet board, as long as others need the room
const LOWEST = 48; // pixels: quiet boards in a band are no higher than that, if their cells can be so small
const FINEST = 2.5; // pixels of a cell of a picture, of which all is seen
const LEAST = 1; // the same, rather than to have it out of view
const LINE = 1.25; // rem: a line of a caption
const CAPTION = 4; // pixels below it
const SPACE = 5; // pixels between two words
const LEAST_WIDTH = 5; // rem: of a panel
const LINES = 3; // of a caption, where there is room for that
const WHOLE = 8; // pixels: from there on a cell has a whole number of them

/** How wide a panel is at least, in pixels: no word of its caption is wider; in a band a brief one has one line.
 * @param {Item} item @param {Room} room @param {boolean} [isInBand] */
export function leastWidth(item, { rem, isBrief, isEasy }, isInBand = false) {
  const widest =
    isBrief && isInBand
      ? item.brief.flat().reduce((sum, word) => sum + word + SPACE + 1, 0)
      : item.widest[isBrief ? "brief" : "words"];
  let within = Math.max(widest, LEAST_WIDTH * rem - MARGIN.l);
  while (isEasy && !isBrief && linesOf(item.words, within) > LINES) within += rem;
  return MARGIN.l + within;
}

/** @param {Item[]} items @param {Room} room
 * @param {boolean} [isLast] whether what is left of the room is used as well @returns {Packing} */
export function packed(items, room, isLast) {
  const { largest, readable, comfort } = room;
  const isSomeLoud = items.some(({ isQuiet }) => !isQuiet);
  const loud = items.filter(({ isQuiet }) => !isQuiet || !isSomeLoud);
  const quiet = items.filter((item) => !loud.includes(item));
  const isRead = (/** @type {Item} */ { isSmall, isMany }) => isSmall && !(room.isPictured && isMany);
  const isLarge = !loud.every(isRead);

  /** @param {number} size of the cells of loud boards @param {number} small of those of quiet ones
   * @param {number} least of those that are to be read
   * @param {number} tiny of tiny ones at least: where the page scrolls they give no numbers up
   * @param {Room} where */
  const at = (size, small, least = readable, tiny = room.scrolls ? readable : QUIETEST, where = room) => {
    /** @param {Item} item */
    const cellOf = (item) => {
      let cell = small;
      if (loud.includes(item)) cell = isRead(item) ? Math.max(least, size) : size;
      else if (small < QUIETEST) cell = Math.max(LEAST, Math.min(small, LOWEST / item.plan.rows));
      else if (item.isTiny) cell = Math.min(size, Math.max(least, small));
      return item.isTiny ? Math.max(cell, tiny) : cell;
    };
    return { size, small, cellOf, room: where, ...standing(loud, quiet, cellOf, where) };
  };

  /** The largest cells with which all is seen, between two sizes; or the smaller of these.
   * @param {number} low @param {number} high @param {(size: number) => Packing} packing */
  const largestOf = (low, high, packing) => {
    const whole = packing(high);
    if (whole.fits || low >= high) return whole;
    let best = packing(low);
    const step = low >= WHOLE ? 1 : 0.5;
    for (let most = high; best.fits && most - low > step;) {
      const middle = Math.round((low + most) / 2 / step) * step;
      const next = packing(middle);
      if (next.fits) [best, low] = [next, middle];
      else most = middle;
    }
    return best;
  };

  /** Where not all is in view anyway, no quiet board is a speck. @param {Packing} packing */
  const lengthened = (packing) =>
    largestOf(packing.small, QUIETEST, (small) => {
      const longer = at(packing.size, small);
      return { ...longer, fits: longer.within };
    });

  let best = largestOf(readable, largest, (size) => at(size, Math.min(size, readable)));
  if (!best.fits || best.size < comfort)
    // Quiet boards become pictures before the others do.
    best = largestOf(readable, Math.min(largest, comfort), (size) => at(size, QUIETEST));
  if (!best.fits && !isLarge && room.isBrief)
    for (let small = QUIETEST - 1; !best.fits && small >= LEAST; small--)
      best = largestOf(readable, Math.min(largest, comfort), (size) => at(size, small));
  if (!best.fits && isLarge) best = largestOf(FINEST, readable, (size) => at(size, QUIETEST));
  for (const small of room.isPictured ? [FINEST, LEAST] : [FINEST])
    if (!best.fits && isLarge) best = largestOf(FINEST, readable, (size) => at(size, small));
  if (!best.fits && room.isPictured) {
    const finest = largestOf(LEAST, readable, (size) => at(size, Math.min(size, QUIETEST), LEAST));
    if (finest.fits) best = finest;
  }
  if (best.fits) {
    const { size } = best;
    const least = size < readable ? Math.min(readable, best.cellOf(loud.find(isRead) ?? loud[0])) : readable;
    if (best.small < size) best = largestOf(best.small, size, (each) => at(size, each, least));
    if (!isLast) return best;
    // Tiny boards get cells that can be read and captions get few lines, or one of both.
    const { small } = best;
    const rooms = [{ ...room, isEasy: true }, room];
    const others = [readable, QUIETEST].flatMap((tiny) => rooms.map((where) => at(size, small, least, tiny, where)));
    return others.find(({ fits }) => fits) ?? best;
  }
  if (!isLarge && best.within) return room.scrolls && isLast && best.small < QUIETEST ? lengthened(best) : best;
  if (!isLarge) {
    // A board that is wider than the stage would push the page aside: it is a picture rather.
    const narrow = largestOf(FINEST, readable, (size) => {
      const packing = at(size, size, size);
      return { ...packing, fits: packing.within };
    });
    return { ...narrow, fits: false };
  }
  // Where nothing makes all of it fit, each large board does, and the rest is scrolled to.
  const most = Math.max(320, room.height * 0.62);
  const isSeen = (/** @type {Packing} */ { within, cellOf }) =>
    within && loud.every((item) => isRead(item) || item.plan.rows * cellOf(item) <= most);
  const each = largestOf(FINEST, readable, (size) => {
    const packing = at(size, size);
    return { ...packing, fits: isSeen(packing) };
  });
  return { ...each, fits: false };
}

/** Where boards of some sizes stand best. @param {Item[]} loud @param {Item[]} quiet
 * @param {(item: Item) => number} cellOf @param {Room} room */
function standing(loud, quiet, cellOf, room) {
  const caption = captionOf(loud, cellOf, room);
  const boxes = loud.map((item) => boxOf(item, caption, cellOf, room));
  const columned = quiet.map((item) => boxOf(item, captionOf([item], cellOf, room), cellOf, room));
  /** @type {Box[]|undefined} */ let rowed; // is hardly ever asked for
  const inRow = () => {
    const high = captionOf(quiet, cellOf, room);
    return quiet.map((item) => boxOf(item, high, cellOf, room));
  };
  const joinedAs = {
    column: () => joined(columned, 1),
    row: () => joined((rowed ??= inRow()), 0),
    band: () => {
      const caption = captionOf(quiet, cellOf, room, true);
      const banded = quiet.map((item) => boxOf(item, caption, cellOf, room, true));
      return /** @type {Box} */ ([Math.max(room.width, ...banded.map(([w]) => w)), highOf(banded, room.width)]);
    },
  };
  /** @param {Packing["flow"]} flow @param {number} place */
  const stood = (flow, place) => {
    const all = boxes.slice();
    if (quiet.length) all.splice(place, 0, joinedAs[flow]());
    const high = highOf(all, room.width);
    const within = all.every(([wide]) => wide <= room.width);
    return { flow, place, high, within, caption, fits: within && high <= room.height };
  };
  const last = loud.length;
  let found = stood("column", last);
  for (let place = last - 1; !found.fits && quiet.length && place > 0; place--) found = stood("column", place);
  for (let place = last; !found.fits && quiet.length && place > 0; place--) found = stood("row", place);
  if (found.fits) return found;
  const column = stood("column", last);
  const band = quiet.length > 2 && !room.scrolls ? stood("band", last) : column;
  return band.fits || (band.within && band.high < column.high) ? band : column;
}

/** Captions are as high as the highest, so that names stand in one line and so do boards.
 * @param {Item[]} items @param {(item: Item) => number} cellOf @param {Room} room @param {boolean} [isInBand] */
function captionOf(items, cellOf, room, isInBand) {
  let lines = 0;
  for (const item of items) {
    const words = room.isBrief ? item.brief : item.words;
    lines = Math.max(lines, linesOf(words, widthOf(item, cellOf(item), room, isInBand) - MARGIN.l));
  }
  return Math.max((!isInBand && room.caption) || 0, lines * LINE * room.rem + CAPTION);
}

/** @param {Item} item @param {number} cell @param {Room} room @param {boolean} [isInBand] */
const widthOf = (item, cell, room, isInBand) =>
  Math.max(leastWidth(item, room, isInBand), MARGIN.l + MARGIN.r + item.plan.columns * item.wideOf(cell));

/** @param {Item} item @param {number} caption @param {(item: Item) => number} cellOf @param {Room} room
 * @param {boolean} [isInBand] @returns {Box} */
function boxOf(item, caption, cellOf, room, isInBand) {
  const cell = cellOf(item);
  return [widthOf(item, cell, room, isInBand), caption + MARGIN.t + MARGIN.b + item.plan.rows * cell];
}

/** @param {Box[]} boxes one beside the other, or below @param {0|1} along the axis @returns {Box} */
function joined(boxes, along) {
  const total = boxes.reduce((all, box) => all + box[along] + GAP, -GAP);
  const most = Math.max(...boxes.map((box) => box[1 - along]));
  return along ? [most, total] : [total, most];
}

/** How far boxes reach when each stands behind the one before it as long as there is room, and then below.
 * @param {Box[]} boxes @param {number} width */
function highOf(boxes, width) {
  let [total, at, most] = [0, 0, 0];
  for (const [wide, tall] of boxes) {
    if (at > 0 && at + wide > width) {
      total += most + GAP;
      at = most = 0;
    }
    at += wide + GAP;
    most = Math.max(most, tall);
  }
  return total + most;
}

/** How many lines the parts of a caption take. @param {number[][]} parts @param {number} width */
function linesOf(parts, width) {
  let [lines, at] = [0, Infinity];
  for (const words of parts) {
    const whole = words.reduce((sum, word) => sum + word + SPACE, 0);
    if (at + whole > width) {
      lines += linesIn(words, width);
      at = 0;
    }
    at += whole + 1;
  }
  return lines;
}

/** How many lines words take. @param {number[]} words their widths @param {number} width */
function linesIn(words, width) {
  let [lines, at] = [1, 0];
  for (const word of words) {
    if (at && at + word > width) [lines, at] = [lines + 1, 0];
    at += word + SPACE;
  }
  return lines;
}
