// @ts-check
// Whether a text has more numbers than any array has. That is told at a glance, where reading it in every way that it
// may be meant takes seconds.

export const CELLS = 65_536; // of the largest array that a walk takes: 16 maps of 64×64
export const COMPARED = 200_000; // of the largest one that it computes
const AMPLE = 2; // times as many are looked for: names of rows and columns are counted too

/** @param {string} text @param {number} most cells that an array has */
export const isMany = (text, most) => text.length > AMPLE * most && fewest(text) > AMPLE * most;

/** How many numbers a text has at least, whatever the commas in it are. @param {string} text */
function fewest(text) {
  let count = 0;
  for (const word of text.match(/[^\s;&|]*\d[^\s;&|]*/g) ?? []) {
    // One comma can be a number's own, and so can all before three digits; others part two.
    const parts = word.split(",");
    const others = () => parts.filter((part) => /\d/.test(part) && !/^\d{3}(?!\d)/.test(part)).length;
    count += parts.length < 3 ? 1 : Math.max(1, others());
  }
  return count;
}
