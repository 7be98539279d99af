// @ts-check
// What is said of a moment: the chapter, the caption of the step, and the loop variables that its formula names. A
// cell that a caption names leads to the step in which it was written.

import { button, element, part, write } from "../page/page.js";
import { captionOf } from "../say/caption.js";
import { filled } from "../say/describe.js";
import { titleOf } from "../run/trace.js";

/** @import { View } from "../board/stage.js" */
/** @import { Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */

/** @param {HTMLElement} root @param {Say} say @param {(moment: number) => void} go @returns {View} */
export function narration(root, say, go) {
  /** @type {Trace} */ let trace;
  /** @type {Map<string, Set<string>>} the variables that the formula of each function names */ let named;
  const names = [".chapter-number", ".chapter-title", ".caption", ".loop"];
  const [place, title, caption, loop] = names.map((selector) => part(selector, root));

  /** The loop variables worth telling: those of the formula. Where it names none of them, all but the slices, whose
   * boxes are seen on the stage. @param {Record<string, any>} all @param {string} source that runs */
  function worth(all, source) {
    const variables = Object.entries(all);
    const told = variables.filter(([name]) => named.get(source)?.has(name));
    return told.length ? told : variables.filter(([, value]) => typeof value !== "string");
  }

  return {
    draw(frame) {
      const number = trace.chapterAt(frame.k);
      const counted = { number: String(number + 1), count: String(trace.chapters.length) };
      write(place, filled(say, "chapter.number", counted));
      write(title, titleOf(trace.chapters[number], say));
      const step = frame.k ? trace.steps[frame.k - 1] : undefined;
      const pieces = step ? captionOf(trace, frame.k, say) : [{ text: say("caption.start") }];
      if (pieces.map(({ text }) => text).join("") !== caption.textContent)
        caption.replaceChildren(...pieces.map((piece) => pieceOf(piece, go)));
      const variables = step ? worth(step.loop, frame.scene.source) : [];
      const spans = variables.map(([name, value]) =>
        element("span", {}, element("var", {}, name), ` = ${Array.isArray(value) ? value.join(", ") : value}`),
      );
      if (spans.map(({ textContent }) => textContent).join("") !== loop.textContent) loop.replaceChildren(...spans);
    },
    begin(next) {
      trace = next;
      named = new Map(trace.header.sources.map((/** @type {any} */ { name, formula }) => [name, indicesIn(formula)]));
    },
  };
}

/** @param {{equations: string[]}} formula as the server has set it */
const indicesIn = ({ equations }) => new Set([...equations.join().matchAll(/\bidx-(\w+)/g)].map(([, name]) => name));

/** @param {import("../say/caption.js").Piece} piece @param {(moment: number) => void} go */
function pieceOf({ text, cell, moment }, go) {
  if (moment === undefined) return text;
  return button({ class: "to-step", "data-cell": cell ?? "" }, () => go(moment), text);
}
