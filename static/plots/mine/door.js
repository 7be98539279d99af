// @ts-check
// The way into a comparison: the button in the closer look. What holds a reader's own array beside that of the walk
// comes when it is wanted, for few want it.

import { button } from "../../page/page.js";
import { filled } from "../../say/describe.js";
import { Looks, themeOf } from "../../say/look.js";

/** @import { Matrix } from "../../paste/unreadable.js" */
/** @import { NamedArray } from "../../run/trace.js" */
/** @import { Look } from "../../say/look.js" */
/** @import { Say } from "../../say/describe.js" */
/** @import { Panel } from "./mine.js" */
/** @import { Beside } from "./sides.js" */
/** @typedef {Pick<Beside, "array"|"look"> & Partial<Beside>} Shown */

/** @param {Say} say
 * @param {Omit<Panel, "left"> & {array: () => NamedArray|undefined, place: (root: HTMLElement) => void}} panel the
 *   closer look: array is what is looked at, place puts what comes into it */
export function door(say, panel) {
  /** @type {Awaited<ReturnType<typeof import("./mine.js").mine>>|undefined} */ let mine;
  /** @type {ReturnType<typeof come>|undefined} */ let coming;
  /** @type {""|"typed"|"compared"} */ let state = "";
  const opens = button({ class: "opens-mine" }, () => void compare(), say("closer.mine"));

  async function come() {
    const made = await (await import("./mine.js")).mine(say, { ...panel, left: () => opens.focus() });
    panel.place(made.root);
    return (mine = made);
  }

  /** Compare the array that is looked at with one that the reader has, or is to bring.
   * @param {Map<string, Matrix>|File[]} [own] */
  async function compare(own) {
    coming ??= come();
    try {
      const made = await coming;
      const array = panel.array();
      if (!array) return;
      made.draw(array, new Looks(themeOf()).of(array));
      if (Array.isArray(own)) await made.files(own);
      else if (own) made.takeAll(own);
      else made.bring();
    } catch {
      coming = undefined; // the connection may come back
      opens.textContent = say("editor.missing");
    }
  }

  /** @param {NamedArray} array that is looked at @param {Look} look @returns {Shown} what is to be seen of it */
  function draw(array, look) {
    const { isTyping, hasOwn, beside } = mine?.draw(array, look) ?? {};
    state = isTyping ? "typed" : hasOwn ? "compared" : "";
    opens.hidden = Boolean(state) || !array.isComputed;
    return beside ?? { array, look };
  }

  return {
    button: opens,
    compare,
    /** What is said while a file is over an array that can be compared. @param {NamedArray} array */
    over: (array) => array.isComputed && filled(say, "closer.drop", { name: array.name }),
    draw,
    begin: () => mine?.begin(),
    forgetAll: () => mine?.forgetAll(),
    get state() {
      return state;
    },
  };
}
