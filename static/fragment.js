// @ts-check
// The step that stands behind the # of a link, as people and chat programs leave it there. It knows text alone.
//
//   #12   #12.   #(12)   #12】   #１２   # 12   #12%29   #step=12   #12&utm_source=mail   #12#wechat_redirect
//
// Punctuation around a number is not of it, and neither is what others append: a separator and a name. What has a digit and
// is none of these names no step that one could be sure of (#12.5, #1,000, #-3, #12a, #12…); what has none is no step at all.

const STEP = /^["'`#<([{（【「『“‘*\s]*(?:step\s*[=:-]?\s*)?(\d+)(?!\W*(?:…|\.\.))[^\p{L}\p{N}]*(?:[?&#/;|]\s*[A-Za-z_].*)?$/isu;

/** @param {string} hash as `location` has it @returns {number|null|undefined} the step; null where there is one that cannot
 *   be read, undefined where there is none */
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
