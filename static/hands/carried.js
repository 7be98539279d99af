// @ts-check
// Arrays that are too long for an address. There each has a name that says so, which stands wherever its numbers
// would: in the address, in what can be undone, in the state of the browser's history. This module knows the names;
// few walks have any, so that what keeps the numbers comes when it is needed.

/** What such a name begins with; app/walks/arrays.py says what it means where the numbers are not at hand. */
export const MARK = "not-in-link-";

/** The arrays of a query whose numbers it only names. @param {URLSearchParams} query */
export const namedIn = (query) => [...query].filter(([, value]) => value.startsWith(MARK)).map(([array]) => array);

/** Fetch what stands at an address, with the numbers that it names. @param {string} url @param {RequestInit} [how] */
export const ask = async (url, how) =>
  url.includes(MARK) ? (await import("./kept.js")).withNumbers(url, how) : fetch(url, how);
