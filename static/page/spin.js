// @ts-check
// Fields of one typed number. A browser's own number field drops what it does not know without a word, each in its own
// way, so these are fields of text with what such a field has besides: arrow keys, and two small buttons for a mouse.

import { element } from "./page.js";

/** @param {EventTarget|null} target @returns {target is HTMLInputElement} */
export const isSpin = (target) => target instanceof HTMLInputElement && target.getAttribute("role") === "spinbutton";

/** Obey the arrow keys and show the buttons for every number field in a part of the page.
 * @param {HTMLElement} root @param {(field: HTMLInputElement, way: 1|-1) => void} turn */
export function spin(root, turn) {
  const buttons = [button(1), button(-1)];
  const stepper = element("span", { class: "stepper", "aria-hidden": "true" }, ...buttons);
  /** @type {HTMLInputElement|undefined} */ let field;

  /** @param {1|-1} way */
  function button(way) {
    const made = element("button", { type: "button", tabindex: "-1", class: way > 0 ? "up" : "down" });
    made.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the field keeps the focus
      field?.focus({ preventScroll: true });
      if (field && event.button === 0) turn(field, way);
    });
    return made;
  }

  /** @param {HTMLInputElement|undefined} next */
  function place(next) {
    field = next;
    const fields = next?.parentElement;
    if (!next || !fields || next.readOnly) return stepper.remove();
    fields.append(stepper);
    const [left, top] = [next.offsetLeft + next.offsetWidth - 15, next.offsetTop + 1];
    Object.assign(stepper.style, { left: `${left}px`, top: `${top}px`, height: `${next.offsetHeight - 2}px` });
  }

  function focused() {
    const at = document.activeElement;
    return isSpin(at) && root.contains(at) ? at : undefined;
  }

  root.addEventListener("keydown", (event) => {
    if (!isSpin(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    turn(event.target, event.key === "ArrowUp" ? 1 : -1);
  });
  root.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType === "mouse" && isSpin(target)) place(target);
  });
  root.addEventListener("pointerout", ({ relatedTarget }) => {
    const isNear = relatedTarget instanceof Node && (stepper.contains(relatedTarget) || relatedTarget === field);
    if (field && !isNear) place(focused());
  });
  root.addEventListener("focusin", ({ target }) => isSpin(target) && place(target));
  root.addEventListener("focusout", ({ target }) => target === field && !field?.matches(":hover") && place(undefined));
  root.addEventListener("paste", onlyOne);
}

/** Several numbers that are pasted stay apart: a browser would join the lines. @param {ClipboardEvent} event */
export function onlyOne(event) {
  const text = event.clipboardData?.getData("text/plain").trim() ?? "";
  if (!isSpin(event.target) || !/[\n\r\t]/.test(text)) return;
  event.preventDefault();
  document.execCommand("insertText", false, text.replace(/\s+/g, " "));
}
