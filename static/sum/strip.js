// @ts-check
// The presenter's strip: the arithmetic of the cell that is being computed, or of the one that is pinned, as grids with
// large digits. It knows derivations, and no layer. Whether it stands on the stage and how large it is holds for a scene:
// what is not computed yet is left open, and nothing jumps.

import { lastName, nameOf, sentenceOf } from "../say/cell.js";
import { current, written } from "../why/current.js";
import { shownNumber } from "../why/decimal.js";
import { derivationsOf } from "../why/derivation.js";
import { summary } from "../say/describe.js";
import { TermGrids, mapsOf } from "./terms.js";
import { about, isLong, Looks, themeOf } from "../say/look.js";
import { element, part, write } from "../page/page.js";
import { phrase } from "../say/phrase.js";
import { AHEAD, choose, lay } from "../page/placing.js";
import { pointing } from "../say/pointing.js";

/** @typedef {import("../why/derivation.js").Derivation} Derivation */
/** @typedef {import("../why/derivation.js").Expr} Expr */
/** @typedef {import("../run/trace.js").Scene} Scene */
/** @typedef {import("../run/trace.js").NamedArray} NamedArray */
/** @typedef {import("../page/placing.js").Placing} Placing */
/** @typedef {{derivation: Derivation, form: NonNullable<ReturnType<typeof formOf>>}} Sample of a scene: its first cell */

const TRIED = 12; // steps of a scene in which to look for a sum
const TOLD = 16; // terms, to those who hear the page
const IN_CELL = 5; // characters that a number of a cell has room for
const FIGURES = { few: 6, many: 9 }; // characters that a result has room for, by whether there are numbers of many digits

