// @ts-check
// A number by the digits it is written in, and with fewer of them. The binary number of 2.55 is a little less, and
// would be 2.5 with one decimal; a reader sees 2.55 and expects 2.6. So the digits are rounded, half away from zero.
// It knows no page.

/** A number without its sign: digits · 10^-scale. @typedef {{digits: bigint, scale: number}} Digits */

/** The fewest digits that tell a number from its neighbours. @param {number} value a finite one @returns {Digits} */
export function digitsOf(value) {
  const [head, power = "0"] = String(Math.abs(value)).split("e");
  const [whole, fraction = ""] = head.split(".");
  return { digits: BigInt(whole + fraction), scale: fraction.length - Number(power) };
}

/** How many units of the last of so many decimals are nearest. @param {number} value @param {number} places */
function unitsOf(value, places) {
  const { digits, scale } = digitsOf(value);
  if (scale <= places) return digits * 10n ** BigInt(places - scale);
  const unit = 10n ** BigInt(scale - places);
  return (digits + unit / 2n) / unit;
}

/** A number with so many decimals, as 2.60. @param {number} value a finite one @param {number} places */
export function fixed(value, places) {
  const units = String(unitsOf(value, places)).padStart(places + 1, "0");
  const sign = value < 0 ? "-" : "";
  return sign + (places ? `${units.slice(0, -places)}.${units.slice(-places)}` : units);
}

/** The nearest number that has at most so many digits, as 2600 for 2551 and two of them.
 * @param {number} value @param {number} count */
export function leading(value, count) {
  if (!value || !Number.isFinite(value)) return value;
  const { digits, scale } = digitsOf(value);
  const places = count - String(digits).length + scale; // the last of them that stays
  return Math.sign(value) * Number(`${unitsOf(value, places)}e${-places}`);
}
