// @ts-check
// Small things that the browser remembers of a reader, such as a folded map. A page in a sandboxed frame has no
// storage, and a browser may be told to keep nothing: then they hold for as long as the page stands.

/** @typedef {"localStorage"|"sessionStorage"} Where */

export const CONTRAST = "convwalk.contrast"; // where a tab remembers the cell that a contrast is to open at

/** @type {Map<string, string>} */ const here = new Map();

/** @param {Where} where @param {string} key @returns {string|null} */
export function recall(where, key) {
  try {
    return window[where].getItem(key);
  } catch {
    return here.get(key) ?? null;
  }
}

/** @param {Where} where @param {string} key @param {string} text */
export function keep(where, key, text) {
  here.set(key, text);
  try {
    window[where].setItem(key, text);
  } catch {
    // It is kept here.
  }
}
