// @ts-check
// The factor that MATLAB and PyTorch print once for a whole array: `1.0e+03 *`. It moves the decimal point of each number
// that stands behind it, so that their digits stay as they were printed.

/** The power of ten that a word is; undefined if it is none. @param {string} word */
export function scaleOf(word) {
  const power = Math.round(Math.log10(Number(word)));
  return Number(word) > 0 && Number(`1e${power}`) === Number(word) ? power : undefined;
}

/** A word for a number, times a power of ten. @param {string} word @param {number} power */
export function scaled(word, power) {
  if (!power) return word;
  const [digits, exponent = "0"] = word.split(/[eEdD]|\*\^/);
  return `${digits}e${Number(exponent) + power}`;
}
