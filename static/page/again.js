// @ts-check
// What cannot be had now may be had later: the server is started anew, the connection comes back.

const LONGEST = 60_000; // milliseconds between two tries

/** Try until it works: ever less often, and at once when the network is back.
 * @param {() => Promise<boolean>} attempt @returns {Promise<void>} when one has worked */
export async function again(attempt) {
  for (let tries = 0; !(await attempt()); tries++)
    await new Promise((resolve) => {
      setTimeout(resolve, Math.min(LONGEST, 1000 * 2 ** tries));
      window.addEventListener("online", resolve, { once: true });
    });
}
