// @ts-check
// When a plot is drawn: at each step of a reader who reads, a few times a second while a walk runs, and once it rests.
// It knows neither plots nor Plotly.

import { afterPicture } from "../page/page.js";

const READ = 180; // milliseconds: steps that are so far apart are shown one by one
const REST = 120; // milliseconds without a step: the walk rests, and the last one is shown
const SELDOM = 600; // milliseconds at least between two plots of a walk that is faster,
const SHARE = 30; // and so many times what a plot takes

export class Pace {
  #timer = 0;
  #stepped = 0; // when the walk moved,
  #next = 0; // and when there is a plot again, however fast it goes

  /** @param {() => void} show draws the plot */
  constructor(show) {
    this.show = show;
  }

  /** The walk has moved. @param {boolean} [isNew] whether it is another one, of which no picture is seen yet */
  step(isNew = false) {
    const now = performance.now();
    const isSlow = now - this.#stepped > READ;
    this.#stepped = now;
    this.rest();
    if (isNew) afterPicture(() => afterPicture(this.show));
    else if (isSlow) afterPicture(this.show);
    else this.#timer = window.setTimeout(this.show, Math.max(0, Math.min(REST, this.#next - now)));
  }

  /** A plot was drawn. @param {number} begun when that began */
  drawn(begun) {
    const now = performance.now();
    this.#next = now + Math.max(SELDOM, SHARE * (now - begun));
  }

  /** What was to be drawn later is no more. */
  rest() {
    clearTimeout(this.#timer);
  }
}
