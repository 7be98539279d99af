// @ts-check
// What there is to read beside the stage: what the chapter does and why, what to look for just now, a question to
// think about. It is all in the docstrings of the functions that run. A word that names an array lights it up.

import { filled } from "../say/describe.js";
import { light } from "../page/highlight.js";
import { explain } from "../page/explained.js";
import { element, part } from "../page/page.js";

/** @import { View } from "../board/stage.js" */
/** @import { Scene, Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @typedef {ReturnType<typeof import("../say/terms.js").glossary>} WithTerms */
/** @typedef {{kind: string, text: string}} Told a paragraph: plain, or one of those that begin with their kind */

/** @param {HTMLElement} root @param {Say} say @param {WithTerms} withTerms
 * @param {Record<string, string>} glossary the row of the page of words that belongs to a function @returns {View} */
export function reading(root, say, withTerms, glossary) {
  /** @type {Trace} */ let trace;
  /** @type {Map<string, Told[]>} */ let docs;
  let whole = ""; // the function that all the others are called by
  let told = ""; // what the text that stands there is of: a run of other numbers often says the same
  const words = document.querySelector("a.words"); // a page that is embedded may do without

  /** @param {string} source @param {string} kind @returns {string[]} */
  const of = (source, kind) => (docs.get(source) ?? []).filter((one) => one.kind === kind).map(({ text }) => text);

  /** @param {string[]} sources the functions that run @param {string} pointing the one whose notes are shown
   * @param {Scene} scene */
  function show(sources, pointing, scene) {
    /** @type {Set<string>} explanations that can be asked for already */ const asked = new Set();
    const marked = (/** @type {string} */ plain) => withTerms(plain, asked);
    /** What the reader has folded or unfolded stays so. The code that runs stands below all that is open, and above
     * the plot. @param {string} kind @param {number} high how high a window is at least in which it is open at first
     * @param {...Node} content */
    const foldable = (kind, high, ...content) => {
      const hasRoom = matchMedia(`(min-height: ${high}px), (max-width: 900px)`).matches;
      const open = root.querySelector(`details.${kind}`)?.hasAttribute("open") ?? hasRoom;
      return element("details", { class: kind, ...(open && { open: "" }) }, ...content);
    };
    /** @param {string} source @param {string} kind @param {number} from @param {number} [to] of its paragraphs */
    const said = (source, kind, from, to) =>
      of(source, kind).slice(from, to).map((text) =>
        element("p", {}, ...withNames(say(text), marked, (name) => named(name, source, scene)))); // prettier-ignore
    const first = sources.flatMap((source) => said(source, "", 0, 1)); // what each does
    const look = said(pointing, "look", 0).map((text) => {
      const note = foldable("look", 860, element("summary", {}, say("reading.look")), text);
      note.classList.add("note");
      return note;
    });
    const answers = said(pointing, "answer", 0).map((text) =>
      element("details", { class: "answer" }, element("summary", {}, say("reading.answer")), text),
    );
    const questions = said(pointing, "question", 0).map((text) => {
      const think = element("summary", {}, say("reading.question"));
      const question = foldable("question", 1200, think, text, ...answers);
      question.classList.add("note");
      return question;
    });
    const reasons = sources.flatMap((source) => said(source, "", 1));
    const why = foldable("why", 1200, element("summary", {}, say("reading.why")), ...reasons);
    for (const word of root.querySelectorAll("[data-names]")) light(word, undefined);
    root.replaceChildren(...first, ...look, ...questions, ...(reasons.length ? [why] : []));
    root.scrollTop = 0;
  }

  /** @param {string} name @param {string} source @param {Scene} scene */
  function named(name, source, scene) {
    const array = arrayNamed(name, source, scene);
    return array === undefined ? undefined : naming(name, array, say(trace.byName.get(array)?.label ?? ""), say);
  }

  /** The array on the stage that a function's text means by a name. The function that runs means its own parameters;
   * one around it the arrays of the walk, and what the walk has no array for must be handed on under that name.
   * @param {string} name @param {string} source @param {Scene} scene @returns {string|undefined} */
  function arrayNamed(name, source, scene) {
    const bound = new Map(scene.arrays).get(name);
    if (source === scene.source) return bound;
    return trace.byName.has(name) ? scene.arrays.find(([, array]) => array === name)?.[1] : bound;
  }

  return {
    begin(next) {
      trace = next;
      docs = new Map(trace.header.sources.map((/** @type {any} */ source) => [source.name, paragraphs(source.doc)]));
      whole = trace.header.sources[0].name;
    },
    draw({ k, scene }) {
      const number = trace.chapterOf(scene);
      const chapter = trace.chapters[number];
      const stack = trace.stackAt(k, scene);
      const calls = stack.slice(1).map(({ source }) => trace.header.sources[source].name);
      const running = [chapter.source, ...calls, scene.source];
      const sources = [...new Set(running)];
      const now = [...sources, "", ...scene.arrays.flat(), "", ...trace.byName.keys()].join();
      if (now === told) return;
      told = now;
      const row = running.findLast((source) => source in glossary);
      if (words instanceof HTMLAnchorElement) words.hash = row ? glossary[row] : "";
      // Of nested functions the outermost that has something to point out does: it knows what is special here.
      const pointing = [whole, ...running].find((source) => docs.get(source)?.some(({ kind }) => kind));
      show(sources, pointing ?? "", scene);
    },
  };
}

