// @ts-check
// The field for an answer has the focus as its question comes, so that what is typed at once is not lost. It knows
// fields, and no room.

const TYPED = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const POINTED = "(hover: hover) and (pointer: fine)"; // where a finger types, the keyboard would cover the page

/** Give the focus to the field of a question, unless somebody is typing elsewhere. @param {HTMLElement} question
 * @param {HTMLIFrameElement} frame with the walk, which has fields of its own */
export function offerField(question, frame) {
  const field = question.querySelector("input");
  const held = document.activeElement;
  const inner = held === frame ? frame.contentDocument?.activeElement : held;
  if (field && matchMedia(POINTED).matches && !inner?.matches(TYPED)) field.focus({ preventScroll: true });
}
