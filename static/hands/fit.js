// @ts-check
// Arrays that a reader has brought and whose size follows from the settings: where that is another one now, the server
// makes them fit, and says what has become of their numbers. This module knows how to ask it.

import { ask } from "./carried.js";
import { address } from "../paste/address.js";

/** @typedef {{name: string, shape: number[], cells: number[], message: string}} Fitting */

/** A query whose arrays fit its settings, and what is to be said of that. What is just being brought is left as it is:
 * with other numbers it would not be the reader's.
 * @param {import("./url.js").Url} url @param {URLSearchParams} query @param {string[]} brought @param {string} lang
 * @param {AbortSignal} signal @returns {Promise<{query: URLSearchParams, said: string}>} */
export async function fitted(url, query, brought, lang, signal) {
  const asItIs = { query, said: "" };
  const following = url.boot.following.filter((name) => query.has(name));
  if (following.every((name) => brought.includes(name))) return asItIs;
  try {
    const response = await ask(url.api("fit", query, { lang }), { signal });
    if (!response.ok) return asItIs; // the stream says what is wrong
    /** @type {{arrays: Fitting[]}} */ const { arrays: all } = await response.json();
    const arrays = all.filter(({ name }) => !brought.includes(name));
    const changes = Object.fromEntries(arrays.map(({ name, shape, cells }) => [name, address({ shape, cells })]));
    return { query: url.changed(query, changes), said: arrays.map(({ message }) => message).join("\n") };
  } catch {
    return asItIs; // the connection is gone: the stream says so too
  }
}
