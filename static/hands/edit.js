// @ts-check
// Changing one number of an array where it stands on the stage: a field right over the cell. It knows where cells are
// and which arrays a reader may give, and nothing of what a run does with them: what is typed is recorded anew.
// It outlives a run, since the next number may be typed while the run of the last one is still arriving.

import { nameOf } from "../say/cell.js";
import { address } from "../paste/matrix.js";
import { exact } from "../say/look.js";
import { isHopeless, numberOf, refusalOf, turned } from "../page/number.js";
import { element, part, write } from "../page/page.js";
import { onlyOne } from "../page/spin.js";

/** @typedef {import("../board/stage.js").Cell} Cell */
/** @typedef {import("../board/stage.js").Frame} Frame */
/** @typedef {(changes: Record<string, string>, refuse: (setting: string|null, message: string) => void) => Promise<boolean>} Change */
/** @typedef {{array: string, flat: number}} Place */

/** @param {HTMLElement} root the stage @param {(text: string) => string} say
 * @param {string[]} arrays that a reader may give
 * @param {{trace: () => import("../run/trace.js").Trace, panel: (name: string) => import("../board/panel.js").Panel|undefined,
 *  change: Change, settled: () => Promise<void>, cell: () => Cell|undefined, focused: () => Cell|undefined, point: (cell: Cell|undefined) => void, redraw: () => void,
 *  open: (array: string, text?: string) => void}} walk */
