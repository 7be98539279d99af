// @ts-check
// A room is opened for the walk that is on the page: the class begins where its teacher is.

import { opened, talk } from "./talk.js";

/** @param {{layer: string, algorithm: string}} page @param {URLSearchParams} query @param {number} step
 * @param {(reason: string) => void} fail called with why there is none */
export async function open({ layer, algorithm }, query, step, fail) {
  const own = new URLSearchParams(query);
  own.delete("lang"); // each has their own
  try {
    const code = await opened();
    await talk(code).post("moment", { walk: { layer, algorithm, query: String(own) }, step });
    location.assign(`/class/${code}`);
  } catch (error) {
    fail(/** @type {Error} */ (error).message);
  }
}
