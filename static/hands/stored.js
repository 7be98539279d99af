// @ts-check
// Keeps arrays that are too long for an address over the end of a page, for as long as its tab stands: who reloads it
// or comes back to it finds the same walk. A browser has room for some of them only, or for none.

import { MARK, namedIn } from "./carried.js";
import { kept } from "./kept.js";

export { shortened } from "./kept.js"; // what was kept is too long still

/** @import { Boot } from "./url.js" */

const LATEST = 4; // that make no room for others: a walk has as many arrays

/** What an address stands for that names arrays which are still here: of those the server knows nothing, nor of what
 * goes with them. @param {Boot} boot @param {string} search */
export function again(boot, search) {
  for (const name of names()) kept.set(name, sessionStorage.getItem(name) ?? "");
  const all = new URLSearchParams(search);
  if (!namedIn(all).every((array) => kept.has(all.get(array) ?? ""))) return undefined;
  const taken = new URLSearchParams(boot.query);
  const isOurs = (/** @type {string} */ name) =>
    name in boot.defaults || name in boot.arrays || name === "lang" || taken.has(name);
  return new URLSearchParams([...all].filter(([name]) => isOurs(name)));
}

/** Keep the arrays that a query names. @param {URLSearchParams} query @returns {boolean} whether there was room */
export function store(query) {
  const wanted = namedIn(query).map((array) => query.get(array) ?? "");
  try {
    for (const name of wanted) put(name, kept.get(name) ?? "");
    return true;
  } catch {
    return false; // a page in a sandboxed frame has no storage at all
  }
}

/** @param {string} name @param {string} text */
function put(name, text) {
  try {
    sessionStorage.setItem(name, text);
  } catch {
    const latest = [...kept.keys()].slice(-LATEST);
    for (const old of names()) if (!latest.includes(old)) sessionStorage.removeItem(old);
    sessionStorage.setItem(name, text);
  }
}

/** Those that are kept. */
function names() {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(MARK));
  } catch {
    return [];
  }
}
