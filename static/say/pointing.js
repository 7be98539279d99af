// @ts-check
// Which cell a reader points at by its name in some part of the page. What stands there may become another one's, or go,
// while the pointer rests. It knows names of cells, and nothing of what they are called for.

import { cellNamed } from "./cell.js";

/** @typedef {import("./cell.js").Cell} Cell */

/** @param {HTMLElement} root @param {(cell: Cell|undefined) => void} glance called with the cell that is pointed at
 * @param {AbortSignal} [signal] of a part that is taken away
 * @returns {() => void} looks again at what is pointed at: to be called once the part has been drawn anew */
export function pointing(root, glance, signal) {
  /** @type {Element|undefined} */ let at;

  /** @param {EventTarget|null} target */
  function look(target) {
    at = target instanceof Element ? target : undefined;
    glance(cellNamed(at ?? null));
  }

  for (const way of ["pointerover", "focusin"]) root.addEventListener(way, ({ target }) => look(target), { signal });
  for (const way of ["pointerleave", "focusout"]) root.addEventListener(way, () => look(null), { signal });
  return () => at && look(at.checkVisibility() ? at : null);
}
