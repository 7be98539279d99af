// @ts-check
// The inspector: how the cell that is pinned came by its number, as a line and as a list, and what it feeds. The
// arithmetic comes from the derivation. It knows no layer.

import { cellButton, cellNamed, nameOf, pointing } from "../say/cell.js";
import { exprNumber, shownNumber, Sum } from "../why/decimal.js";
import { derivationsOf, isDone } from "../why/derivation.js";
import { evaluate } from "../why/expression.js";
import { filled } from "../say/describe.js";
import { feeds } from "./feeds.js";
import { lineOf, told } from "../say/line.js";
import { exact } from "../say/look.js";
import { element, part, write } from "../page/page.js";
import { number, phrase, zerosIn } from "../say/phrase.js";

/** @import { Frame, View } from "../board/stage.js" */
/** @import { Trace } from "../run/trace.js" */
/** @import { Cell } from "../say/cell.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Derivation, Derivations } from "../why/derivation.js" */
/** @import { CellRead, Expr, Term } from "../why/expression.js" */

const LISTED = 150; // terms in the list
const TOLD = 60; // terms in the line

/** go leads to the moment after so many steps, point pins a cell, glance is called with one whose name is pointed at.
 * @typedef {(cell: Cell|undefined) => void} Hand */

/** @param {HTMLElement} root @param {Say} say @param {{go: (k: number) => void, point: Hand, glance: Hand}} hand
 * @returns {View} */
