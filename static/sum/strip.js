// @ts-check
// The strip: the worked sum of the cell that is being computed, or of the one that is pinned, as grids beside or below
// the boards. Its room is that of the scene's scratch arrays, which stand here instead of on boards; what is not
// computed yet is left open, and nothing jumps. It knows what is worked out, and no layer.

import { indicesOf, nameOf, pointing, sentenceOf } from "../say/cell.js";
import { exprNumber, shownNumber, Sum } from "../why/decimal.js";
import { isDone } from "../why/derivation.js";
import { mapsOf, windowOf } from "../why/work.js";
import { counted, filled as fill, summary } from "../say/describe.js";
import { Groups } from "./groups.js";
import { about, Looks, themeOf } from "../say/look.js";
import { button, element, part, write } from "../page/page.js";
import { keep, recall } from "../page/storage.js";
import { phrase, plainly } from "../say/phrase.js";
import { choose, formOf, isWithoutSum, lay, roomOf } from "../page/placing.js";
import { fitted, widthOf } from "../board/width.js";

/** @import { Panel } from "../board/panel.js" */
/** @import { Frame } from "../board/stage.js" */
/** @import { Form, Placing, SizeIn } from "../page/placing.js" */
/** @import { NamedArray, Scene, Trace } from "../run/trace.js" */
/** @import { Cell } from "../say/cell.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Derivation } from "../why/derivation.js" */
/** @import { Expr, Term } from "../why/expression.js" */
/** @import { Work } from "../why/work.js" */
/** @import { Group, Shown } from "./groups.js" */

const ALL = "convwalk.arrays"; // where the browser remembers that all arrays are to have boards
const TOLD = 16; // terms, to those who hear the page
const INSIDE = 0.86; // of the width of a cell
const SMALLEST = 12; // pixels of a letter
const DIGITS = { short: 0.58, long: 0.45 }; // of the height of a cell
const WHOLE = widthOf("−0."); // what stands before the decimals of a number
const WIPED = "wiped"; // what is drawn, where the reader is asked for it
const FIGURES = 8; // characters that a result has room for

/** A group on the page. @typedef {{root: HTMLElement, heading: HTMLElement, blocks: {root: HTMLElement,
 *   cells: HTMLElement[]}[], signs: HTMLElement[], total: HTMLElement, running: HTMLElement}} GroupView */

/** @param {HTMLElement} root the stage @param {Trace} trace @param {Work} work @param {Say} say
 * @param {{glance: (cell: Cell|undefined) => void, again: () => void}} hand glance is called with a cell whose number
 * is pointed at, again where the stage has to be set up anew */
