// @ts-check
// What is said of a moment: the chapter and why it is there, the caption of the step, the loop variables.

import { element, part, write } from "./page.js";

/** @typedef {import("./trace.js").Trace} Trace */

/** @param {HTMLElement} root @param {Trace} trace @param {(text: string) => string} say */
export function narration(root, trace, say) {
  const [title, doc, caption, loop] = [".chapter-title", ".chapter-doc", ".caption", ".loop"].map((s) => part(s, root));
  const docs = new Map(trace.header.sources.map((/** @type {any} */ source) => [source.name, source.doc]));
  let told = "";

  /** @param {import("./stage.js").Frame} frame */
  function draw(frame) {
    const chapter = trace.chapters[trace.chapterAt(frame.k)];
    const opening = trace.chapterAt(frame.k) === 0 ? [trace.header.sources[0].name] : []; // what the whole walk is about
    const running = frame.k ? trace.steps[frame.k - 1][2].slice(1).map(([number]) => trace.header.sources[number].name) : [];
    const sources = [...new Set([...opening, chapter.source, ...running, frame.scene.source])];
    if (told !== sources.join()) {
      told = sources.join();
      write(title, say(chapter.name.replaceAll("_", " ")));
      doc.replaceChildren(
        ...sources.flatMap((source) => paragraphs(docs.get(source) ?? "")).map((text) => element("p", {}, ...withCode(say(text)))),
      );
      doc.scrollTop = 0;
    }
    const step = frame.k ? trace.steps[frame.k - 1] : undefined;
    write(caption, step ? say(trace.header.captions[step[0]]) : say("caption.start"));
    const variables = step ? Object.entries(step[3]) : [];
    loop.replaceChildren(
      ...variables.map(([name, value]) =>
        element("span", {}, element("var", {}, name), ` = ${Array.isArray(value) ? value.join(", ") : value}`),
      ),
    );
  }

  return { draw, close: () => {} };
}

/** A text with what stands between backticks as code. @param {string} text */
const withCode = (text) => text.split("`").map((part, at) => (at % 2 ? element("code", {}, part) : part));

/** The paragraphs of a docstring, each on one line. @param {string} doc @returns {string[]} */
const paragraphs = (doc) => doc.split(/\n\s*\n/).map((text) => text.replace(/\s+/g, " ").trim()).filter(Boolean);