export function inspector(root, say, { go, point, glance }) {
  /** @type {Trace} */ let trace;
  /** @type {Derivations} */ let derivations;
  const section = part("#inspector", root);
  const title = element("h3", { tabindex: "-1", "aria-live": "polite" });
  const back = element("button", { type: "button", class: "back" });
  const jump = element("button", { type: "button", class: "jump" });
  const path = element("p", { class: "path" });
  const line = element("p", { class: "derived" });
  const notes = element("p", { class: "notes" });
  const fold = element("button", { type: "button", class: "fold" });
  const list = element("div", { class: "terms" });
  const onward = element("div", { class: "feeds" });
  /** @type {ReturnType<typeof feeds>|undefined} */ let fed;
  const head = element("div", { class: "inspected" }, title, back, jump);
  section.replaceChildren(head, path, line, notes, fold, list, onward);

  let isAll = false; // whether the terms that are zero are shown too
  let drawn = ""; // what the section shows
  /** @type {Frame|undefined} */ let last;
  /** @type {Cell[]} the cells that led to the one that is pinned */ let trail = [];
  let visited = ""; // the cell that was pinned from here, or else the one that begins a trail
  /** @type {Derivation|undefined} */ let shown;

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
    section.hidden = !pinned;
    root.classList.toggle("inspecting", pinned !== undefined);
    const name = pinned ? `${pinned.array} ${pinned.flat}` : "";
    if (name !== visited) trail = []; // the reader has gone elsewhere
    visited = name;
    if (!pinned) return clear(frame.asked !== undefined);
    const key = [name, frame.k, isAll, trace.steps.length === trace.length].join();
    if (key === drawn) return;
    drawn = key;
    show(derivations.of(pinned.array, pinned.flat, frame.k), frame.k);
  }

  /** @param {boolean} isAsked whether nothing that was told before may stand there, even out of sight */
  function clear(isAsked) {
    drawn = "";
    if (!isAsked) return;
    for (const each of [title, path, line, notes, list]) each.replaceChildren();
    fed?.clear();
  }

  function redraw() {
    drawn = "";
    if (last) draw(last);
  }

  /** @param {Derivation} derivation @param {number} k what comes after so many steps is left open */
  function show(derivation, k) {
    shown = derivation;
    const { array, flat, kind, moment, path: copied, sum } = derivation;
    const isKnown = isDone(derivation, k);
    write(title, `${nameOf(array, flat)}${isKnown ? ` = ${exact(shownNumber(derivation))}` : ""}`);
    jump.hidden = moment === undefined;
    jump.disabled = moment === k;
    write(jump, say(kind === "awaited" ? "inspector.jump.awaited" : "inspector.jump"));
    const before = trail.at(-1);
    const earlier = before && trace.byName.get(before.array);
    back.hidden = !before;
    if (earlier) write(back, filled(say, "inspector.back", { cell: nameOf(earlier, before.flat) }));
    path.hidden = !copied.length;
    const copies = copied.flatMap((cell, at) => [at ? " ← " : " ", cellButton(cell)]); // one of the other
    if (copies.length) path.replaceChildren(say("inspector.path"), ...copies);
    line.classList.toggle("summed", Boolean(sum));
    line.replaceChildren(...lineOf(trace, derivation, isKnown, { say, all: isAll, most: TOLD }));
    const said = notesOn(derivation, isKnown);
    notes.hidden = !said.length;
    write(notes, said.join(" "));
    const terms = sum?.terms ?? [];
    const zeros = zerosIn(terms);
    fold.hidden = !zeros.size;
    fold.setAttribute("aria-expanded", String(isAll));
    write(fold, isAll ? say("inspector.fold") : filled(say, "inspector.all", { count: terms.length }));
    (fed ??= feeds(onward, trace, derivations, say)).show(array, flat, k);
    list.replaceChildren(...(terms.length ? [tableOf(terms, zeros)] : []));
  }

  /** Whatever is rounded says so. @param {Derivation} derivation @param {boolean} isKnown */
  function notesOn(derivation, isKnown) {
    const { kind, expr, value } = derivation;
    const said = line.querySelector(".rounded") ? [say("inspector.italics")] : [];
    if (!isKnown || value === undefined || Number.isNaN(value)) return said;
    const sum = (expr && kind !== "pick" ? evaluate(expr) : undefined) ?? value;
    if (sum !== value) said.push(filled(say, "inspector.rounding", { sum: exact(sum), value: exact(value) }));
    else if (shownNumber(derivation) !== value) said.push(filled(say, "inspector.binary", { value: exact(value) }));
    return said;
  }

  /** Every term by the cells that it comes from. @param {Term[]} terms @param {Set<Term>} zeros of them */
  function tableOf(terms, zeros) {
    const running = new Sum();
    const rows = [];
    let left = 0;
    for (const term of terms) {
      running.add(term.expr, term.minus);
      if (!isAll && zeros.has(term)) continue;
      if (rows.length < LISTED) rows.push(rowOf(term, running.value));
      else left++;
    }
    const more = element("td", { colspan: "4" }, filled(say, "inspector.more", { count: left }));
    if (left) rows.push(element("tr", {}, more));
    const heads = ["inspector.term", "inspector.numbers.in", "inspector.value", "inspector.so.far"];
    return element("table", { "aria-label": say("inspector.terms") },
      element("thead", {}, element("tr", {}, ...heads.map((key) => element("th", { scope: "col" }, say(key))))),
      element("tbody", {}, ...rows)); // prettier-ignore
  }

  /** @param {Term} term @param {number} soFar what it comes to with those before it */
  function rowOf({ expr, minus }, soFar) {
    const manner = { say, all: true, most: TOLD };
    const factors = expr.parts ?? [expr];
    const isOne = expr.op === "*" || !expr.parts; // a number, or a product of numbers
    const isSimple = isOne && factors.every(({ cell, value }) => cell || value !== undefined);
    const names = isSimple
      ? factors.flatMap((each, at) => [...(at ? [" · "] : []), each.cell ? originButton(each.cell) : wordOf(each)])
      : told(phrase(expr, { ...manner, names: true }));
    const numbers = expr.parts ? told(phrase(expr, { ...manner, names: false }, minus ? 4 : 0)) : [];
    const value = exprNumber(expr) * (minus ? -1 : 1);
    const cells = [
      [...(minus ? ["− "] : []), ...names],
      [...(minus && numbers.length ? ["−"] : []), ...numbers],
      told([number(value)]),
      told([number(soFar)]),
    ];
    return element("tr", value === 0 ? { class: "zero" } : {}, ...cells.map((cell) => element("td", {}, ...cell)));
  }

  const wordOf = (/** @type {Expr} */ { text, value }) => text ?? exact(Number(value));

  /** The cell that a number comes from, or where it was filled in. @param {CellRead} cell */
  function originButton(cell) {
    const { array, flat, filling } = derivations.origin(cell);
    if (!filling) return cellButton({ array, flat });
    return element("span", {}, cellButton(cell), " ", element("small", {}, say(`inspector.${filling.word}.tag`)));
  }

  return {
    begin(next) {
      trace = next;
      derivations = derivationsOf(trace);
      drawn = visited = "";
      trail = [];
      shown = last = undefined;
      fed?.clear();
      fed = undefined;
    },
    draw,
  };
}
