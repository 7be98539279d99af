// @ts-check
// The step that stands behind the # of a link, as people and chat programs leave it there. It knows text alone.
//
//   #12   #12.   #(12)   #12】   #１２   # 12   #12%29   #step=12   #12&utm_source=mail   #12#wechat_redirect   #12，看这里
//
// Punctuation around a number is not of it, and neither is what others append: a separator and a name. Nor is the text
// that the link stood in: letters of another script, or words behind a blank, as in app/walks/link.py. What has a
// digit and is none of these names no step that one could be sure of
// (#12.5, #1,000, #-3, #12a, #12…, #12 or 13, #12万); what has none is none.

const FAR = "(?!.{0,8}\\d)"; // no other number is near
const FOREIGN = "(?![零〇一二两兩三四五六七八九十百千万萬亿億点點分又半倍])(?!\\p{Script=Latin})\\p{L}";
const COUNTING = "and|or|to|by|bis|und|oder|mal|times|of|per|percent|thousand|million|billion|[ekmx]";
const WORDS = `(?!(?:${COUNTING})\\b)\\p{L}${FAR}`;
const TEXT = [
  `[,.;:!?()\\]}。、【】「」『』《》“”’"'>*\`][^\\p{L}\\p{N}]*${FOREIGN}.*`,
  `\\s*(?![和或到至与及乘])${FOREIGN}${FAR}.*`,
  `[,.;:!?)\\]}。】」”’"'>*\`]*\\s+[(["'“‘]*${WORDS}.*`,
  `\\s*[\\u{1f300}-\\u{1faff}]${FAR}.*`,
].join("|");
const BEGIN = "[\"'`#<([{（【「『“‘*!/\\s]*(?:step\\s*[=:-]?\\s*)?";
const APPENDED = "[^\\p{L}\\p{N}]*(?:[?&#/;|]\\s*[A-Za-z_].*)?";
const STEP = new RegExp(`^${BEGIN}(\\d+)(?!\\W*(?:…|\\.\\.))(?:${APPENDED}|${TEXT})$`, "isu");

/** @param {string} hash as `location` has it
 * @returns {number|null|undefined} the step; null where there is one that cannot be read, undefined where there is
 * none */
export function stepOf(hash) {
  const text = plain(hash.replace(/^#/, ""));
  const found = STEP.exec(text);
  if (found) return Number(found[1]);
  return /^[^A-Za-z_]*\d|^\W*step\W*\d/i.test(text) ? null : undefined;
}

/** Without percent signs and digits of full width. @param {string} text */
function plain(text) {
  try {
    text = decodeURIComponent(decodeURIComponent(text));
  } catch {
    // A percent sign that stands for itself.
  }
  return text.replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}