export function strip(root, trace, work, say, { glance, again }) {
  const content = new Groups(work.derivations);
  const whole = part(".strip", root);
  const list = element("div", { class: "groups" });
  const notes = element("p", { class: "zeros" });
  const name = element("code");
  const manner = element("span");
  const value = element("b");
  const outcome = element("p", { class: "outcome" }, notes, name, manner, value);
  const panels = part(".panels", root);
  // The scratch arrays do not stand on boards meanwhile: those who cannot see the strip are told the sum in its name.
  const described = element("div", { class: "work", role: "img" }, list, outcome);
  let isAll = recall("localStorage", ALL) === "all"; // whether the arrays that stand in it have boards as well
  const all = button({ class: "all", "aria-pressed": String(isAll), title: say("strip.all.title") }, () => {
    isAll = !isAll;
    keep("localStorage", ALL, isAll ? "all" : "few");
    all.setAttribute("aria-pressed", String(isAll));
    again();
  }, say("strip.all")); // prettier-ignore
  whole.replaceChildren(described);
  root.append(all);
  const listening = new AbortController();
  const lookAgain = pointing(whole, glance, listening.signal);

  /** @type {Map<string, Placing|undefined>} */ const placings = new Map();
  /** @type {GroupView[]} */ let views = [];
  /** @type {WeakMap<HTMLElement, string>} what each cell shows */ let shown = new WeakMap();
  /** @type {Form|undefined} of the scene that it stands for */ let form;
  /** @type {Placing|undefined} */ let placing;
  let looks = new Looks(themeOf());
  let drawn = ""; // what it shows
  /** @type {Panel[]} of the scene, as far as they stand on the stage */ let boards = [];
  let letters = SMALLEST;

  /** Take a place on the stage for a scene, if it has something to work out in scratch arrays, and there is room.
   * @param {Scene} scene @param {Panel[]} all that the scene has @param {SizeIn} sizeIn of those that stand beside it
   * @returns {boolean} whether there is a strip, or what would stand in it is to be left out */
  function place(scene, all, sizeIn) {
    const wanted = formOf(all);
    lay(whole, undefined);
    const room = roomOf(panels);
    const key = JSON.stringify([scene.source, scene.arrays, room, wanted]);
    if (wanted && !placings.has(key)) placings.set(key, choose(wanted, room, sizeIn));
    placing = wanted && placings.get(key);
    lay(whole, placing);
    drawn = "";
    boards = all;
    form = placing && wanted;
    if (form) build(form);
    return placing !== undefined || isWithoutSum();
  }

  /** @param {Scene} scene @returns {NamedArray[]} */
  const arraysOf = (scene) =>
    [...new Set(scene.arrays.map(([, name]) => name))].flatMap((name) => trace.byName.get(name) ?? []);

  /** @param {Form} form */
  function build({ count, blocks, rows, columns, isLong }) {
    const { cell } = /** @type {Placing} */ (placing);
    letters = Math.max(SMALLEST, Math.round(cell * (isLong ? DIGITS.long : DIGITS.short)));
    whole.style.setProperty("--letters", `${letters}px`);
    whole.style.setProperty("--columns", String(columns));
    whole.classList.toggle("long", isLong);
    shown = new WeakMap();
    views = Array.from({ length: count }, () => {
      const grids = Array.from({ length: blocks }, (_, nth) => {
        const cells = Array.from({ length: rows * columns }, () => element("span"));
        return { root: element("div", { class: `block nth-${nth}` }, ...cells), cells };
      });
      const signs = ["×", "="].slice(0, blocks - 1).map((text) => element("span", { class: "sign" }, text));
      const row = element(
        "div",
        { class: "row" },
        ...grids.flatMap(({ root }, nth) => [root, ...signs.slice(nth, nth + 1)]),
      );
      const heading = element("code", { class: "heading" });
      const [total, running] = ["total", "running"].map((each) => element("span", { class: each }));
      const sums = element("p", { class: "sums" }, total, running);
      return {
        root: element("div", { class: "group" }, heading, row, sums),
        heading,
        blocks: grids,
        signs,
        total,
        running,
      };
    });
    list.replaceChildren(...views.map((view) => view.root));
  }

  /** @param {Frame} frame @param {Derivation|undefined} derivation what is worked out at that moment */
  function draw(frame, derivation) {
    if (form && frame.asked?.hides) return conceal(form, frame);
    whole.classList.remove("bare");
    if (form) update(form, frame, derivation);
    if (form) light(frame.glance ?? frame.cell);
    lookAgain();
  }

  /** While the reader is asked for it, tell nothing of the sum but factors that their own boards have no room for; nor
   * is what stood there before to be found. @param {Form} form @param {Frame} frame */
  function conceal(form, { k, asked }) {
    const sum = asked?.sum && isSuited(asked.sum, form) && mapsOf(asked.sum.sum) ? asked.sum : undefined;
    const key = `${WIPED} ${k} ${sum?.array.name} ${sum?.flat}`;
    if (key === drawn) return;
    drawn = key;
    const small = boards
      .filter(({ size, array }) => array.role !== "scratch" && !size?.texts)
      .map(({ array }) => array);
    const shown = (/** @type {Shown} */ each) =>
      small.includes(each.array) ? each : { value: undefined, array: each.array, filled: "" };
    const groups = sum
      ? content.of(sum, k).map((group) => ({ ...group, blocks: group.blocks.map((block) => block.map(shown)) }))
      : [];
    const isBare = groups.every(({ blocks }) => blocks.flat().every(({ value }) => value === undefined));
    whole.classList.toggle("bare", isBare);
    build(form);
    views.forEach((view, nth) => showGroup(view, isBare ? undefined : groups[nth], new Map(), false, true));
    for (const each of [notes, name, manner, value]) write(each, "");
    described.setAttribute("aria-label", say("strip.label"));
    if (sum && !isBare) showOutcome(sum, k);
  }

  /** Mark the number of a cell that the reader looks at elsewhere. @param {Cell|undefined} cell */
  function light(cell) {
    const lit = cell && list.querySelector(`[data-cell="${cell.array}:${cell.flat}"]`);
    const before = list.querySelector(".glanced");
    if (lit === before) return;
    before?.classList.remove("glanced");
    lit?.classList.add("glanced");
  }

  /** @param {Form} form @param {Frame} frame @param {Derivation|undefined} derivation */
  function update(form, { k, first, stop, scene }, derivation) {
    const found = derivation && isSuited(derivation, form) ? derivation : undefined;
    const arrived = Math.min(trace.steps.length, scene.stop);
    const key = [found?.array.name, found?.flat, found?.moment, k, first, arrived].join(" ");
    if (key === drawn) return;
    drawn = key;
    const stamp = found ? undefined : work.stampAt(scene, k);
    const scratch = () =>
      content.ofScratch(
        arraysOf(scene).filter(({ role }) => role === "scratch"),
        form,
      );
    const groups = found ? content.of(found, k) : stamp ? content.ofStamp(stamp.maps, k) : scratch();
    /** @type {Map<string, number>} */ const zeros = new Map();
    const touched = found || stamp ? undefined : touchedIn(first, stop);
    views.forEach((view, nth) => {
      showGroup(view, groups[nth], zeros, groups.length > 1, Boolean(found ?? stamp));
      view.blocks.forEach(({ root: block }, at) => {
        const array = groups[nth]?.blocks[at]?.[0]?.array;
        block.dataset.touched = touched && array ? (touched.get(array) ?? "not") : "";
      });
    });
    const filled = [...zeros].map(([word, count]) => counted(say, `strip.${word}`, count));
    write(notes, [...(found ? whereOn(boards, windowOf(found, k), say) : []), ...filled].join(" · "));
    outcome.classList.toggle("none", !found);
    if (found) return showOutcome(found, k);
    const names = groups.map(({ heading }) => heading.map(({ text }) => text).join(" × "));
    described.setAttribute("aria-label", [say("strip.label"), names.join(", ")].join(say("cell.colon")));
  }

  /** What some steps do with each array, at last: arrays that stand here as they are look as they do on a board.
   * @param {number} first @param {number} stop */
  function touchedIn(first, stop) {
    const accesses = trace.steps.slice(first, stop).flatMap((step) => step.accesses);
    return new Map(accesses.map(({ array, values }) => [array, values ? "written" : "read"]));
  }

  /** @param {Derivation} derivation @param {number} k */
  function showOutcome(derivation, k) {
    const { array, flat } = derivation;
    const isKnown = isDone(derivation, k);
    const number = isKnown ? shownNumber(derivation) : undefined;
    outcome.className = `outcome role-${array.role}`;
    write(name, nameOf(array, flat));
    const text = number === undefined ? "" : about(number, FIGURES);
    const equals = text.startsWith("≈") ? " " : " = "; // one of the two signs is enough
    write(manner, wayTo(derivation, isKnown) + equals);
    write(value, text);
    described.setAttribute(
      "aria-label",
      sentenceOf(array, flat, say, isKnown ? inWords(derivation, say) : "", number),
    );
  }

  /** What the groups come to together, and what else there is, in names and then in numbers: = Σ + b[0] = −2 + 4.
   * @param {Derivation} derivation @param {boolean} isKnown */
  function wayTo({ expr, sum }, isKnown) {
    const maps = mapsOf(sum);
    if (!maps || !sum || !expr) return "";
    const total = new Sum();
    for (const term of maps.maps.flat()) total.add(term.expr, term.minus);
    const sigma = about(total.value, FIGURES);
    const around = expr === sum ? "" : toldAround(expr, sum, say);
    if (around) return ` = ${around}${isKnown ? equal(around.replace("Σ", sigma)) : ""}`;
    /** @param {(term: Term) => string} written */
    const others = (written) => maps.others.map((term) => ` ${term.minus ? "−" : "+"} ${written(term)}`).join("");
    const named = others(({ expr: { cell } }) => (cell ? nameOf(cell.array, cell.flat) : "…"));
    const numbers = sigma + others((term) => bracketed(about(exprNumber(term.expr), FIGURES)));
    return ` = Σ${named}${isKnown && named ? equal(numbers) : ""}`;
  }

  /** @param {GroupView} view @param {Group|undefined} group @param {Map<string, number>} zeros how many cells were
   * filled in, by their word @param {boolean} isOneOfMany @param {boolean} isProduct whether its grids are factors */
  function showGroup({ root: where, heading, blocks, signs, total, running }, group, zeros, isOneOfMany, isProduct) {
    where.hidden = !group;
    if (!group) return;
    const key = group.heading.map(({ text }) => text).join(" × ");
    if (heading.textContent !== key)
      heading.replaceChildren(
        ...group.heading.flatMap(({ text, role }, at) => [
          ...(at ? [" × "] : []),
          element("span", { class: `role-${role}` }, text),
        ]),
      );
    blocks.forEach(({ root: block, cells }, nth) => {
      const numbers = group.blocks[nth];
      block.hidden = !numbers;
      if (signs[nth - 1]) signs[nth - 1].hidden = !numbers || !isProduct;
      block.classList.toggle("one", numbers?.length === 1);
      block.dataset.role = group.heading[nth]?.role ?? "";
      cells.forEach((cell, at) => {
        cell.hidden = !numbers?.[at];
        if (numbers?.[at]) showCell(cell, numbers[at], zeros);
      });
    });
    const told = (/** @type {number|undefined} */ sum) => (sum === undefined ? "" : about(sum, FIGURES));
    write(total, group.total === undefined ? "" : fill(say, "strip.total", { sum: told(group.total) }));
    write(
      running,
      isOneOfMany && group.running !== undefined ? fill(say, "strip.running", { sum: told(group.running) }) : "",
    );
  }

  /** @param {HTMLElement} where @param {Shown} number @param {Map<string, number>} zeros */
  function showCell(where, { value, array, filled, flat, isWinner }, zeros) {
    if (filled) zeros.set(filled, (zeros.get(filled) ?? 0) + 1);
    const key = `${value} ${filled} ${array?.name} ${flat} ${isWinner}`;
    if (shown.get(where) === key) return;
    shown.set(where, key);
    if (flat === undefined) delete where.dataset.cell;
    else where.dataset.cell = `${array.name}:${flat}`;
    where.className = value === undefined ? "open" : filled ? `filled ${filled}` : "";
    where.classList.toggle("winner", isWinner === true);
    const { text, rounded, size } = value === undefined ? { text: "", rounded: false, size: 1 } : fittedIn(value);
    write(where, text);
    where.classList.toggle("rounded", rounded);
    where.style.fontSize = size === 1 ? "" : `${letters * size}px`;
    const { fill, ink } =
      filled || value === undefined ? { fill: "", ink: "" } : looks.of(array ?? { scale: null }).of(value);
    where.style.backgroundColor = fill;
    where.style.color = ink;
  }

  /** @param {number} value */
  const fittedIn = (value) => {
    const room = (Number(placing?.wide) * INSIDE) / letters;
    // As many decimals for all, whatever their sign.
    const places = form?.isLong ? Math.floor((room - WHOLE) / widthOf("0")) : Infinity;
    return fitted(value, room, SMALLEST / letters, places);
  };

  return {
    draw,
    place,
    /** The arrays whose numbers stand in the strip, if it has a place: they need no board beside it.
     * @param {Scene} scene */
    shown: (scene) =>
      isAll
        ? new Set()
        : new Set(
            arraysOf(scene)
              .filter(({ role }) => role === "scratch")
              .map((array) => array.name),
          ),
    refresh() {
      looks = new Looks(themeOf());
      placings.clear();
      drawn = "";
    },
    close() {
      listening.abort();
      lay(whole, undefined);
      all.remove();
    },
  };
}

