// @ts-check
// The keys of the page: one table, which the page obeys and which `?` shows. It knows what each key is called and when
// it counts; what is done is given by those who do it. Rows without a `does` are told here and obeyed by others.

import { keep, recall } from "../page/storage.js";
import { button, element, isOverlaid, part } from "../page/page.js";
import { openDialog } from "./focus.js";

/** @typedef {{group: string, says: string, keys: string[], does?: string}} Shortcut what is said of it, the keys, the
 *   action; those of the group "present" count only in the presenter view */

/** @type {Shortcut[]} */
export const SHORTCUTS = [
  { group: "walk", says: "shortcut.play", keys: ["Space"], does: "play" },
  { group: "walk", says: "transport.forward", keys: ["ArrowRight"], does: "forward" },
  { group: "walk", says: "transport.back", keys: ["ArrowLeft"], does: "back" },
  { group: "walk", says: "transport.next-chapter", keys: ["PageDown"], does: "next-chapter" },
  { group: "walk", says: "transport.previous-chapter", keys: ["PageUp"], does: "previous-chapter" },
  { group: "walk", says: "transport.first", keys: ["Home"], does: "first" },
  { group: "walk", says: "transport.last", keys: ["End"], does: "last" },
  { group: "cells", says: "shortcut.cells.reach", keys: ["Tab"] },
  { group: "cells", says: "shortcut.cells.move", keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] },
  { group: "cells", says: "shortcut.cells.row", keys: ["Home", "End"] },
  { group: "cells", says: "shortcut.cells.map", keys: ["PageUp", "PageDown"] },
  { group: "cells", says: "shortcut.cells.array", keys: ["Control+Home", "Control+End"] },
  { group: "cells", says: "shortcut.cells.pin", keys: ["Enter", "Space"] },
  { group: "cells", says: "shortcut.cells.free", keys: ["Escape"] },
  { group: "edit", says: "shortcut.edit.cell", keys: ["F2"] },
  { group: "edit", says: "shortcut.edit.keep", keys: ["Enter", "Tab"] },
  { group: "edit", says: "shortcut.edit.cancel", keys: ["Escape"] },
  { group: "edit", says: "shortcut.edit.undo", keys: ["Control+z"] },
  { group: "edit", says: "shortcut.edit.redo", keys: ["Control+Shift+z", "Control+y"] },
  { group: "page", says: "shortcut.present", keys: ["p"], does: "present" },
  { group: "page", says: "predict.title", keys: ["q"], does: "predict" },
  { group: "page", says: "present.fullscreen", keys: ["f"], does: "fullscreen" },
  { group: "page", says: "shortcuts", keys: ["?"], does: "shortcuts" },
  { group: "present", says: "shortcut.clicker.forward", keys: ["PageDown", "ArrowDown", "Enter"], does: "forward" },
  { group: "present", says: "shortcut.clicker.back", keys: ["PageUp", "ArrowUp"], does: "back" },
  { group: "present", says: "transport.next-chapter", keys: ["Shift+PageDown"], does: "next-chapter" },
  { group: "present", says: "transport.previous-chapter", keys: ["Shift+PageUp"], does: "previous-chapter" },
  { group: "present", says: "present.controls", keys: ["c"], does: "controls" },
  { group: "present", says: "present.text", keys: ["t"], does: "text" },
  { group: "present", says: "present.blank", keys: ["b", "."], does: "blank" },
  { group: "present", says: "present.spotlight", keys: ["s"], does: "spotlight" },
  { group: "present", says: "shortcut.escape", keys: ["Escape"], does: "leave" },
];

const HELD = ["forward", "back", "next-chapter", "previous-chapter"]; // a key that is held down goes on doing these
const OFF = "convwalk.letters"; // where a browser keeps that single letters are no shortcuts

/** @type {Record<string, string>} */
const WRITTEN = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", PageUp: "Page Up",
  PageDown: "Page Down", Escape: "Esc", Control: "Ctrl" }; // prettier-ignore

