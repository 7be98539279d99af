// @ts-check
// Changing one number of an array where it stands on the stage: a field right over the cell. It knows where cells are
// and which arrays a reader may give, and nothing of what a run does with them: what is typed is recorded anew.
// It outlives a run, since the next number may be typed while the run of the last one is still arriving.

import { nameOf } from "../say/cell.js";
import { address } from "../paste/matrix.js";
import { exact } from "../say/look.js";
import { isHopeless, numberOf, refusalOf, turned } from "../page/number.js";
import { attribute, button, element, part, tell, write } from "../page/page.js";
import { onlyOne } from "../page/spin.js";
import { isSame } from "./pinned.js";

/** @typedef {import("../board/stage.js").Cell} Cell */
/** @typedef {(changes: Record<string, string>, refuse: import("../run/run.js").Refuse) => Promise<boolean>} Change */
/** @typedef {import("./pinned.js").Place} Place */
/** @typedef {import("../board/panel.js").Panel} Panel */
/** @typedef {{panel: (name: string) => Panel|undefined, focused: () => Cell|undefined}} Boards */

/** @param {HTMLElement} root the stage @param {(text: string) => string} say
 * @param {string[]} arrays that a reader may give @param {import("./pinned.js").Pinned} pinned
 * @param {{trace: () => import("../run/trace.js").Trace, boards: () => Boards|undefined, change: Change,
 *   settled: () => Promise<void>, redraw: () => void, open: (array: string, text?: string) => void}} walk */
