// @ts-check
// Says how far a walk is that takes its time: below the counter for the eye, and for the ear twice, when it takes long
// and when it is whole. It knows how many steps there are, and nothing of them.

import { part, write } from "../page/page.js";

const SOON = 1000; // milliseconds: of what is whole by then, nothing is said

/** @param {(text: string) => string} say
 * @returns {(isFirst: boolean) => import("../run/run.js").Recording} to be called when a run is asked for, and
 *   whether the stage is empty */
export function recorded(say) {
  const [stage, counter, spoken] = ["#stage", ".counter", "#recording"].map((selector) => part(selector));
  let stop = () => {};

  return (isFirst) => {
    stop();
    let [isLate, isOver] = [false, false];
    let [count, of] = [0, 0];

    function show() {
      if (!isLate || isOver) return;
      const isKnown = of > 0; // before its header, a walk is run once to the end, which is quick
      const share = Math.floor((100 * count) / Math.max(1, of));
      if (isKnown) counter.dataset.recorded = say("recorded.share").replace("{share}", String(share));
      else if (!isFirst) counter.dataset.recorded = say("recorded.begun");
      if (isFirst && !isKnown) stage.dataset.awaited = say("recorded.awaited");
      else delete stage.dataset.awaited;
      write(spoken, say("recorded.awaited")); // once: a number that changes would be read aloud again and again
    }

    /** @param {string} last */
    function finish(last) {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      delete counter.dataset.recorded;
      delete stage.dataset.awaited;
      write(spoken, last);
    }

    const timer = setTimeout(() => ((isLate = true), show()), SOON);
    stop = () => finish("");
    return {
      arrived: (/** @type {number} */ now, /** @type {number} */ all) => ((count = now), (of = all), show()),
      end: (/** @type {boolean} */ isWhole) => finish(isLate && isWhole ? say("recorded.whole") : ""),
    };
  };
}
