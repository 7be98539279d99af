// @ts-check
// Which arrays there is something to compare with.

/** Whether a walk computes an array, or changes what it was given.
 * @param {import("../../run/trace.js").NamedArray} array */
export const isComputed = ({ known, start, end }) => !known || end.some((value, at) => value !== start[at]);
