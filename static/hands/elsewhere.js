// @ts-check
// Leads to a walk on a page of its own, with arrays that it is to begin with: those that its address has no room for
// stay with this tab.

import { shortened } from "./kept.js";
import { store } from "./stored.js";
import { plain } from "./url.js";

/** @param {string} path of the page @param {URLSearchParams} query @param {string[]} arrays that the query may have
 * @param {number} longest characters of an address @param {number} [step] to open at
 * @returns {boolean} whether there is a way: this tab may keep nothing, and the address have no room */
export function lead(path, query, arrays, longest, step) {
  const address = () => `${path}?${plain(query)}`;
  shortened(query, arrays, () => address().length > longest);
  if (!store(query)) return false;
  location.assign(address() + (step === undefined ? "" : `#${step}`));
  return true;
}
