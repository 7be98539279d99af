// @ts-check
// The inspector: how the cell that is pinned, or the one that is being computed, came by its number. The arithmetic comes
// from the derivation; this view lays it out as grids, as a line and as a list. It knows no layer.

import { cellButton, cellNamed, nameOf } from "../say/cell.js";
import { current } from "../why/current.js";
import { exprNumber, shownNumber, Sum } from "../why/decimal.js";
import { derivationsOf, evaluate } from "../why/derivation.js";
import { filled } from "../say/describe.js";
import { feeds } from "./feeds.js";
import { TermGrids, mapsOf } from "./terms.js";
import { lineOf, told } from "../say/line.js";
import { exact, Looks, themeOf } from "../say/look.js";
import { element, part, write } from "../page/page.js";
import { isFolded, number, phrase } from "../say/phrase.js";
import { pointing } from "../say/pointing.js";

/** @typedef {import("../run/trace.js").Trace} Trace */
/** @typedef {import("../board/stage.js").Frame} Frame */
/** @typedef {import("../board/stage.js").Cell} Cell */
/** @typedef {import("../why/derivation.js").Derivation} Derivation */
/** @typedef {import("../why/derivation.js").CellRead} CellRead */
/** @typedef {import("../why/derivation.js").Term} Term */

const LISTED = 150; // terms in the list
const TOLD = 60; // terms in the line
const FOLLOWED = 16; // terms in the line while following: as many as there is always room for

/** @param {HTMLElement} root @param {(text: string) => string} say
 * @param {{go: (k: number) => void, point: (cell: Cell|undefined) => void, glance: (cell: Cell|undefined) => void}} hand
 *   go leads to the moment after so many steps, point pins a cell, glance is called with one whose name is pointed at */
