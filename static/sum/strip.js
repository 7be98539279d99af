// @ts-check
// The presenter's strip: the arithmetic of the cell that is being computed, or of the one that is pinned, as grids of
// large digits. It knows derivations, and no layer. Whether it stands on the stage and how large it is holds for a
// scene: what is not computed yet is left open, and nothing jumps.

import { lastName, nameOf, pointing, sentenceOf } from "../say/cell.js";
import { current, written } from "../why/current.js";
import { shownNumber } from "../why/decimal.js";
import { derivationsOf, isDone } from "../why/derivation.js";
import { summary } from "../say/describe.js";
import { columnsOf, mapsOf, TermGrids } from "./terms.js";
import { about, isLong, Looks, themeOf } from "../say/look.js";
import { element, part, write } from "../page/page.js";
import { phrase, plainly } from "../say/phrase.js";
import { AHEAD, choose, lay } from "../page/placing.js";

/** @import { Frame } from "../board/stage.js" */
/** @import { Placing, SizeIn } from "../page/placing.js" */
/** @import { NamedArray, Scene, Trace } from "../run/trace.js" */
/** @import { Cell } from "../say/cell.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Current } from "../why/current.js" */
/** @import { Derivation } from "../why/derivation.js" */
/** @import { Expr } from "../why/expression.js" */
/** So many grids, of so many cells and columns.
 * @typedef {{kind: string, count: number, size: number, width: number}} Form */
/** @typedef {{derivation: Derivation, form: Form}} Sample of a scene: its first cell */

const TRIED = 12; // steps of a scene in which to look for a sum
const TOLD = 16; // terms, to those who hear the page
const IN_CELL = 5; // characters that a number of a cell has room for
const FIGURES = { few: 6, many: 9 }; // characters that a result has room for, as its numbers have few digits or many

/** @param {HTMLElement} root @param {Trace} trace @param {Say} say
 * @param {(cell: Cell|undefined) => void} glance called with a cell whose number is pointed at */