/** The paragraphs of a docstring, each on one line. @param {string} doc @returns {Told[]} */
const paragraphs = (doc) =>
  doc
    .split(/\n\s*\n/)
    .map((text) => text.replace(/\s+/g, " ").trim())
    .filter(Boolean)
    .map((paragraph) => {
      const [, kind = "", text] = /** @type {string[]} */ (/^(?:(Look|Question|Answer): )?(.*)$/.exec(paragraph));
      return { kind: kind.toLowerCase(), text };
    });

/** A text with what stands between backticks as code, and as a button where that is an array on the stage.
 * @param {string} text @param {(plain: string) => (Node|string)[]} marked what stands outside of them
 * @param {(name: string) => Node|undefined} named */
const withNames = (text, marked, named) =>
  text
    .split("`")
    .flatMap((piece, at) => (at % 2 === 0 ? marked(piece) : [named(piece) ?? element("code", {}, piece)]));

/** A word that lights an array up while it is pointed at or focused, and from one press to the next. It is called as
 * on its board, and what is said of it there can be asked.
 * @param {string} name in the code @param {string} array @param {string} label of its board @param {Say} say */
function naming(name, array, label, say) {
  const code = element("code", {}, array);
  const title = name !== array && { title: filled(say, "panel.alias", { name }) };
  const word = element("button", { type: "button", class: "name", "aria-pressed": "false", ...title }, code);
  word.dataset.names = array;
  explain(word, () => (label ? [label] : []));
  /** @type {Set<string>} why it lights its array */ const reasons = new Set();
  /** @param {string} reason @param {boolean} holds */
  const because = (reason, holds) => {
    reasons[holds ? "add" : "delete"](reason);
    word.toggleAttribute("data-lit", reasons.size > 0);
    light(word, reasons.size ? array : undefined);
  };
  // A finger does not rest on a word, but taps it.
  word.addEventListener("pointerenter", ({ pointerType }) => because("hover", pointerType === "mouse"));
  word.addEventListener("pointerleave", () => because("hover", false));
  word.addEventListener("focus", () => because("focus", word.matches(":focus-visible")));
  word.addEventListener("blur", () => because("focus", false));
  word.addEventListener("click", () => {
    const pressed = !reasons.has("press");
    word.setAttribute("aria-pressed", String(pressed));
    because("press", pressed);
    if (pressed) part(`#stage [data-array="${array}"]`).scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  return word;
}