export function inspector(root, say, { go, point, glance }) {
  /** @type {Trace} */ let trace;
  /** @type {import("../why/derivation.js").Derivations} */ let derivations;
  const section = part("#inspector", root);
  const follow = /** @type {HTMLButtonElement} */ (part(".follow", root));
  const title = element("h3", { tabindex: "-1" });
  const back = element("button", { type: "button", class: "back" });
  const jump = element("button", { type: "button", class: "jump" });
  const path = element("p", { class: "path" });
  const grids = new TermGrids(element("div", { class: "grids" }), say);
  const line = element("p", { class: "derived" });
  const notes = element("p", { class: "notes" });
  const fold = element("button", { type: "button", class: "fold" });
  const list = element("div", { class: "terms" });
  const onward = element("div", { class: "feeds" });
  /** @type {ReturnType<typeof feeds>|undefined} */ let fed;
  section.replaceChildren(element("div", { class: "inspected" }, title, back, jump), path, line, grids.root, notes, fold, list, onward);

  let isAll = false; // whether the terms that are zero are shown too
  let drawn = ""; // what the section shows
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let isDark = dark.matches; // when the look was taken
  /** @type {Looks|undefined} */ let looks;
  /** @type {Frame|undefined} */ let last;
  /** @type {Cell[]} the cells that led to the one that is pinned */ let trail = [];
  let visited = ""; // the cell that was pinned from here, or else the one that begins a trail
  /** @type {Derivation|undefined} */ let shown;

  const isFollowing = () => follow.getAttribute("aria-pressed") === "true";
  follow.addEventListener("click", () => {
    follow.setAttribute("aria-pressed", String(!isFollowing()));
    redraw();
  });
  fold.addEventListener("click", () => {
    isAll = !isAll;
    redraw();
  });
  jump.addEventListener("click", () => shown?.moment !== undefined && go(shown.moment));
  back.addEventListener("click", () => {
    const earlier = trail.pop();
    if (earlier) visit(earlier);
  });
  section.addEventListener("click", ({ target }) => {
    const named = target instanceof Element ? target.closest("button[data-cell]") : null;
    const to = cellNamed(named);
    if (!to || !shown) return;
    trail.push({ array: shown.array.name, flat: shown.flat, pinned: true });
    visit({ ...to, pinned: true });
  });
  const lookAgain = pointing(section, glance);

  /** @param {Trace} next */
  function begin(next) {
    trace = next;
    derivations = grids.derivations = derivationsOf(trace);
    grids.clear();
    drawn = visited = "";
    trail = [];
    shown = last = undefined;
    fed?.clear();
    fed = undefined;
  }

  /** Pin a cell from here: the button that was pressed is gone with the list. @param {Cell} to */
  function visit(to) {
    visited = `${to.array} ${to.flat}`;
    point(to);
    title.focus();
  }

  /** @param {Frame} frame */
  function draw(frame) {
    update(frame);
    lookAgain();
  }

  /** @param {Frame} frame */
  function update(frame) {
    last = frame;
    const pinned = frame.cell?.pinned ? frame.cell : undefined;
    const isShown = Boolean(pinned) || isFollowing();
    if (section.hidden === isShown) {
      section.hidden = !isShown;
      root.classList.toggle("inspecting", isShown);
    }
    if (!isShown) {
      drawn = visited = "";
      trail = [];
      return;
    }
    if (!looks || isDark !== dark.matches) {
      looks = new Looks(themeOf());
      isDark = dark.matches;
      drawn = "";
    }
    const key = `${pinned ? `${pinned.array} ${pinned.flat}` : ""} ${frame.k} ${frame.stop} ${isAll} ${trace.steps.length === trace.length}`;
    if (key === drawn) return;
    drawn = key;
    const name = pinned ? `${pinned.array} ${pinned.flat}` : "";
    if (name !== visited) trail = []; // the reader has gone elsewhere
    visited = name;
    section.classList.toggle("following", !pinned);
    title.setAttribute("aria-live", pinned ? "polite" : "off");
    if (pinned) return show(derivations.of(pinned.array, pinned.flat, frame.k), frame.k, looks, true);
    const now = current(trace, frame);
    if (!now) return tell(say("inspector.begin"), "");
    if (now.count > 1)
      return tell(filled(say, "inspector.several", { count: now.count, array: now.array }), now.array);
    show(derivations.of(now.array, now.flat, now.moment), frame.k, looks, false);
  }

  function redraw() {
    drawn = "";
    if (last) draw(last);
  }

  /** A sentence instead of a cell. @param {string} text @param {string} heading */
  function tell(text, heading) {
    shown = undefined;
    write(title, heading);
    write(line, text);
    for (const each of [back, jump, path, notes, fold]) each.hidden = true;
    grids.clear();
    fed?.clear();
    list.replaceChildren();
  }

  /** @param {Derivation} derivation @param {number} k what comes after so many steps is left open
   * @param {Looks} looks @param {boolean} inFull with the list of all terms */
  function show(derivation, k, looks, inFull) {
    shown = derivation;
    const { array, flat, kind, value, moment, sum, expr } = derivation;
    const isDone = value !== undefined && (moment ?? 0) <= k;
    const isCount = array.role === "count";
    write(title, `${nameOf(array, flat)}${isDone ? ` = ${exact(shownNumber(derivation))}` : ""}`);
    jump.hidden = moment === undefined || !inFull;
    jump.disabled = moment === k;
    write(jump, say(kind === "awaited" ? "inspector.jump.awaited" : "inspector.jump"));
    const before = trail.at(-1);
    back.hidden = !before;
    if (before) write(back, filled(say, "inspector.back", { cell: nameOf(/** @type {any} */ (trace.byName.get(before.array)), before.flat) }));
    showPath(derivation);
    const maps = mapsOf(sum);
    if (expr && kind === "pick") grids.showContest(expr, k, isDone, looks);
    else if (maps) grids.showSum(maps, k, isDone, isCount ? { of: () => looks.plain } : looks);
    else grids.clear();
    line.classList.toggle("summed", Boolean(sum));
    line.replaceChildren(...lineOf(trace, derivation, isDone, inFull ? { say, all: isAll, most: TOLD } : { say, all: false, most: FOLLOWED }));
    showNotes(derivation, isDone);
    const terms = sum?.terms ?? [];
    const zeros = terms.filter((term) => isFolded(term, terms.some((each) => each.expr.op === "*"))).length;
    fold.hidden = !zeros || !inFull;
    fold.setAttribute("aria-expanded", String(isAll));
    write(fold, isAll ? say("inspector.fold") : filled(say, "inspector.all", { count: terms.length }));
    if (inFull) (fed ??= feeds(onward, trace, derivations, say)).show(array, flat, k);
    else fed?.clear();
    list.replaceChildren(...(inFull && terms.length ? [tableOf(terms)] : []));
  }

  /** The cells that it is a copy of, one of the other. @param {Derivation} derivation */
  function showPath({ path: copied }) {
    path.hidden = !copied.length;
    if (copied.length) path.replaceChildren(say("inspector.path"), " ", ...copied.flatMap((cell, at) => [...(at ? [" ← "] : []), cellButton(cell)]));
  }

  /** Whatever is rounded says so. @param {Derivation} derivation @param {boolean} isDone */
  function showNotes(derivation, isDone) {
    const { kind, expr, value } = derivation;
    const said = [];
    const sum = expr && kind !== "pick" ? evaluate(expr) : undefined;
    if (line.querySelector(".rounded")) said.push(say("inspector.italics"));
    if (isDone && sum !== undefined && value !== undefined && sum !== value && !Number.isNaN(value))
      said.push(filled(say, "inspector.rounding", { sum: exact(sum), value: exact(value) }));
    else if (isDone && value !== undefined && shownNumber(derivation) !== value && !Number.isNaN(value))
      said.push(filled(say, "inspector.binary", { value: exact(value) }));
    notes.hidden = !said.length;
    write(notes, said.join(" "));
  }

  /** Every term by the cells that it comes from. @param {Term[]} terms */
  function tableOf(terms) {
    const products = terms.some(({ expr }) => expr.op === "*");
    const running = new Sum();
    let left = 0;
    const rows = [];
    for (const term of terms) {
      running.add(term.expr, term.minus);
      if (!isAll && isFolded(term, products)) continue;
      if (rows.length >= LISTED) left++;
      else rows.push(rowOf(term, exprNumber(term.expr) * (term.minus ? -1 : 1), running.value));
    }
    const head = ["inspector.term", "inspector.numbers.in", "inspector.value", "inspector.so.far"];
    const more = left ? [element("tr", {}, element("td", { colspan: "4" }, filled(say, "inspector.more", { count: left })))] : [];
    return element("table", { "aria-label": say("inspector.terms") },
      element("thead", {}, element("tr", {}, ...head.map((key) => element("th", { scope: "col" }, say(key))))),
      element("tbody", {}, ...rows, ...more)); // prettier-ignore
  }

  /** @param {Term} term @param {number} value @param {number} running */
  function rowOf({ expr, minus }, value, running) {
    const factors = expr.parts ?? [expr];
    const simple = factors.every((factor) => factor.cell || factor.value !== undefined) && (expr.op === "*" || !expr.parts);
    const names = simple
      ? factors.flatMap((factor, at) => [...(at ? [" · "] : []), factor.cell ? originButton(factor.cell) : (factor.text ?? exact(Number(factor.value)))])
      : told(phrase(expr, { say, all: true, most: TOLD, names: true }));
    const numbers = expr.parts ? told(phrase(expr, { say, all: true, most: TOLD, names: false }, minus ? 4 : 0)) : [];
    return element("tr", value === 0 ? { class: "zero" } : {},
      element("td", {}, ...(minus ? ["− "] : []), ...names),
      element("td", {}, ...(minus && numbers.length ? ["−"] : []), ...numbers),
      element("td", {}, ...told([number(value)])),
      element("td", {}, ...told([number(running)]))); // prettier-ignore
  }

  /** The cell that a number comes from, or where it was filled in. @param {CellRead} cell */
  function originButton(cell) {
    const { array, flat, filling } = derivations.origin(cell);
    if (!filling) return cellButton({ array, flat });
    return element("span", {}, cellButton(cell), " ", element("small", {}, say(`inspector.${filling.word}.tag`)));
  }

  return { begin, draw };
}
