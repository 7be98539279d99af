// @ts-check
// What is said of a moment: the chapter, the caption of the step, the loop variables.

import { element, part, write } from "./page.js";
import { titleOf } from "./trace.js";

/** @typedef {import("./trace.js").Trace} Trace */

/** @param {HTMLElement} root @param {Trace} trace @param {(text: string) => string} say */
export function narration(root, trace, say) {
  const [title, caption, loop] = [".chapter-title", ".caption", ".loop"].map((selector) => part(selector, root));

  /** @param {import("./stage.js").Frame} frame */
  function draw(frame) {
    write(title, titleOf(trace.chapters[trace.chapterAt(frame.k)], say));
    const step = frame.k ? trace.steps[frame.k - 1] : undefined;
    write(caption, step ? say(trace.header.captions[step.caption]) : say("caption.start"));
    const variables = step ? Object.entries(step.loop) : [];
    loop.replaceChildren(
      ...variables.map(([name, value]) =>
        element("span", {}, element("var", {}, name), ` = ${Array.isArray(value) ? value.join(", ") : value}`),
      ),
    );
  }

  return { draw, close: () => {} };
}
