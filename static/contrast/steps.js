// @ts-check
// Two walks in step: the moments of both that belong together, cell by cell. Where both compute a cell of the same
// name in chapters of the same name, they do so at once; where only one has it, the other waits.

/** @import { Cell } from "../run/cells.js" */
/** @typedef {{cells: Cell[], levels: number[]}} Walk as far as it has arrived */
/** A moment of both: after how many steps each stands, how coarse it is, the cell that is worked on, and which of the
 * two works on it. @typedef {{moments: [number, number], level: number, chapter: string, cell: string,
 *   works: [boolean, boolean]}} Moment */
/** @typedef {Cell & {first: number, part: string, key: string}} Group of steps, for one cell */

/** Every moment of two walks, from before the first step on. @param {[Walk, Walk]} walks @returns {Moment[]} */
export function inStep(walks) {
  const groups = walks.map(groupsOf);
  /** @type {Moment[]} */
  const moments = [{ moments: [0, 0], level: 0, chapter: "", cell: "", works: [true, true] }];
  const at = [0, 0];
  for (const pair of paired(groups[0], groups[1])) {
    const group = /** @type {Group} */ (pair[0] ?? pair[1]);
    const length = Math.max(...pair.map((one) => (one ? one.stop - one.first : 0)));
    for (let beat = 0; beat < length; beat++) {
      const isLast = beat === length - 1;
      let level = isLast ? Infinity : 0;
      pair.forEach((one, side) => {
        if (!one) return;
        // The last beat of both is one, however many more the other has before it.
        at[side] = isLast ? one.stop : Math.min(one.first + beat + 1, one.stop - 1);
        const own = walks[side].levels[at[side] - 1];
        level = isLast ? Math.min(level, own) : Infinity;
      });
      const { chapter, cell } = group;
      moments.push({ moments: [at[0], at[1]], level, chapter, cell, works: [Boolean(pair[0]), Boolean(pair[1])] });
    }
  }
  return moments;
}

/** @param {Walk} walk @returns {Group[]} */
function groupsOf({ cells }) {
  /** @type {Map<string, number>} */ const seen = new Map();
  /** @param {string} name */
  const count = (name) => {
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return `${name} ${seen.get(name)}`;
  };
  let first = 0;
  let chapter = ""; // as its walk has it: a walk may go through one of a name again
  let own = ""; // the same, told from the others of its name
  return cells.map((one) => {
    if (one.chapter !== chapter) own = count((chapter = one.chapter));
    const group = { ...one, first, part: own, key: count(`${own} ${one.cell}`) }; // what is added to comes often
    first = one.stop;
    return group;
  });
}

/** Two lists as one, in which what has the same key stands together, and both keep their order.
 * @param {Group[]} a @param {Group[]} b @returns {Generator<[Group|undefined, Group|undefined]>} */
function* paired(a, b) {
  const places = new Map(b.map(({ key }, place) => [key, place]));
  const parts = new Map(b.map(({ part }, place) => [part, place])); // where each ends
  let next = 0;
  let before = "";
  for (const group of a) {
    // What b alone has of a chapter comes before the next one.
    const end = before === group.part ? -1 : (parts.get(before) ?? -1);
    while (next <= end) yield [undefined, b[next++]];
    before = group.part;
    const place = places.get(group.key) ?? -1;
    if (place >= next) {
      while (next < place) yield [undefined, b[next++]];
      next++;
      yield [group, b[place]];
    } else {
      yield [group, undefined];
    }
  }
  while (next < b.length) yield [undefined, b[next++]];
}
