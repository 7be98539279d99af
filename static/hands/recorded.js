// @ts-check
// Says how far a walk is that takes its time, whether somebody waits for it or not: below the counter for the eye, and
// for the ear twice, when it takes long and when it is whole. It knows how many steps there are, and nothing of them.

import { part, write } from "../page/page.js";

const SOON = 1000; // milliseconds: of what is whole by then, nothing is said
const EMPTY = 250; // an empty stage says sooner what it waits for

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
      write(spoken, say("recorded.awaited")); // once: a number that changes would be read aloud again and again
    }

    /** @param {string} last */
    function finish(last) {
      if (isOver) return;
      isOver = true;
      for (const timer of timers) clearTimeout(timer);
      delete counter.dataset.recorded;
      delete stage.dataset.awaited;
      write(spoken, last);
    }

    const sayEmpty = () => of === 0 && (stage.dataset.awaited = say("recorded.awaited"));
    const timers = [
      setTimeout(() => ((isLate = true), show()), SOON),
      ...(isFirst ? [setTimeout(sayEmpty, EMPTY)] : []),
    ];
    stop = () => finish("");
    return {
      arrived({ steps, length }) {
        [count, of] = [steps.length, length];
        delete stage.dataset.awaited;
        show();
      },
      end: (/** @type {boolean} */ isWhole) => finish(isLate && isWhole ? say("recorded.whole") : ""),
    };
  };
}
