// @ts-check
// The items of a lesson as a list: each leads the class there, and can be put elsewhere or taken out.

import { button, element } from "../page/page.js";
import { inLanguage, textOf } from "./wording.js";

/** @import { Item, Layer, Lesson } from "./lesson.js" */
/** @import { Say } from "./wording.js" */
/** @typedef {(lesson: Lesson, at: number) => number|void} Change gives the item where the class is then */

/** @param {HTMLElement} list @param {Layer[]} layers @param {Say} say @param {string} lang
 * @param {(at: number) => void} go @param {(act: Change) => void} change
 * @returns {(lesson: Lesson, at: number) => void} */
export function items(list, layers, say, lang, go, change) {
  /** @param {Item} item @param {number} number @param {number} at @param {number} count */
  function row({ walk, step, question, note }, number, at, count) {
    const layer = layers.find(({ name }) => name === walk.layer)?.title ?? "";
    const what = question ? textOf(question, say, lang) : inLanguage(note, lang);
    const where = say("room.lesson.step")
      .replace("{layer}", () => layer)
      .replace("{step}", () => String(step));
    const title = [
      element("b", {}, `${number + 1} `),
      `${where}${question ? " · ?" : ""}`,
      element("small", {}, what),
    ];
    const made = element("li", {},
      button({ class: "go", "data-does": `go ${number}` }, () => go(number), ...title),
      tool("up", "↑", number, number > 0, (lesson, now) => swap(lesson, now, number, number - 1)),
      tool("down", "↓", number, number < count - 1, (lesson, now) => swap(lesson, now, number, number + 1)),
      tool("delete", "✕", number, count > 1, (lesson, now) => remove(lesson, now, number)),
    ); // prettier-ignore
    if (number === at) made.setAttribute("aria-current", "step");
    return made;
  }

  /** @param {string} does @param {string} sign @param {number} number @param {boolean} can @param {Change} act */
  function tool(does, sign, number, can, act) {
    const words = say(`room.lesson.${does}`).replace("{number}", () => String(number + 1));
    const made = button(
      { "aria-label": words, title: words, "data-does": `${does} ${number}` },
      () => change(act),
      sign,
    );
    made.disabled = !can;
    return made;
  }

  return ({ items: all }, at) => {
    const held = list.contains(document.activeElement) ? document.activeElement?.getAttribute("data-does") : null;
    list.replaceChildren(...all.map((item, number) => row(item, number, at, all.length)));
    if (!held) return;
    const again = list.querySelector(`[data-does="${held}"]:enabled`) ?? list.querySelector("[aria-current] button");
    /** @type {HTMLElement|null} */ (again)?.focus();
  };
}

/** @param {Lesson} lesson @param {number} at @param {number} one @param {number} other */
function swap({ items: all }, at, one, other) {
  [all[one], all[other]] = [all[other], all[one]];
  return at === one ? other : at === other ? one : at;
}

/** @param {Lesson} lesson @param {number} at @param {number} number */
function remove({ items: all }, at, number) {
  all.splice(number, 1);
  return Math.min(number < at ? at - 1 : at, all.length - 1);
}
