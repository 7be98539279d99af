// @ts-check
// What is said of a moment: the chapter, the caption of the step, and the loop variables that its formula names. A
// cell that a caption names leads to the step in which it was written.

import { explain } from "../page/explained.js";
import { attribute, button, element, part, write } from "../page/page.js";
import { captionOf } from "../say/caption.js";
import { filled } from "../say/describe.js";
import { titleOf } from "../run/trace.js";

/** @import { View } from "../board/stage.js" */
/** @import { Scene, Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */

const MANY = 40; // steps, which use all loop variables of a scene
const WIDTH = 4; // characters that a loop variable takes behind its name
const GAP = 12; // pixels between two loop variables
const APART = 24; // pixels between the caption and the loop variables, at least
const TIGHT = 0.81; // of its size has a caption that would leave them too little room
const pen = /** @type {CanvasRenderingContext2D} */ (element("canvas").getContext("2d"));

/** @param {HTMLElement} root @param {Say} say @param {import("./reading.js").WithTerms} withTerms
 * @param {(moment: number) => void} go @returns {View} */
export function narration(root, say, withTerms, go) {
  /** @type {Trace} */ let trace;
  /** @type {Map<string, Set<string>>} the variables that the formula of each function names */ let named;
  const names = [".chapter-number", ".chapter-title", ".caption", ".loop", ".next"];
  const [place, title, caption, loop, next] = names.map((selector) => part(selector, root));

  /** The loop variables worth telling: those of the formula. Where it names none of them, all but the slices, whose
   * boxes are seen on the stage. @param {Record<string, any>} all @param {string} source that runs */
  function worth(all, source) {
    const variables = Object.entries(all);
    const told = variables.filter(([name]) => named.get(source)?.has(name));
    return told.length ? told : variables.filter(([, value]) => typeof value !== "string");
  }

  /** @type {string[]} the loop variables that are told */ let told = [];
  explain(loop, () =>
    told
      .filter((name) => say(`variable.${name}`) !== `variable.${name}`)
      .map((name) => element("div", {}, element("var", {}, name), ` ${say(`variable.${name}`)}`)),
  );

  let room = 0; // pixels, for all that is said
  let measured = ""; // the scene and the room that the loop variables were given a place for

  /** @type {Map<HTMLElement, string>} */ const fonts = new Map();
  /** How wide the widest of some texts is, set as another one is. @param {HTMLElement} at @param {string[]} texts */
  function widest(at, texts) {
    pen.font = fonts.get(at) ?? "";
    return Math.max(0, ...texts.map((text) => pen.measureText(text).width));
  }

  /** Say what comes next, where there is room for all of it. @param {import("../board/stage.js").Frame} frame */
  function announce({ k, first, stop, scene, asked }) {
    const step = stop - first > 1 || asked ? undefined : trace.steps[k]; // at a coarser pace something else is next
    const said = step && say(trace.header.captions[step.caption]);
    const now = k ? trace.steps[k - 1].loop : {};
    const others = step
      ? worth(step.loop, scene.source).filter(([name, value]) => textOf(value) !== textOf(now[name]))
      : [];
    const moves = others.map(([name, value]) => `${name} = ${textOf(value)}`).join(", ");
    const text = !said ? "" : filled(say, moves ? "caption.next.at" : "caption.next", { caption: said, loop: moves });
    const used =
      widest(caption, [caption.textContent ?? ""]) +
      widest(loop, [loop.textContent ?? ""]) +
      loop.childElementCount * GAP;
    write(next, used + widest(next, [text]) + 3 * APART < room && !text.includes("{") ? text : "");
  }

  /** See whether the loop variables have room beside every caption of a scene: if not, all captions are set smaller,
   * or the variables below them, so that nothing jumps from step to step. @param {Scene} scene */
  function arrange({ source, first, stop }) {
    const whole = /** @type {HTMLElement} */ (caption.parentElement);
    room = whole.clientWidth;
    const key = `${source} ${room}`;
    if (key === measured) return;
    measured = key;
    const { lines } = trace.header.sources.find((/** @type {any} */ each) => each.name === source);
    const captions = lines.flatMap((/** @type {string} */ line) => /^\s*yield "(.*)"$/.exec(line)?.[1] ?? []);
    for (const each of [caption, loop, next]) {
      const { fontWeight, fontSize, fontFamily } = getComputedStyle(each);
      fonts.set(each, `${fontWeight} ${fontSize} ${fontFamily}`);
    }
    const steps = trace.steps.slice(first, Math.min(stop, first + MANY));
    const names = new Set(steps.flatMap(({ loop }) => worth(loop, source).map(([name]) => name)));
    const variables = [...names].reduce((sum, name) => sum + name.length + WIDTH, 0);
    whole.classList.remove("tight", "stacked");
    const [said, told] = [widest(caption, captions.map(say)), widest(loop, ["0".repeat(variables)]) + APART];
    whole.classList.toggle("tight", said + told > room);
    whole.classList.toggle("stacked", said * TIGHT + told > room);
  }

  return {
    draw(frame) {
      arrange(frame.scene);
      const number = trace.chapterOf(frame.scene);
      const isAhead = frame.scene !== trace.sceneAt(frame.k); // asked for before its first step

      const counted = { number: String(number + 1), count: String(trace.chapters.length) };
      write(place, filled(say, "chapter.number", counted));
      write(title, titleOf(trace.chapters[number], say));
      const step = frame.k && !isAhead ? trace.steps[frame.k - 1] : undefined;
      const start = frame.k ? [] : [{ text: say("caption.start") }];
      const pieces = step ? captionOf(trace, frame.k, say) : start;
      if (pieces.map(({ text }) => text).join("") !== caption.textContent)
        caption.replaceChildren(...pieces.flatMap((piece) => pieceOf(piece, withTerms, go)));
      const variables = step ? worth(step.loop, frame.scene.source) : [];
      const spans = variables.map(([name, value]) =>
        element("span", {}, element("var", {}, name), ` = ${textOf(value)}`),
      );
      if (spans.map(({ textContent }) => textContent).join("") !== loop.textContent) loop.replaceChildren(...spans);
      told = variables.map(([name]) => name);
      attribute(loop, { tabindex: told.length ? "0" : false });
      announce(frame);
    },
    begin(next) {
      trace = next;
      named = new Map(trace.header.sources.map((/** @type {any} */ { name, formula }) => [name, indicesIn(formula)]));
    },
  };
}

/** @param {unknown} value of a loop variable */
const textOf = (value) => (Array.isArray(value) ? value.join(", ") : String(value));

/** @param {{equations: string[]}} formula as the server has set it */
const indicesIn = ({ equations }) => new Set([...equations.join().matchAll(/\bidx-(\w+)/g)].map(([, name]) => name));

/** @param {import("../say/caption.js").Piece} piece @param {import("./reading.js").WithTerms} withTerms
 * @param {(moment: number) => void} go */
function pieceOf({ text, cell, moment }, withTerms, go) {
  if (moment === undefined) return withTerms(text);
  return [button({ class: "to-step", "data-cell": cell ?? "" }, () => go(moment), text)];
}
