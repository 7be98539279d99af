// @ts-check
// After a click with the mouse the keys belong to the walk: a button that was clicked leaves the focus to the stage,
// so that Space and the arrows go on with it. Whoever comes by the keyboard keeps the focus where it is.

import { isOverlaid, part } from "../page/page.js";

/** Give the focus to the stage, unless something lies over the page that is to have it. */
export function toTheStage() {
  if (!isOverlaid()) part("#stage").focus({ preventScroll: true });
}

/** Have every button that is clicked with the mouse leave the focus to the stage, once it has done what it does. One
 * that opens a menu keeps it, for Tab leads into the menu from there. */
export function leaveAfterClicks() {
  document.addEventListener("click", (event) => {
    const isByMouse = event instanceof PointerEvent && event.pointerType === "mouse";
    const isButton = event.target instanceof Element && event.target.closest("button:not([popovertarget])");
    if (isByMouse && isButton && document.activeElement?.matches("button")) toTheStage();
  });
}
