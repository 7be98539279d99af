// @ts-check
// A box of cells, as an access records it: start, stop and step of each axis in turn. It knows how many cells that is
// and which they are, and nothing of traces.

/** How many cells a box has. @param {number[]} box */
export function countOf(box) {
  let count = 1;
  for (let at = 0; at < box.length; at += 3) count *= lengthOf(box, at);
  return count;
}

/** @param {number[]} box @param {number} at where its axis begins */
const lengthOf = (box, at) => Math.max(0, Math.ceil((box[at + 1] - box[at]) / box[at + 2]));

/** The place of a cell in the row-major order of a box, or -1. @param {number[]} box @param {number[]} strides
 * @param {number} flat */
export function placeIn(box, strides, flat) {
  let place = 0;
  for (let axis = 0, at = 0; axis < strides.length; axis++, at += 3) {
    const index = Math.floor(flat / strides[axis]);
    flat -= index * strides[axis];
    const offset = (index - box[at]) / box[at + 2];
    const length = lengthOf(box, at);
    if (offset < 0 || offset >= length || !Number.isInteger(offset)) return -1;
    place = place * length + offset;
  }
  return place;
}

/** The flat index of the cell at a place of a box. @param {number[]} box @param {number[]} strides
 * @param {number} place */
export function cellAt(box, strides, place) {
  let flat = 0;
  for (let axis = strides.length - 1; axis >= 0; axis--) {
    const length = lengthOf(box, 3 * axis);
    flat += (box[3 * axis] + (place % length) * box[3 * axis + 2]) * strides[axis];
    place = Math.floor(place / length);
  }
  return flat;
}

/** Visit the flat index of every cell of a box, in row-major order.
 * @param {number[]} box @param {number[]} strides @param {(flat: number, nth: number) => void} visit */
export function eachCell(box, strides, visit) {
  const axes = strides.length;
  let nth = 0;
  /** @param {number} axis @param {number} base */
  const walk = (axis, base) => {
    if (axis === axes) return visit(base, nth++);
    const start = box[3 * axis],
      stop = box[3 * axis + 1],
      step = box[3 * axis + 2];
    const isLast = axis === axes - 1;
    for (let at = start; step > 0 ? at < stop : at > stop; at += step)
      if (isLast) visit(base + at * strides[axis], nth++);
      else walk(axis + 1, base + at * strides[axis]);
  };
  walk(0, 0);
}