/** @param {HTMLElement} root @param {import("../run/trace.js").Trace} trace @param {(text: string) => string} say
 * @param {(cell: import("../say/cell.js").Cell|undefined) => void} glance called with a cell whose number is pointed at */
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

  /** @type {Map<Scene, Sample|null>} what each scene has to show, as far as that can be told */ const samples = new Map();
  /** @type {Map<string, Placing|null>} */ const placings = new Map();
  /** @type {Sample|undefined} of the scene that the strip stands for */ let standing;
  /** @type {Map<number, Derivation|undefined>} what was computed last before a moment of that scene */ const latest = new Map();
  /** @type {Looks|undefined} */ let looks;
  let drawn = ""; // what it shows
  let resultFigures = FIGURES.few;

  /** What a scene has to show; nothing outside the presenter view. @param {Scene} scene @returns {Sample|undefined} */
  function sampleOf(scene) {
    if (!document.documentElement.classList.contains("presenting")) return undefined;
    const known = samples.get(scene);
    if (known !== undefined) return known ?? undefined;
    const stop = Math.min(scene.stop, scene.first + TRIED);
    for (let step = scene.first; step < Math.min(stop, trace.steps.length); step++) {
      const cell = written(trace, step, step + 1, 1);
      const derivation = cell?.count === 1 ? derivations.of(cell.array, cell.flat, cell.moment) : undefined;
      const form = derivation && formOf(derivation);
      if (!form) continue;
      const sample = { derivation, form };
      samples.set(scene, sample);
      return sample;
    }
    if (trace.steps.length >= stop) samples.set(scene, null);
    return undefined;
  }

  /** Take a place on the stage for a scene, if there is something to show and room for it.
   * @param {Scene} scene @param {import("../page/placing.js").SizeIn} sizeIn of the boards that stand beside it then
   * @returns {number} the largest that a cell of the boards may be; 0 if there is no strip */
  function place(scene, sizeIn) {
    standing = sampleOf(scene);
    root.classList.remove("beside", "below");
    whole.hidden = true;
    drawn = "";
    latest.clear();
    if (!standing) return 0;
    const room = { width: panels.clientWidth, height: panels.clientHeight };
    const { kind, count, size, width } = standing.form;
    const key = [scene.source, ...scene.arrays.flat(), room.width, room.height, kind, count, size, width, ...giveRoom(standing, scene)].join(" ");
    let placing = placings.get(key);
    if (placing === undefined) {
      show(standing.derivation, -1);
      placings.set(key, (placing = choose(whole, grids.root, count, room, sizeIn) ?? null));
    }
    if (!placing) return (standing = undefined), 0;
    whole.hidden = false;
    root.classList.add(placing.beside ? "beside" : "below");
    lay(whole, grids.root, placing);
    Object.assign(whole.style, { width: `${placing.width}px`, height: `${placing.height}px` });
    return Math.round(placing.cell / AHEAD);
  }

  /** Have as much room for cells, sums and the result as numbers of their kind need; the numbers keep to that.
   * @param {Sample} sample @param {Scene} scene @returns {unknown[]} what it depends on */
  function giveRoom({ derivation }, scene) {
    // As far as its cells when the scene begins or what they will hold tells; a scratch array is of one cell's time.
    const hasLong = (/** @type {NamedArray} */ array) =>
      array.role !== "scratch" && (array.known ? trace.cellsAt(array, Math.min(scene.first, trace.steps.length)) : array.end).some(isLong);
    const long = arraysOf(derivation).some(hasLong);
    const figures = long || othersOf(derivation).some(hasLong) ? FIGURES.many : FIGURES.few;
    const result = derivation.array.end.some(isLong) ? FIGURES.many : FIGURES.few;
    whole.classList.toggle("long", long);
    grids.figures = figures;
    grids.root.style.setProperty("--figures", String(figures));
    resultFigures = result;
    outcome.style.setProperty("--figures", String(result));
    return [long, figures, result];
  }

  /** @param {import("../board/stage.js").Frame} frame */
  function draw(frame) {
    if (standing) update(standing, frame);
    lookAgain();
  }

  /** @param {Sample} sample @param {import("../board/stage.js").Frame} frame */
  function update(sample, { k, cell, scene }) {
    const pinned = cell?.pinned ? cell : undefined;
    const key = `${pinned ? `${pinned.array} ${pinned.flat}` : ""} ${k} ${Math.min(trace.steps.length, scene.stop)}`;
    if (key === drawn) return;
    drawn = key;
    const derivation = (pinned && suited(pinned.array, pinned.flat, k)) ?? suitedOf(current(trace, { k })) ??
      latestAt(scene, k) ?? sample.derivation; // prettier-ignore
    show(derivation, k);
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

  /** @param {import("../why/current.js").Current|undefined} cell several of them are told by none */
  const suitedOf = (cell) => (cell?.count === 1 ? suited(cell.array, cell.flat, cell.moment) : undefined);

  /** How a cell came by its number, if that is what there is room for. @param {string} array @param {number} flat
   * @param {number} moment */
  function suited(array, flat, moment) {
    const derivation = derivations.of(array, flat, moment);
    const [form, room] = [formOf(derivation), standing?.form];
    const isSuited = form && room && form.kind === room.kind && form.count <= room.count && form.size <= room.size && form.width <= room.width;
    return isSuited ? derivation : undefined;
  }

  /** @param {Derivation} derivation @param {number} k what comes after so many steps is left open */
  function show(derivation, k) {
    looks ??= new Looks(themeOf());
    const { array, flat, kind, moment, expr, sum } = derivation;
    const isDone = derivation.value !== undefined && (moment ?? 0) <= k;
    const maps = mapsOf(sum);
    if (maps) grids.showSum(maps, k, isDone, looks);
    else if (expr && kind === "pick") grids.showContest(expr, k, isDone, looks);
    outcome.className = `outcome role-${array.role}`;
    write(name, nameOf(array, flat));
    name.style.minWidth = `${lastName(array).length}ch`; // no other name is longer
    const found = isDone ? about(shownNumber(derivation), resultFigures) : "";
    const equals = found.startsWith("≈") ? " " : " = "; // one of the two signs is enough
    write(manner, expr && sum && expr !== sum ? ` = ${told(expr, sum, say)}${equals}` : equals);
    write(value, found);
    whole.setAttribute("aria-label", sentenceOf(array, flat, say, isDone ? inWords(derivation, say) : "", isDone ? shownNumber(derivation) : undefined));
  }

  return {
    draw,
    place,
    /** What a scene has to show: the same as long as nothing has changed. */
    sampleOf,
    /** The arrays whose numbers the strip shows for a scene, so that they need not stand beside it. @param {Scene} scene */
    shown: (scene) => new Set(sampleOf(scene)?.form.scratch),
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

/** @param {Derivation} derivation how many maps, of how many cells each, of how many columns, if it forms any */
function formOf(derivation) {
  const { kind, expr, sum, path } = derivation;
  if (path.length) return undefined; // it was computed elsewhere
  const maps = mapsOf(sum);
  const scratch = arraysOf(derivation).filter(({ role }) => role === "scratch").map((array) => array.name);
  if (maps) return { kind, count: maps.terms.length / maps.size, size: maps.size, width: maps.width, scratch };
  if (kind !== "pick" || !expr?.among?.length) return undefined;
  const shape = (expr.among[0].via?.array ?? expr.among[0].cell?.array)?.shape ?? [1];
  return { kind, count: 1, size: expr.among.length, width: shape[shape.length - 1], scratch };
}

/** The arrays that the numbers in the grids of a sum or of a contest come from, and the scratch arrays they stand in.
 * @param {Derivation} derivation @returns {NamedArray[]} */
function arraysOf({ expr, sum }) {
  const [first] = sum?.terms?.map((term) => term.expr) ?? expr?.among ?? [];
  return [first, ...(first?.parts ?? [])].flatMap((part) => [part?.via?.array, part?.cell?.array]).filter((array) => array !== undefined);
}

/** The arrays of what is added below the grids. @param {Derivation} derivation @returns {NamedArray[]} */
const othersOf = ({ sum }) => (mapsOf(sum)?.others ?? []).flatMap(({ expr }) => expr.cell?.array ?? []);

/** A sum with its numbers, or what else a cell is, for those who hear the page. @param {Derivation} derivation
 * @param {(text: string) => string} say */
function inWords(derivation, say) {
  const { expr, sum } = derivation;
  const numbers = expr && sum ? phrase(expr, { say, all: false, most: TOLD, names: false }).map(({ text }) => text).join("") : "";
  return [summary(derivation, say), numbers].filter(Boolean).join(say("cell.colon"));
}

/** An expression with Σ in place of its sum. @param {Expr} expr @param {Expr} sum @param {(text: string) => string} say */
function told(expr, sum, say) {
  /** @param {Expr} each @returns {Expr} */
  const folded = (each) => (each === sum ? { op: "name", text: "Σ" } : { ...each, parts: each.parts?.map(folded) });
  return phrase(folded(expr), { say, all: false, most: 4, names: false }).map(({ text }) => text).join("");
}
