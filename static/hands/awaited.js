// @ts-check
// Says over the stage what the page waits for, how far that is, and offers a way back to what is shown. Of the run it
// knows only how many steps have arrived, and of which chapter.

import { button, element, write } from "../page/page.js";
import { filled } from "../say/describe.js";
import { titleOf } from "../run/trace.js";

/** @import { Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */

const SOON = 200; // milliseconds: what is there by then needs no word
const SECOND = 1000;

/** @param {HTMLElement} stage @param {Say} say @param {() => void} cancel goes back to what is shown */
export function awaited(stage, say, cancel) {
  const said = element("span");
  const card = element("div", { class: "awaited", hidden: "" }, said, button({}, cancel, say("awaited.cancel")));
  stage.prepend(card);
  let since = 0; // when the page began to wait; 0 while it does not
  let timer = 0;
  /** @type {number|undefined} the step that is awaited; none, where it is a run */ let step;
  /** @type {Trace|undefined} what has arrived of it */ let arriving;

  const counted = (/** @type {number} */ count) => count.toLocaleString(document.documentElement.lang);

  function show() {
    const waited = Date.now() - since;
    clearTimeout(timer);
    timer = window.setTimeout(show, waited < SOON ? SOON - waited : SECOND);
    if (waited < SOON) return;
    write(said, text(waited));
    card.hidden = false;
  }

  /** @param {number} waited */
  function text(waited) {
    const { steps: { length: count } = { length: 0 }, length: of = 0, chapters = [] } = arriving ?? {};
    if (!arriving || !count) return filled(say, "awaited.run", { seconds: Math.floor(waited / SECOND) });
    const values = {
      step: counted(step ?? 0),
      chapter: titleOf(chapters[arriving.chapterAt(count)], say),
      count: counted(count),
      of: counted(of),
      share: Math.floor((100 * count) / of),
    };
    const key = step === undefined ? "awaited.recording" : "awaited.step";
    return filled(say, key, values);
  }

  function hide() {
    clearTimeout(timer);
    since = 0;
    if (card.contains(document.activeElement)) stage.focus();
    card.hidden = true;
  }

  return {
    /** A run was asked for: nothing of it is there yet. */
    begin: () => void (arriving = undefined),
    /** More of a run has arrived. @param {Trace} trace */
    arrived: (trace) => void (arriving = trace),
    /** The page waits, for a step or for another run, or it does not any more.
     * @param {boolean} isWaiting @param {number} [wanted] the step */
    wait(isWaiting, wanted) {
      step = wanted;
      if (!isWaiting) return since ? hide() : undefined;
      since ||= Date.now();
      show();
    },
  };
}
