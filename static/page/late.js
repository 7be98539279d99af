// @ts-check
// A view whose scripts are not needed for the first picture. Until they are there, what it is to show is remembered.

import { again } from "./again.js";

/** @template Run, Moment
 * @template {{begin: (run: Run) => void, draw: (moment: Moment) => void, refresh: () => void}} V
 * @param {() => Promise<V>} fetched
 * @param {() => void} missing called when the scripts could not be had */
export function late(fetched, missing) {
  /** @type {V|undefined} */ let view;
  /** @type {Run|undefined} */ let run;
  /** @type {Moment|undefined} */ let moment;
  /** @type {((view: V) => void)|undefined} */ let wish;

  async function attempt() {
    try {
      view = await fetched();
    } catch {
      missing();
      return false;
    }
    if (run) view.begin(run);
    if (moment) view.draw(moment);
    wish?.(view);
    return true;
  }

  return {
    /** Have the scripts come. */
    come: () => again(attempt),
    /** Do something with the view: now, or when it comes what was wished last.
     * @param {(view: V) => void} next @returns {boolean} whether it is there */
    have(next) {
      if (view) next(view);
      else wish = next;
      return Boolean(view);
    },
    /** @param {Run} next */
    begin(next) {
      [run, moment] = [next, undefined];
      view?.begin(next);
    },
    /** @param {Moment} next */
    draw(next) {
      moment = next;
      view?.draw(next);
    },
    refresh: () => view?.refresh(),
  };
}