/** Where the numbers of a window are read on a board that is too small for them: a picture, which these enlarge.
 * @param {Panel[]} boards @param {import("../why/work.js").Window|undefined} window @param {Say} say */
function whereOn(boards, window, say) {
  const panel = window && boards.find(({ array }) => array === window.array);
  if (!window || !panel?.size || panel.size.texts || panel.array.shape.length < 2) return [];
  const { array, cells } = window;
  if (cells.length === 1) return [nameOf(array, cells[0].flat)];
  const places = cells.map(({ flat }) => indicesOf(array, flat).slice(-2));
  const [rows, columns] = [0, 1].map((axis) => {
    const along = places.map((place) => place[axis]);
    return [...new Set([Math.min(...along), Math.max(...along)])].join("–");
  });
  return [fill(say, "strip.window", { array: array.name, rows, columns })];
}

/** What something comes to: one of the two signs is enough. @param {string} text */
const equal = (text) => (text.startsWith("≈") ? ` ${text}` : ` = ${text}`);

/** A number behind a sign. @param {string} text */
const bracketed = (text) => (/^[−≈]/.test(text) ? `(${text})` : text);

/** Whether there is room for what is worked out. @param {Derivation} derivation @param {Form} form */
function isSuited({ sum, expr }, { count, blocks, rows, columns }) {
  const size = rows * columns;
  const maps = mapsOf(sum)?.maps;
  if (!maps) return (expr?.among?.length ?? Infinity) <= size;
  return maps.length <= count && maps[0].length === size && (maps[0][0].expr.parts ? 3 : 1) <= blocks;
}

/** A sum with its numbers, or what else a cell is, for those who hear the page.
 * @param {Derivation} derivation @param {Say} say */
function inWords(derivation, say) {
  const { expr, sum } = derivation;
  const numbers = expr && sum ? plainly(phrase(expr, { say, all: false, most: TOLD, names: false })) : "";
  return [summary(derivation, say), numbers].filter(Boolean).join(say("cell.colon"));
}

/** An expression with Σ in place of its sum. @param {Expr} expr @param {Expr} sum @param {Say} say */
function toldAround(expr, sum, say) {
  /** @param {Expr} each @returns {Expr} */
  const folded = (each) => (each === sum ? { op: "name", text: "Σ" } : { ...each, parts: each.parts?.map(folded) });
  return plainly(phrase(folded(expr), { say, all: false, most: 4, names: false }));
}
