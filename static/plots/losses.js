// @ts-check
// The loss over the values of one cell, which the server computes for the cell that is looked at: asked for once the
// walk rests there, and kept as long as the run. Where there is none the plot does without. It knows no layer.

/** @typedef {{x: number[], change: number[], kinks: number[]}} Losses values of the cell, in order, its own in their
 *   middle; how far the loss is from what it is; and the positions of the kinks. Without points: it costs too much
 * @typedef {{array: string, flat: number}} Wanted
 * @typedef {(array: string, flat: number) => Promise<Response>} Ask */

const REST = 240; // milliseconds without a step

/** @param {Ask} ask @param {() => void} tell called when there is another one */
export function losses(ask, tell) {
  /** @type {Map<string, Losses>} */ let found = new Map();
  /** @type {Losses|undefined} */ let none; // what it is for all cells, where a run is too large
  let timer = 0;

  /** @param {Wanted} wanted @param {Map<string, Losses>} run of which it is */
  async function fetched({ array, flat }, run) {
    try {
      const response = await ask(array, flat);
      if (!response.ok && response.status !== 422) return;
      // It is refused where the function that nudges is none that the server can run by itself.
      /** @type {Losses} */ const answer = response.ok ? await response.json() : { x: [], change: [], kinks: [] };
      if (run !== found) return;
      answer.change = answer.change.map(Number); // NaN and ∞ have come as words
      if (!answer.x.length) none = answer;
      run.set(`${array} ${flat}`, answer);
      tell();
    } catch {
      // The connection is gone: the plot says what was recorded, and asks again when the walk is back here.
    }
  }

  return {
    /** @param {string} array @param {number} flat */
    of: (array, flat) => none ?? found.get(`${array} ${flat}`),
    /** What is wanted now, if anything. @param {Wanted} [wanted] */
    want(wanted) {
      clearTimeout(timer);
      if (wanted) timer = window.setTimeout(() => void fetched(wanted, found), REST);
    },
    begin() {
      clearTimeout(timer);
      [found, none] = [new Map(), undefined];
    },
  };
}