export function strip(root, trace, say, glance) {
  const derivations = derivationsOf(trace);
  const grids = new TermGrids(element("div", { class: "grids" }), say);
  grids.derivations = derivations;
  grids.room = IN_CELL;
  const name = element("code");
  const manner = element("span");
  const value = element("b");
  const outcome = element("p", { class: "outcome" }, name, manner, value);
  // The scratch arrays do not stand on boards meanwhile: those who cannot see the strip are told the sum in its name.
  const whole = element("div", { class: "strip", role: "img", hidden: "" }, grids.root, outcome);
  const panels = part(".panels", root);
  panels.after(whole);
  const listening = new AbortController();
  const lookAgain = pointing(whole, glance, listening.signal);

  /** @type {Map<Scene, Sample|undefined>} what each scene has to show, if that is known */ const samples = new Map();
  /** @type {Map<string, Placing|undefined>} */ const placings = new Map();
  /** @type {Sample|undefined} of the scene that the strip stands for */ let standing;
  /** @type {Map<number, Derivation|undefined>} what was computed last, by its moments */ const latest = new Map();
  /** @type {Looks|undefined} */ let looks;
  let drawn = ""; // what it shows
  let resultFigures = FIGURES.few;

  /** What a scene has to show; nothing outside the presenter view. @param {Scene} scene @returns {Sample|undefined} */
  function sampleOf(scene) {
    if (!document.documentElement.classList.contains("presenting")) return undefined;
    if (samples.has(scene)) return samples.get(scene);
    const stop = Math.min(scene.stop, scene.first + TRIED);
    const hasArrived = trace.steps.length >= stop;
    /** @type {Sample|undefined} */ let sample;
    for (let step = scene.first; !sample && step < Math.min(stop, trace.steps.length); step++) {
      const cell = written(trace, step, step + 1, 1);
      const derivation = cell?.count === 1 ? derivations.of(cell.array, cell.flat, cell.moment) : undefined;
      const form = derivation && formOf(derivation);
      if (form) sample = { derivation, form };
    }
    if (sample || hasArrived) samples.set(scene, sample);
    return sample;
  }

  /** Take a place on the stage for a scene, if there is something to show and room for it.
   * @param {Scene} scene @param {SizeIn} sizeIn of the boards that stand beside it then
   * @returns {number} the largest that a cell of the boards may be; 0 if there is no strip */
  function place(scene, sizeIn) {
    standing = sampleOf(scene);
    root.classList.remove("beside", "below");
    whole.hidden = true;
    drawn = "";
    latest.clear();
    if (!standing) return 0;
    const room = { width: panels.clientWidth, height: panels.clientHeight };
    const { derivation, form } = standing;
    const key = JSON.stringify([scene.source, scene.arrays, room, form, giveRoom(derivation, scene)]);
    if (!placings.has(key)) {
      show(derivation, -1);
      placings.set(key, choose(whole, grids.root, form.count, room, sizeIn));
    }
    const placing = placings.get(key);
    if (!placing) standing = undefined;
    if (!placing) return 0;
    whole.hidden = false;
    root.classList.add(placing.beside ? "beside" : "below");
    lay(whole, grids.root, placing);
    Object.assign(whole.style, { width: `${placing.width}px`, height: `${placing.height}px` });
    return Math.round(placing.cell / AHEAD);
  }

  /** Have as much room for cells, sums and the result as numbers of their kind need; the numbers keep to that.
   * @param {Derivation} derivation @param {Scene} scene @returns {unknown[]} what it depends on */
  function giveRoom(derivation, scene) {
    // As far as its cells when the scene begins or what they will hold tells; a scratch array is of one cell's time.
    const cellsIn = (/** @type {NamedArray} */ array) =>
      array.known ? trace.cellsAt(array, Math.min(scene.first, trace.steps.length)) : array.end;
    const hasLong = (/** @type {NamedArray} */ array) => array.role !== "scratch" && cellsIn(array).some(isLong);
    const isWide = arraysOf(derivation).some(hasLong);
    const others = mapsOf(derivation.sum)?.others.flatMap(({ expr }) => expr.cell?.array ?? []) ?? [];
    grids.figures = isWide || others.some(hasLong) ? FIGURES.many : FIGURES.few;
    resultFigures = derivation.array.end.some(isLong) ? FIGURES.many : FIGURES.few;
    whole.classList.toggle("long", isWide);
    grids.root.style.setProperty("--figures", String(grids.figures));
    outcome.style.setProperty("--figures", String(resultFigures));
    return [isWide, grids.figures, resultFigures];
  }

  /** @param {Frame} frame */
  function draw(frame) {
    if (standing) update(standing, frame);
    lookAgain();
  }

  /** @param {Sample} sample @param {Frame} frame */
  function update(sample, { k, cell, scene }) {
    const pinned = cell?.pinned ? cell : undefined;
    const key = `${pinned ? `${pinned.array} ${pinned.flat}` : ""} ${k} ${Math.min(trace.steps.length, scene.stop)}`;
    if (key === drawn) return;
    drawn = key;
    const found = (pinned && suited(pinned.array, pinned.flat, k)) ?? suitedOf(current(trace, { k }));
    show(found ?? latestAt(scene, k) ?? sample.derivation, k);
  }

  /** What was computed last of all that there is room for, at or before a moment of a scene: a step that copies many
   * cells at once leaves it there. @param {Scene} scene @param {number} k */
  function latestAt(scene, k) {
    let at = k;
    /** @type {Derivation|undefined} */ let found;
    while (at > scene.first && !latest.has(at) && !(found = suitedOf(written(trace, at - 1, at, 1)))) at--;
    found ??= latest.get(at);
    for (let moment = at; moment <= k; moment++) latest.set(moment, found);
    return found;
  }

  /** @param {Current|undefined} cell several of them are told by none */
  const suitedOf = (cell) => (cell?.count === 1 ? suited(cell.array, cell.flat, cell.moment) : undefined);

  /** How a cell came by its number, if that is what there is room for. @param {string} array @param {number} flat
   * @param {number} moment */
  function suited(array, flat, moment) {
    const derivation = derivations.of(array, flat, moment);
    const [form, room] = [formOf(derivation), standing?.form];
    if (!form || !room || form.kind !== room.kind) return undefined;
    const isSuited = form.count <= room.count && form.size <= room.size && form.width <= room.width;
    return isSuited ? derivation : undefined;
  }

  /** @param {Derivation} derivation @param {number} k what comes after so many steps is left open */
  function show(derivation, k) {
    looks ??= new Looks(themeOf());
    const { array, flat, expr, sum } = derivation;
    const isKnown = isDone(derivation, k);
    const shown = isKnown ? shownNumber(derivation) : undefined;
    grids.show(derivation, k, looks);
    outcome.className = `outcome role-${array.role}`;
    write(name, nameOf(array, flat));
    name.style.minWidth = `${lastName(array).length}ch`; // no other name is longer
    const text = shown === undefined ? "" : about(shown, resultFigures);
    const equals = text.startsWith("≈") ? " " : " = "; // one of the two signs is enough
    write(manner, expr && sum && expr !== sum ? ` = ${told(expr, sum, say)}${equals}` : equals);
    write(value, text);
    whole.setAttribute("aria-label", sentenceOf(array, flat, say, isKnown ? inWords(derivation, say) : "", shown));
  }

  return {
    draw,
    place,
    /** What a scene has to show: the same as long as nothing has changed. */
    sampleOf,
    /** The arrays whose numbers the strip shows for a scene: they need not stand beside it. @param {Scene} scene */
    shown(scene) {
      const sample = sampleOf(scene);
      const scratch = sample ? arraysOf(sample.derivation).filter(({ role }) => role === "scratch") : [];
      return new Set(scratch.map((array) => array.name));
    },
    refresh() {
      looks = undefined;
      placings.clear();
      drawn = "";
    },
    close() {
      grids.close();
      listening.abort();
      whole.remove();
    },
  };
}

