// @ts-check
// What is said of a moment: the chapter, the caption of the step, the loop variables.

import { element, part, write } from "../page/page.js";
import { titleOf } from "../run/trace.js";

/** @import { View } from "../board/stage.js" */
/** @import { Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */

/** @param {HTMLElement} root @param {Say} say @returns {View} */
export function narration(root, say) {
  /** @type {Trace} */ let trace;
  const [title, caption, loop] = [".chapter-title", ".caption", ".loop"].map((selector) => part(selector, root));

  return {
    draw(frame) {
      write(title, titleOf(trace.chapters[trace.chapterAt(frame.k)], say));
      const step = frame.k ? trace.steps[frame.k - 1] : undefined;
      write(caption, step ? say(trace.header.captions[step.caption]) : say("caption.start"));
      const variables = step ? Object.entries(step.loop) : [];
      const spans = variables.map(([name, value]) =>
        element("span", {}, element("var", {}, name), ` = ${Array.isArray(value) ? value.join(", ") : value}`),
      );
      if (spans.map(({ textContent }) => textContent).join("") !== loop.textContent) loop.replaceChildren(...spans);
    },
    begin: (next) => void (trace = next),
  };
}