export function edit(root, say, arrays, pinned, walk) {
  const label = element("span", { class: "name", id: "cell-label" });
  const input = element("input", { type: "text", role: "spinbutton", autocomplete: "off", autocapitalize: "off",
    spellcheck: "false", enterkeyhint: "done", "aria-labelledby": "cell-label", "aria-describedby": "cell-refusal",
  }); // prettier-ignore
  const refusal = element("span", { class: "said", id: "cell-refusal", role: "alert", hidden: "" });
  const field = element("div", { class: "cell-field", hidden: "" }, label, input, refusal);
  const here = pencil("edit-here", () => pinned.cell && show(pinned.cell));
  here.hidden = true;
  root.append(field, here);

  /** @type {Place|undefined} */ let open; // the cell that the field lies over
  /** @type {Place|undefined} */ let refocus; // the cell that gets the focus back, once its panel is drawn
  let saving = Promise.resolve(); // one change after the other: each begins with the numbers of the one before

  const panelOf = (/** @type {string} */ array) => walk.boards()?.panel(array);
  const startIn = (/** @type {string} */ array) => walk.trace().byName.get(array)?.start ?? [];
  /** Whether a reader may give this array, and the run begins with it. @param {string} name */
  const isGiven = (name) => arrays.includes(name) && walk.trace().byName.get(name)?.known === true;
  /** @param {Place} place its number as the run begins with it */
  const startOf = ({ array, flat }) => startIn(array)[flat];

  /** Lay the field over a cell. @param {Place} place @param {string} [text] what stands in it; else its number */
  function show(place, text) {
    const panel = panelOf(place.array);
    if (!panel) return;
    open = place;
    const start = startOf(place);
    const name = nameOf(panel.array, place.flat);
    const now = panel.array.cells[place.flat];
    const both = () => say("edit.start").replace("{cell}", name).replace("{value}", exact(now));
    write(label, now === start ? name : both());
    field.hidden = false;
    input.value = text ?? String(start);
    input.setAttribute("aria-valuenow", String(start));
    refuse("");
    if (!pinned.cell?.pinned || !isSame(pinned.cell, place)) pinned.point({ ...place, pinned: true });
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
  function refuse(message) {
    tell(refusal, message);
    input.setAttribute("aria-invalid", String(Boolean(message)));
    settle();
  }

  function close() {
    open = undefined;
    field.hidden = true;
  }

  /** Close the field, and give the focus back to its cell. @param {Place} place */
  function giveBack(place) {
    close();
    refocus = place;
    walk.redraw();
  }

  /** Take what was typed; the field stays until the walk has been recorded anew, or moves on to the next cell.
   * @param {"stay"|"leave"|1|-1} then */
  function commit(then) {
    if (!open) return;
    const place = open;
    const text = input.value;
    const { value, reason } = numberOf(text);
    // Who is gone has changed nothing; who has said that they are done is told what a number is.
    if (reason !== undefined && !(reason === "empty" && then === "leave")) return refuse(refusalOf(reason, text, say));
    const next = typeof then === "number" ? { ...place, flat: place.flat + then } : undefined;
    const isChanged = value !== undefined && value !== startOf(place);
    if (isChanged) saving = saving.catch(() => {}).then(() => save(place, text, value));
    if (next && startOf(next) !== undefined) return show(next);
    if (then !== "leave") return isChanged ? input.setAttribute("readonly", "") : giveBack(place);
    close();
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
        const changes = { [place.array]: address({ shape: array.shape, cells }) };
        await walk.change(changes, (_, message) => (said = message));
      }
    } finally {
      input.removeAttribute("readonly");
    }
    const isHere = isSame(open, place);
    if (said) return (show(place, text), refuse(said));
    if (isHere) giveBack(place);
  }

  /** Put the field over its cell, and the button below the pinned one. */
  function settle() {
    const { cell } = pinned;
    const place = open ?? (cell?.pinned && isGiven(cell.array) ? cell : undefined);
    const panel = place && panelOf(place.array);
    here.hidden = Boolean(open) || !panel;
    if (!panel) return open && close();
    const box = panel.boxOf(place.flat);
    const within = root.getBoundingClientRect();
    if (!open) titled(here, `${say("edit.cell")} ${nameOf(panel.array, place.flat)} (F2)`);
    const wide = Math.max(box.width, 64, 24 + 11 * input.value.length);
    const [width, height] = open ? [wide, Math.max(box.height, 30)] : [28, 28];
    const x = open ? box.x + (box.width - width) / 2 : box.right - 3;
    const y = open ? box.y + (box.height - height) / 2 : box.bottom - 3;
    const shown = open ? field : here;
    /** @param {number} left @param {number} width so that it ends within the stage */
    const kept = (left, width) => Math.max(4, Math.min(left, within.width - width - 4));
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
      const panel = /** @type {HTMLElement} */ (caption.closest(".panel"));
      const array = panel.dataset.array ?? "";
      if (!isGiven(array) || caption.querySelector(".edit-array")) continue;
      const opening = pencil("edit-array", () => walk.open(array));
      titled(opening, say("edit.array").replace("{name}", array));
      caption.append(opening);
      panel.querySelector('[role="grid"]')?.setAttribute("aria-readonly", "false");
    }
  }

  /** The cell that keys are about: pinned, or else the one with the focus, and never the one below the mouse. */
  function aimed() {
    const cell = pinned.cell?.pinned ? pinned.cell : walk.boards()?.focused();
    return cell && isGiven(cell.array) ? cell : undefined;
  }
  /** @param {EventTarget|null} target */
  const isText = (target) => target instanceof Element && target.matches("input, textarea, select, dialog *");

  // The second press of a double click opens a cell, before its click can free what the first has pinned.
  root.addEventListener("mousedown", (event) => {
    const board = event.detail === 2 && event.target instanceof Element ? event.target.closest(".board") : null;
    const array = board?.closest(".panel")?.getAttribute("data-array") ?? "";
    const flat = board ? (panelOf(array)?.flatAt(event.clientX, event.clientY) ?? -1) : -1;
    if (flat < 0 || !isGiven(array)) return;
    event.preventDefault(); // the field keeps the focus
    show({ array, flat });
  }, true); // prettier-ignore
  // The click that follows is on the cell that is being edited, or on the ground that its board and the field over it
  // have in common: it must not take the focus, nor free the cell.
  root.addEventListener("click", (event) => {
    if (open && !(event.target instanceof Node && field.contains(event.target))) event.stopPropagation();
  }, true); // prettier-ignore
  // Before the keys of the stage and of the transport: a digit is the beginning of a number.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isText(event.target)) return;
    const place = aimed();
    // A point is a key of its own before a class, where nothing is typed into cells.
    const isPresented = document.documentElement.classList.contains("presenting");
    const begins = isPresented ? /^[-−+,\d]$/ : /^[-−–+.,\d０-９．，－]$/;
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
    else if (event.key === "Escape") giveBack(open);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const from = numberOf(input.value).value ?? startOf(open);
      input.value = String(turned(from, event.key === "ArrowUp" ? 1 : -1, {}));
      refuse("");
    } else return;
    event.preventDefault();
  });
  // What can still become a number is not refused while it is typed.
  input.addEventListener("input", () => {
    const { value } = input;
    refuse(isHopeless(value) ? refusalOf(numberOf(value).reason ?? "number", value, say) : "");
  });
  input.addEventListener("paste", onlyOne);
  input.addEventListener("blur", () => {
    if (document.hasFocus() && refusal.hidden && !input.readOnly) commit("leave");
  });

  /** To be called once a moment is drawn. */
  function draw() {
    offer();
    if (open || pinned.cell?.pinned || !here.hidden) settle();
    // Whoever has gone on to another part of the page meanwhile keeps the focus there.
    const at = document.activeElement;
    const isFree = !at || at === document.body || field.contains(at);
    if (refocus && isFree) panelOf(refocus.array)?.grid.focus(refocus.flat);
    refocus = undefined;
  }

  return { draw };
}

/** A button with a pencil. @param {string} kind its class @param {() => void} act */
const pencil = (kind, act) => button({ class: kind }, act, element("i", { class: "pencil", "aria-hidden": "true" }));

/** Say of a button without words what it does. @param {HTMLElement} button @param {string} title */
const titled = (button, title) => attribute(button, { title, "aria-label": title });
