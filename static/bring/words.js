// @ts-check
// The sentences of this room, which come with it: the page is not to carry them until somebody brings something.

import { worded } from "../page/beside.js";

/** @returns {Promise<(key: string) => string>} */
export async function words() {
  const all = await worded(import.meta.url);
  return (key) => all[key] ?? key;
}