/** What a derivation has to show, if it forms grids. @param {Derivation} derivation @returns {Form|undefined} */
function formOf({ kind, expr, sum, path }) {
  if (path.length) return undefined; // it was computed elsewhere
  const found = mapsOf(sum);
  if (found) return { kind, count: found.maps.length, size: found.maps[0].length, width: found.width };
  const among = kind === "pick" ? (expr?.among ?? []) : [];
  return among.length ? { kind, count: 1, size: among.length, width: columnsOf(among) } : undefined;
}

/** The arrays that the numbers in the grids of a sum or of a contest come from, and the scratch arrays they stand in.
 * @param {Derivation} derivation @returns {NamedArray[]} */
function arraysOf({ expr, sum }) {
  const first = sum?.terms ? sum.terms[0].expr : expr?.among?.[0];
  const places = [first, ...(first?.parts ?? [])].flatMap((each) => [each?.via, each?.cell]);
  return places.flatMap((place) => place?.array ?? []);
}

/** A sum with its numbers, or what else a cell is, for those who hear the page.
 * @param {Derivation} derivation @param {Say} say */
function inWords(derivation, say) {
  const { expr, sum } = derivation;
  const numbers = expr && sum ? plainly(phrase(expr, { say, all: false, most: TOLD, names: false })) : "";
  return [summary(derivation, say), numbers].filter(Boolean).join(say("cell.colon"));
}

/** An expression with Σ in place of its sum. @param {Expr} expr @param {Expr} sum @param {Say} say */
function told(expr, sum, say) {
  /** @param {Expr} each @returns {Expr} */
  const folded = (each) => (each === sum ? { op: "name", text: "Σ" } : { ...each, parts: each.parts?.map(folded) });
  return plainly(phrase(folded(expr), { say, all: false, most: 4, names: false }));
}
