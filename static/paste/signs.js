// @ts-check
// Signs that look right: minus signs, digits, brackets, spaces of every script, in place of which a text gets plain
// ones. A line stays a line. What cannot be seen and stands inside of a number is refused: nobody knows what it parts.

import { lineAt, Unreadable } from "./unreadable.js";

const SIDES = "[ \\u239b-\\u23a6\\u2502]*"; // of a bracket drawn over several lines

/** What takes the place of what; a hard space (U+00A0) stays, since it may also part the thousands of a number. */
const SIGNS = /** @type {[RegExp, string][]} */ ([
  [/\r\n?|[\u0085\u2028\u2029]/g, "\n"],
  [/[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u02d7\u2796]/g, "-"],
  [/[\u2795\ufe62]/g, "+"],
  [/[\u2018\u2019\u02bc\u00b4\u2032\u066c\uff07]/g, "'"], // ’ parts thousands in Switzerland, ٬ in Arabic
  [/[\u201c-\u201f\u00ab\u00bb\uff02]/g, '"'],
  [/\u066b/g, "."],
  [/[\u3010\u3014]/g, "["],
  [/[\u3011\u3015]/g, "]"],
  [/[\u2026\u22ee\u22ef\u22f1]/g, "..."],
  [/[\u2007\u2009\u202f]/g, "\u00a0"],
  [/[\u1680\u2000-\u2006\u2008\u200a\u205f\u3000]/g, " "],
  [new RegExp(`^${SIDES}[\\u239c\\u239f\\u23a2\\u23a5]${SIDES}$\\n?`, "gm"), ""],
  [/[\u239b-\u23a6]/g, " "],
]); // prettier-ignore
const HIDDEN = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad\u180e]+/g;
const ZEROS = [0x660, 0x6f0, 0x966, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6]; // the nought of other rows of digits

/** A text in plain signs. @param {string} text */
export function plain(text) {
  if (!/[^\n -~\t]/.test(text)) return text;
  let said = text.replace(/(?!\d)\p{Nd}/gu, digit);
  said = said.replace(/[\uff0c\u3001]/g, comma(said)).replace(/[\uff01-\uff5e]/g, narrow);
  for (const [sign, other] of SIGNS) said = said.replace(sign, other);
  return said.replace(HIDDEN, (signs, at) => {
    const [before, after] = [said[at - 1] ?? "", said[at + signs.length] ?? ""];
    // A soft hyphen before a digit looks like a minus sign; anything between two characters of a number may part it.
    const isInside = /[\w.,+-]/.test(before) && /[\w.,+-]/.test(after);
    if (isInside || (signs.includes("\u00ad") && /[\d.]/.test(after)))
      throw new Unreadable("hidden", { line: lineAt(said, at) });
    return "";
  });
}

/** @param {string} sign */
function digit(sign) {
  const code = sign.codePointAt(0) ?? 0;
  const zero = ZEROS.find((each) => code >= each && code < each + 10);
  return zero === undefined ? narrow(sign) : String(code - zero);
}

/** A letter, digit or sign of full width, as wide as a Chinese one. @param {string} sign */
const narrow = (sign) => (/[\uff01-\uff5e]/.test(sign) ? String.fromCharCode(sign.charCodeAt(0) - 0xfee0) : sign);

/** A Chinese comma parts numbers; where each could part thousands as well, it is as doubtful as another comma.
 * @param {string} text with plain digits */
const comma = (text) => (/\u3001|(?<!\d)\uff0c|\uff0c(?!\d{3}(?!\d))/.test(text) ? ", " : ",");
