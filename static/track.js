// @ts-check
// The chapters in a row: what is done, what is under way, what is to come. Each is a button that goes there.

import { element } from "./page.js";
import { titleOf } from "./trace.js";

/** @typedef {import("./trace.js").Trace} Trace */

/** @param {HTMLElement} root @param {Trace} trace @param {(text: string) => string} say
 * @param {(k: number) => void} go */
export function track(root, trace, say, go) {
  const buttons = trace.chapters.map((chapter) => {
    const button = element("button", { type: "button" }, titleOf(chapter, say));
    button.addEventListener("click", () => go(chapter.first + 1));
    return button;
  });
  const list = element("ol", {}, ...buttons.map((button) => element("li", {}, button)));
  root.replaceChildren(list);
  let current = -1;

  /** @param {import("./stage.js").Frame} frame */
  function draw({ k }) {
    const now = trace.chapterAt(k);
    const chapter = trace.chapters[now];
    const share = (k - chapter.first) / (chapter.stop - chapter.first);
    buttons[now].style.setProperty("--share", `${Math.max(0, Math.min(1, share)) * 100}%`);
    if (now === current) return;
    current = now;
    buttons.forEach((button, at) => {
      button.classList.toggle("done", at < now);
      if (at === now) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    // The row scrolls by itself where it is wider than the page; the page must not scroll with it.
    const { offsetLeft, offsetWidth } = buttons[now];
    list.scrollTo({ left: offsetLeft - (list.clientWidth - offsetWidth) / 2 });
  }

  return { draw, close: () => root.replaceChildren() };
}
