// @ts-check
// What a class is asked about is in view while it is asked, and then the page lies as it lay before. It knows boards,
// and no question.

/** @import { Panel } from "../board/panel.js" */

export class Reveal {
  /** @type {[Element, number][]|undefined} how far everything around the board was scrolled */ #left;

  /** Bring a board into view, or its framed cell alone: then as much as can be stays of what that is made of.
   * @param {Panel|undefined} panel @param {boolean} isCell */
  bring(panel, isCell) {
    if (!panel) return;
    this.#left ??= scrolled(panel.root);
    const cell = isCell ? /** @type {HTMLElement|null} */ (panel.root.querySelector(".aim")) : null;
    const shown = cell ?? panel.root;
    // What is said of the step stands over the boards.
    shown.style.scrollMargin = `${document.querySelector(".saying")?.clientHeight ?? 0}px 0 8px`;
    shown.scrollIntoView({ block: "nearest" });
  }

  back() {
    for (const [each, top] of this.#left ?? []) each.scrollTop = top;
    this.#left = undefined;
  }
}

/** @param {Element} inner @returns {[Element, number][]} */
function scrolled(inner) {
  const found = /** @type {[Element, number][]} */ ([]);
  for (let each = inner.parentElement; each; each = each.parentElement) found.push([each, each.scrollTop]);
  return found;
}
