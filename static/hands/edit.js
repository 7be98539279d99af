// @ts-check
// Changing one number of an array where it stands on the stage: a field right over the cell, or over a copy of it. It
// knows where cells are and which arrays a reader may give, and nothing of what a run does with them: what is typed is
// recorded anew.
// It outlives a run, since the next number may be typed while the run of the last one is still arriving.

import { nameOf } from "../say/cell.js";
import { address } from "../paste/address.js";
import { tidy } from "../why/decimal.js";
import { exact } from "../say/look.js";
import { isHopeless, numberOf, refusalOf, turned } from "../page/number.js";
import { attribute, button, element, part, tell, write } from "../page/page.js";
import { onlyOne } from "../page/spin.js";
import { isByMouse, toTheStage } from "./focus.js";
import { copied, originOf } from "./origin.js";
import { isSame } from "./pinned.js";

/** @typedef {import("../board/stage.js").Cell} Cell */
/** @typedef {(changes: Record<string, string>, refuse: import("../run/run.js").Refuse) => Promise<boolean>} Change */
/** @typedef {import("./pinned.js").Place} Place */
/** @typedef {Place & {cell: Place}} Spot a place on the stage, and the cell whose number stands there */
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
  const here = pencil("edit-here", () => pinned.cell && begin(pinned.cell));
  here.hidden = true;
  root.append(field, here);

  /** @type {Spot|undefined} */ let open; // that the field lies over
  /** @type {Place|undefined} */ let explained; // a cell that was filled in, of which that is said
  let isFromMouse = false; // whether the field was opened with the mouse, which leaves the keys to the walk
  let k = 0;
  /** @type {Place|undefined} */ let refocus; // the cell that gets the focus back, once its panel is drawn
  let saving = Promise.resolve(); // one change after the other: each begins with the numbers of the one before

  const panelOf = (/** @type {string} */ array) => walk.boards()?.panel(array);
  const startIn = (/** @type {string} */ array) => walk.trace().byName.get(array)?.start ?? [];
  /** Whether a reader may give this array, and the run begins with it. @param {string} name */
  const isGiven = (name) => arrays.includes(name) && walk.trace().byName.get(name)?.known === true;
  /** @param {Spot} spot the number of its cell as the run begins with it */
  const startOf = ({ cell }) => startIn(cell.array)[cell.flat];

  /** @param {Place|undefined} place */
  const origin = (place) => (place ? originOf(walk.trace(), isGiven, place, k) : {});
  /** What can be edited at a place. @param {Place|undefined} place @returns {Spot|undefined} */
  function spotAt(place) {
    const { cell } = origin(place);
    return place && cell && { array: place.array, flat: place.flat, cell };
  }

  /** Edit what stands at a place, or say why it is nobody's to give. @param {Place} place
   * @returns {boolean} whether there was anything to do */
  function begin(place) {
    const spot = spotAt(place);
    isFromMouse = isByMouse();
    if (spot) show(spot);
    else explain(place);
    return Boolean(spot || explained);
  }

  /** Say which settings have filled a cell in, if any have. @param {Place} place */
  function explain(place) {
    const { filled } = origin(place);
    const panel = panelOf(place.array);
    explained = undefined;
    if (!filled || !panel) return;
    const labels = filled.settings.map((name) => document.querySelector(`#label-${name}`)?.textContent ?? name);
    const settings = new Intl.ListFormat(document.documentElement.lang).format(labels);
    const said = say(filled.word === "padding" ? "edit.padding" : "edit.inserted");
    tell(refusal, said.replace("{cell}", nameOf(panel.array, place.flat)).replace("{settings}", settings));
    input.hidden = label.hidden = true;
    field.hidden = false;
    field.classList.add("explains");
    explained = { array: place.array, flat: place.flat };
    if (!pinned.cell?.pinned || !isSame(pinned.cell, place)) pinned.point({ ...explained, pinned: true });
    settle();
  }

  /** Lay the field over a cell. @param {Spot} place @param {string} [text] what stands in it; else its number */
  function show(place, text) {
    const panel = panelOf(place.array);
    const array = walk.trace().byName.get(place.cell.array);
    if (!panel || !array) return;
    open = place;
    explained = undefined;
    input.hidden = label.hidden = false;
    field.classList.remove("explains");
    const start = startOf(place);
    const name = nameOf(array, place.cell.flat);
    const now = array.cells[place.cell.flat];
    const both = () =>
      say("edit.start")
        .replace("{cell}", name)
        .replace("{value}", exact(tidy(now)));
    write(label, now === start ? name : both());
    field.hidden = false;
    input.value = text ?? String(start);
    input.setAttribute("aria-valuenow", String(start));
    refuse("");
    if (!pinned.cell?.pinned || !isSame(pinned.cell, place))
      pinned.point({ array: place.array, flat: place.flat, pinned: true });
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
    open = explained = undefined;
    field.hidden = true;
  }

  /** Close the field, and give the focus back to its cell, or to the walk. @param {Place} place */
  function giveBack(place) {
    close();
    if (isFromMouse) toTheStage();
    else refocus = place;
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
    const next = typeof then === "number" ? beside(place, then) : undefined;
    const isChanged = value !== undefined && value !== startOf(place);
    if (isChanged) saving = saving.catch(() => {}).then(() => save(place, text, value));
    if (next) return show(next);
    if (then !== "leave") return isChanged ? input.setAttribute("readonly", "") : giveBack(place);
    close();
    walk.redraw();
  }

  /** The next cell of the board to be edited. @param {Place} place @param {1|-1} way @returns {Spot|undefined} */
  function beside({ array, flat }, way) {
    const count = panelOf(array)?.array.cells.length ?? 0;
    for (let at = flat + way; at >= 0 && at < count; at += way) {
      const spot = spotAt({ array, flat: at });
      if (spot) return spot;
    }
    return undefined;
  }

  /** @param {Spot} place @param {string} text as it was typed @param {number} value what it means */
  async function save(place, text, value) {
    let said = "";
    try {
      await walk.settled(); // another change may be on its way, with numbers that this one would undo
      const array = walk.trace().byName.get(place.cell.array);
      if (array && place.cell.flat < array.start.length) {
        const cells = [...array.start];
        cells[place.cell.flat] = value;
        const changes = { [array.name]: address({ shape: array.shape, cells }) };
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
    const spot = open ?? (cell?.pinned && !explained ? spotAt(cell) : undefined);
    const place = spot ?? explained;
    const panel = place && panelOf(place.array);
    const isOver = Boolean(open ?? explained);
    here.hidden = isOver || !panel;
    if (!panel) return isOver && close();
    const box = panel.boxOf(place.flat);
    const within = root.getBoundingClientRect();
    const array = spot && walk.trace().byName.get(spot.cell.array);
    if (!isOver && spot && array) titled(here, `${say("edit.cell")} ${nameOf(array, spot.cell.flat)} (F2)`);
    const wide = open ? Math.max(box.width, 64, 24 + 11 * input.value.length) : box.width;
    const [width, height] = isOver ? [wide, Math.max(box.height, open ? 30 : 0)] : [28, 28];
    const corner = besideName(panel.hint, new DOMRect(box.right - 3, box.bottom - 3, width, height));
    const x = isOver ? box.x + (box.width - width) / 2 : corner.x;
    const y = isOver ? box.y + (box.height - height) / 2 : corner.y;
    const shown = isOver ? field : here;
    /** @param {number} left @param {number} width so that it ends within the stage */
    const kept = (left, width) => Math.max(4, Math.min(left, within.width - width - 4));
    const left = kept(x - within.x, width);
    Object.assign(shown.style, { left: `${left}px`, top: `${y - within.y}px` });
    if (!isOver) return;
    Object.assign(input.style, { width: `${width}px`, height: `${height}px` });
    for (const text of [label, refusal])
      text.style.left = `${kept(left + (width - text.offsetWidth) / 2, text.offsetWidth) - left}px`;
  }

  /** @type {import("../run/trace.js").Scene|undefined} */ let offered; // in which pencils were handed out last
  /** @type {WeakSet<Element>} panels of which is known that they have none */ let without = new WeakSet();

  /** Every panel of an array that may be given has a pencil; where it is not on the stage, its copy has. */
  function offer() {
    const scene = walk.trace().sceneAt(k);
    if (scene !== offered) {
      offered = scene;
      without = new WeakSet();
      for (const copy of root.querySelectorAll(".edit-array.of-copy")) copy.remove(); // now it may be here itself
    }
    const captions = [...root.querySelectorAll(".panel .name")];
    const panelAt = (/** @type {Element} */ caption) => /** @type {HTMLElement} */ (caption.closest(".panel"));
    const onStage = new Set(captions.map((caption) => panelAt(caption).dataset.array ?? ""));
    for (const caption of captions) {
      const panel = panelAt(caption);
      const array = walk.trace().byName.get(panel.dataset.array ?? "");
      if (!array || without.has(panel) || caption.querySelector(".edit-array")) continue;
      const given = isGiven(array.name) ? array.name : copied(walk.trace(), isGiven, array, k);
      if (given === null) continue;
      if (given === undefined || (given !== array.name && onStage.has(given))) {
        without.add(panel);
        continue;
      }
      const opening = pencil("edit-array", () => walk.open(given));
      titled(opening, say("edit.array").replace("{name}", given));
      opening.dataset.edits = given;
      opening.classList.toggle("of-copy", given !== array.name);
      caption.append(opening);
      panel.querySelector('[role="grid"]')?.setAttribute("aria-readonly", "false");
    }
  }

  /** The place that keys are about: pinned, or else the one with the focus, and never the one below the mouse. */
  const aimed = () => (pinned.cell?.pinned ? pinned.cell : walk.boards()?.focused());
  /** @param {EventTarget|null} target */
  const isText = (target) => target instanceof Element && target.matches("input, textarea, select, dialog *");

  // The second press of a double click opens a cell, before its click can free what the first has pinned.
  root.addEventListener("mousedown", (event) => {
    const board = event.detail === 2 && event.target instanceof Element ? event.target.closest(".board") : null;
    const array = board?.closest(".panel")?.getAttribute("data-array") ?? "";
    const flat = board ? (panelOf(array)?.flatAt(event.clientX, event.clientY) ?? -1) : -1;
    if (flat < 0 || !begin({ array, flat })) return;
    event.preventDefault(); // the field keeps the focus
  }, true); // prettier-ignore
  // The click that follows is on the cell that is being edited, or on the ground that its board and the field over it
  // have in common: it must not take the focus, nor free the cell.
  root.addEventListener("click", (event) => {
    const isSecond = explained && event.detail > 1;
    if ((open || isSecond) && !(event.target instanceof Node && field.contains(event.target))) event.stopPropagation();
  }, true); // prettier-ignore
  // Before the keys of the stage and of the transport: a digit is the beginning of a number.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isText(event.target)) return;
    const place = aimed();
    // A point is a key of its own before a class, where nothing is typed into cells.
    const isPresented = document.documentElement.classList.contains("presenting");
    const begins = isPresented ? /^[-−+,\d]$/ : /^[-−–+.,\d０-９．，－]$/;
    if (!place || !(event.key === "F2" || begins.test(event.key)) || !begin(place)) return;
    event.stopPropagation();
    if (event.key === "F2") event.preventDefault(); // what else was typed goes into the field
  }, true); // prettier-ignore
  document.addEventListener("paste", (event) => {
    const spot = isText(event.target) ? undefined : spotAt(aimed());
    if (!spot) return;
    event.preventDefault(); // or it went into the sheet a second time, which has the focus by then
    walk.open(spot.cell.array, event.clipboardData?.getData("text/plain"));
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

  /** To be called once a moment is drawn. @param {import("../board/stage.js").Frame} frame */
  function draw(frame) {
    k = frame.k;
    offer();
    if (explained && !(pinned.cell?.pinned && isSame(pinned.cell, explained))) close();
    if (open || pinned.cell?.pinned || !here.hidden) settle();
    // Whoever has gone on to another part of the page meanwhile keeps the focus there.
    const at = document.activeElement;
    const isFree = !at || at === document.body || field.contains(at);
    if (refocus && isFree) panelOf(refocus.array)?.grid.focus(refocus.flat);
    refocus = undefined;
  }

  return { draw };
}

/** Where a button stands that would lie over the name of its cell: at its end, or before it.
 * @param {HTMLElement} name @param {DOMRect} box of the button */
function besideName(name, box) {
  const { left, right, top, bottom } = name.getBoundingClientRect(); // of one that is hidden all are 0
  const isOver = box.x < right + 5 && box.right > left && box.y < bottom && box.bottom > top;
  if (!isOver) return box;
  const hasRoom = right + 8 + box.width < window.innerWidth;
  return new DOMRect(
    hasRoom ? right + 8 : left - 8 - box.width,
    (top + bottom - box.height) / 2,
    box.width,
    box.height,
  );
}

/** A button with a pencil. @param {string} kind its class @param {() => void} act */
const pencil = (kind, act) => button({ class: kind }, act, element("i", { class: "pencil", "aria-hidden": "true" }));

/** Say of a button without words what it does. @param {HTMLElement} button @param {string} title */
const titled = (button, title) => attribute(button, { title, "aria-label": title });