/** The key that is pressed as the table has it. @param {KeyboardEvent} event */
function pressed({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  const isSign = key.length === 1 && !/[a-z]/i.test(key); // whether it takes Shift depends on the keyboard
  const held = [ctrlKey && "Control", metaKey && "Meta", altKey && "Alt", shiftKey && !isSign && "Shift"];
  return [...held, key === " " ? "Space" : key.length === 1 ? key.toLowerCase() : key].filter(Boolean).join("+");
}

/** Whether what has the focus needs a key for itself. @param {EventTarget|null} target @param {string} key
 * @param {boolean} presenting */
function keeps(target, key, presenting) {
  if (!(target instanceof Element)) return false;
  if (target.closest("dialog:modal, :popover-open")) return true;
  const clicked = presenting && /^Page(Up|Down)$/.test(key); // a clicker steps, whatever was touched last
  const focused = target.closest("input, select, textarea, [contenteditable], button, a, summary");
  if (!focused) return false;
  if (focused.matches("[type=range]")) return !clicked && /^(Arrow|Page|Home|End)/.test(key);
  if (focused.matches("select")) return !clicked && !/^Arrow(Left|Right)$/.test(key);
  if (focused.matches("button, a, summary, [type=checkbox]")) return key === "Space" || key === "Enter";
  return true;
}

/** @param {(text: string) => string} say @param {Record<string, () => void>} actions by the names of the table
 * @param {() => boolean} isPresenting */
export function shortcuts(say, actions, isPresenting) {
  /** @type {HTMLDialogElement|undefined} */ let dialog;
  /** @type {Record<string, () => void>} */ const doing = { ...actions, shortcuts: show };

  document.addEventListener("keydown", (event) => {
    const key = pressed(event);
    const presenting = isPresenting();
    if (event.defaultPrevented || keeps(event.target, key, presenting)) return;
    const fitting = SHORTCUTS.filter((one) => one.does && one.keys.includes(key));
    const does = fitting.findLast((one) => presenting || one.group !== "present")?.does; // the presenter's come last
    if (!does || (key.length === 1 && !isLettered)) return;
    // A list or a menu that is open is closed by the browser, and nothing else is.
    if (key === "Escape" && isOverlaid()) return;
    event.preventDefault();
    if (!event.repeat || HELD.includes(does)) doing[does]?.();
  });
  for (const each of document.querySelectorAll("[data-does]"))
    each.addEventListener("click", () => doing[each.getAttribute("data-does") ?? ""]());

  /** Show the table. The browser gives the focus back when it is closed. */
  function show() {
    dialog ??= made(say);
    if (dialog.open) return dialog.close();
    openDialog(dialog);
    dialog.scrollTop = 0;
  }
}

/** @param {(text: string) => string} say */
function made(say) {
  const groups = [...new Set(SHORTCUTS.map((one) => one.group))];
  const box = element("input", { type: "checkbox" });
  box.checked = isLettered;
  box.addEventListener("change", () => {
    isLettered = box.checked;
    keep("localStorage", OFF, isLettered ? "on" : "off");
  });
  const close = button({}, () => dialog.close(), say("shortcuts.close"));
  const dialog = element(
    "dialog",
    { id: "shortcuts", "aria-labelledby": "shortcuts-title" },
    element("div", { class: "top" }, element("h2", { id: "shortcuts-title" }, say("shortcuts")), close),
    element("label", { class: "letters" }, box, say("shortcuts.letters")),
    element("div", { class: "groups" }, ...groups.map((group) => section(group, say))),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // the ground around it
  dialog.addEventListener("close", () => {
    // What opened it may stand in a menu that has closed meanwhile.
    if (!document.activeElement?.checkVisibility()) part(".more").focus();
  });
  document.body.append(dialog);
  return dialog;
}

/** @param {string} group @param {(text: string) => string} say */
function section(group, say) {
  const rows = SHORTCUTS.filter((one) => one.group === group).map(({ keys, says }) => {
    const written = keys.map((key) => element("span", {}, ...key.split("+").map((each) => cap(each, say))));
    return element("div", {}, element("dt", {}, ...written), element("dd", {}, say(says)));
  });
  return element("section", {}, element("h3", {}, say(`shortcuts.${group}`)), element("dl", {}, ...rows));
}

/** A key as it is written on it. @param {string} key @param {(text: string) => string} say */
function cap(key, say) {
  if (key === "Space") return element("kbd", {}, say("key.space"));
  return element("kbd", { lang: "en" }, WRITTEN[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

/** Whether single letters and signs are shortcuts: who speaks to the computer wants none. */
let isLettered = recall("localStorage", OFF) !== "off";