export function edit(root, say, arrays, walk) {
  const label = element("span", { class: "name", id: "cell-label" });
  const input = element("input", { type: "text", role: "spinbutton", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    enterkeyhint: "done", "aria-labelledby": "cell-label", "aria-describedby": "cell-refusal" }); // prettier-ignore
  const refusal = element("span", { class: "said", id: "cell-refusal", role: "alert", hidden: "" });
  const field = element("div", { class: "cell-field", hidden: "" }, label, input, refusal);
  const here = pencil("edit-here");
  here.hidden = true;
  root.append(field, here);

  /** @type {Place|undefined} */ let open; // the cell that the field lies over
  /** @type {Place|undefined} */ let refocus; // the cell that gets the focus back, once its panel is drawn
  let saving = Promise.resolve(); // one change after the other: each begins with the numbers of the one before

  /** Whether a reader may give this array, and the run begins with it. @param {string} name */
  const isGiven = (name) => arrays.includes(name) && walk.trace().byName.get(name)?.known === true;
  /** @param {Place} place its number as the run begins with it */
  const startOf = ({ array, flat }) => /** @type {any} */ (walk.trace().byName.get(array)).start[flat];

  /** Lay the field over a cell. @param {Place} place @param {string} [text] what stands in it; else the cell's number */
  function show(place, text) {
    const panel = walk.panel(place.array);
    if (!panel) return;
    open = place;
    const start = startOf(place);
    const name = nameOf(panel.array, place.flat);
    const now = panel.array.cells[place.flat];
    write(label, now === start ? name : say("edit.start").replace("{cell}", name).replace("{value}", exact(now)));
    field.hidden = false;
    input.value = text ?? String(start);
    input.setAttribute("aria-valuenow", String(start));
    tell("");
    const cell = walk.cell();
    if (!(cell?.pinned && cell.array === place.array && cell.flat === place.flat)) walk.point({ ...place, pinned: true });
    const panels = part(".panels", root);
    const [box, room] = [panel.boxOf(place.flat), panels.getBoundingClientRect()];
    /** @param {number} low @param {number} high @param {number} from @param {number} to */
    const by = (low, high, from, to) => Math.min(0, low - from) + Math.max(0, high - to);
    panels.scrollBy(by(box.left, box.right, room.left, room.right), by(box.top, box.bottom, room.top, room.bottom));
    settle();
    input.focus();
    input.select();
  }

  /** @param {string} message why the number was refused */
  function tell(message) {
    write(refusal, message);
    refusal.hidden = !message;
    input.setAttribute("aria-invalid", String(Boolean(message)));
    settle();
  }

  function close() {
    open = undefined;
    field.hidden = true;
  }

  /** Take what was typed; the field stays until the walk has been recorded anew, or moves on to the next cell.
   * @param {"stay"|"leave"|1|-1} then */
  function commit(then) {
    if (!open) return;
    const place = open;
    const text = input.value;
    const { value, reason } = numberOf(text);
    // Who is gone has changed nothing; who has said that they are done is told what a number is.
    if (reason !== undefined && !(reason === "empty" && then === "leave")) return tell(refusalOf(reason, text, say));
    const next = typeof then === "number" ? { ...place, flat: place.flat + then } : undefined;
    const isChanged = value !== undefined && value !== startOf(place);
    if (isChanged) saving = saving.catch(() => {}).then(() => save(place, text, value));
    if (next && next.flat >= 0 && next.flat < (walk.trace().byName.get(place.array)?.start.length ?? 0)) return show(next);
    if (isChanged && then !== "leave") return input.setAttribute("readonly", "");
    close();
    if (then !== "leave") refocus = place;
    walk.redraw();
  }

  /** @param {Place} place @param {string} text as it was typed @param {number} value what it means */
  async function save(place, text, value) {
    let said = "";
    try {
      await walk.settled(); // another change may be on its way, with numbers that this one would undo
      const array = walk.trace().byName.get(place.array);
      if (array && place.flat < array.start.length) {
        const cells = [...array.start];
        cells[place.flat] = value;
        await walk.change({ [place.array]: address({ shape: array.shape, cells }) }, (_, message) => (said = message));
      }
    } finally {
      input.removeAttribute("readonly");
    }
    const isHere = open?.array === place.array && open.flat === place.flat;
    if (said) return show(place, text), tell(said);
    if (isHere) close(), (refocus = place), walk.redraw();
  }

  /** Put the field over its cell, and the button below the pinned one. */
  function settle() {
    const cell = walk.cell();
    const pinned = !open && cell?.pinned && isGiven(cell.array) ? cell : undefined;
    const place = open ?? pinned;
    const panel = place && walk.panel(place.array);
    here.hidden = !(pinned && panel);
    if (!panel) return open && close();
    const box = panel.boxOf(place.flat);
    const within = root.getBoundingClientRect();
    if (pinned) {
      here.title = `${say("edit.cell")} ${nameOf(panel.array, pinned.flat)} (F2)`;
      here.setAttribute("aria-label", here.title);
    }
    const [width, height] = open ? [Math.max(box.width, 64, 24 + 11 * input.value.length), Math.max(box.height, 30)] : [28, 28];
    const x = open ? box.x + (box.width - width) / 2 : box.right - 3;
    const y = open ? box.y + (box.height - height) / 2 : box.bottom - 3;
    const shown = open ? field : here;
    /** @param {number} left @param {number} wide so that it ends within the stage */
    const kept = (left, wide) => Math.max(4, Math.min(left, within.width - wide - 4));
    const left = kept(x - within.x, width);
    Object.assign(shown.style, { left: `${left}px`, top: `${y - within.y}px` });
    if (!open) return;
    Object.assign(input.style, { width: `${width}px`, height: `${height}px` });
    for (const text of [label, refusal])
      text.style.left = `${kept(left + (width - text.offsetWidth) / 2, text.offsetWidth) - left}px`;
  }

  /** Every panel of an array that may be given has a pencil. */
  function offer() {
    for (const caption of root.querySelectorAll(".panel .name")) {
      const name = caption.closest(".panel")?.getAttribute("data-array") ?? "";
      if (!isGiven(name) || caption.querySelector(".edit-array")) continue;
      const button = pencil("edit-array");
      button.title = say("edit.array").replace("{name}", name);
      button.setAttribute("aria-label", button.title);
      button.addEventListener("click", () => walk.open(name));
      caption.append(button);
      caption.closest(".panel")?.querySelector('[role="grid"]')?.setAttribute("aria-readonly", "false");
    }
  }

  /** The cell that keys are about: pinned, or else the one with the focus, and never the one below the mouse. */
  function aimed() {
    const cell = walk.cell()?.pinned ? walk.cell() : walk.focused();
    return cell && isGiven(cell.array) ? cell : undefined;
  }
  /** @param {EventTarget|null} target */
  const isText = (target) => target instanceof Element && target.matches("input, textarea, select, dialog *");

  // The second press of a double click opens a cell, before its click can free what the first has pinned.
  root.addEventListener("mousedown", (event) => {
    const board = event.detail === 2 && event.target instanceof Element ? event.target.closest(".board") : null;
    const array = board?.closest(".panel")?.getAttribute("data-array") ?? "";
    const flat = board ? (walk.panel(array)?.flatAt(event.clientX, event.clientY) ?? -1) : -1;
    if (flat < 0 || !isGiven(array)) return;
    event.preventDefault(); // the field keeps the focus
    show({ array, flat });
  }, true); // prettier-ignore
  // The click that follows is on the cell that is being edited, or on the ground that its board and the field over it
  // have in common: it must not take the focus, nor free the cell.
  root.addEventListener("click", (event) => {
    if (open && !(event.target instanceof Node && field.contains(event.target))) event.stopPropagation();
  }, true); // prettier-ignore
  here.addEventListener("click", () => {
    const cell = walk.cell();
    if (cell) show(cell);
  });
  // Before the keys of the stage and of the transport: a digit is the beginning of a number.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isText(event.target)) return;
    const place = aimed();
    // A point is a key of its own before a class, where nothing is typed into cells.
    const begins = document.documentElement.classList.contains("presenting") ? /^[-−+,\d]$/ : /^[-−–+.,\d０-９．，－]$/;
    if (!place || !(event.key === "F2" || begins.test(event.key))) return;
    show(place);
    event.stopPropagation();
    if (event.key === "F2") event.preventDefault(); // what else was typed goes into the field
  }, true); // prettier-ignore
  document.addEventListener("paste", (event) => {
    const place = isText(event.target) ? undefined : aimed();
    if (!place) return;
    event.preventDefault(); // or it went into the sheet a second time, which has the focus by then
    walk.open(place.array, event.clipboardData?.getData("text/plain"));
  });

  field.addEventListener("keydown", (event) => {
    if (!open) return; // closed, though the browser has not moved the focus on yet
    event.stopPropagation();
    if (event.key === "Enter") commit("stay");
    else if (event.key === "Tab") commit(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") {
      refocus = open;
      close();
      walk.redraw();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const from = numberOf(input.value).value ?? startOf(open);
      input.value = String(turned(from, event.key === "ArrowUp" ? 1 : -1, {}));
      tell("");
    } else return;
    event.preventDefault();
  });
  // What can still become a number is not refused while it is typed.
  input.addEventListener("input", () => tell(isHopeless(input.value) ? refusalOf(numberOf(input.value).reason ?? "number", input.value, say) : ""));
  input.addEventListener("paste", onlyOne);
  input.addEventListener("blur", () => {
    if (document.hasFocus() && refusal.hidden && !input.readOnly) commit("leave");
  });

  /** @param {Frame} frame */
  function draw({ cell }) {
    offer();
    if (open || cell?.pinned || !here.hidden) settle();
    // Whoever has gone on to another part of the page meanwhile keeps the focus there.
    const at = document.activeElement;
    if (refocus && (!at || at === document.body || field.contains(at))) walk.panel(refocus.array)?.grid.focus(refocus.flat);
    refocus = undefined;
  }

  return { draw };
}

/** A button with a pencil. @param {string} name of its class */
const pencil = (name) =>
  element("button", { type: "button", class: name }, element("i", { class: "pencil", "aria-hidden": "true" }));
