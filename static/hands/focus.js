// @ts-check
// After a click with the mouse the keys belong to the walk: what was clicked leaves the focus to the stage, so that
// Space and the arrows go on with it. Whoever comes by the keyboard keeps the focus where it is.

import { isOverlaid, part } from "../page/page.js";

const CLICKED = "button:not([popovertarget]), summary, [type=checkbox]";

let byMouse = false;
/** Whether the last thing that the reader did was done with the mouse. */
export const isByMouse = () => byMouse;

/** Give the focus to the stage, unless something lies over the page that is to have it. */
export function toTheStage() {
  if (!isOverlaid()) part("#stage").focus({ preventScroll: true });
}

/** Open a dialog. When it closes, the browser gives the focus to what has opened it; if that was the mouse, the stage
 * gets it. @param {HTMLDialogElement} dialog */
export function openDialog(dialog) {
  const wasByMouse = byMouse;
  dialog.showModal();
  dialog.addEventListener("close", () => wasByMouse && toTheStage(), { once: true });
}

/** Have all that is clicked with the mouse leave the focus to the stage, once it has done what it does. What opens a
 * menu keeps it until that is closed, for Tab leads into the menu from there. */
export function leaveAfterClicks() {
  document.addEventListener("pointerdown", ({ pointerType }) => (byMouse = pointerType === "mouse"), true);
  document.addEventListener("keydown", () => (byMouse = false), true);
  document.addEventListener("click", (event) => {
    const isMouse = event instanceof PointerEvent && event.pointerType === "mouse";
    const clicked = isMouse && event.target instanceof Element ? event.target.closest(CLICKED) : null;
    if (clicked && !opensMenu(clicked) && document.activeElement?.matches(CLICKED)) toTheStage();
  });
  document.addEventListener("change", ({ target }) => {
    if (byMouse && target instanceof HTMLSelectElement) toTheStage();
  });
  /** @type {WeakMap<HTMLElement, boolean>} menus that are open, and whether by the mouse */ const opened =
    new WeakMap();
  // What has opened it is asked at once: a key may follow before it is said that it is open.
  document.addEventListener("beforetoggle", (event) => {
    const { target, newState } = /** @type {ToggleEvent} */ (event);
    if (target instanceof HTMLElement && newState === "open") opened.set(target, byMouse);
  }, true); // prettier-ignore
  document.addEventListener("toggle", (event) => {
    const { target, newState } = /** @type {ToggleEvent} */ (event);
    if (!(target instanceof HTMLElement) || !target.popover || newState === "open") return;
    // Who has clicked into a field beside it has the focus there.
    const at = document.activeElement;
    const isLeft = at === document.body || target.contains(at) || at?.getAttribute("popovertarget") === target.id;
    if (opened.get(target) && isLeft) toTheStage();
  }, true); // prettier-ignore
}

/** Whether a click unfolds something to choose from. @param {Element} clicked */
function opensMenu(clicked) {
  const details = clicked.matches("summary") ? /** @type {HTMLDetailsElement} */ (clicked.parentElement) : null;
  return details !== null && !details.open && details.querySelector("button, a, input, select") !== null;
}
