// @ts-check
// The presenter's strip: the arithmetic of the cell that is being computed, or of the one that is pinned, as grids with
// large digits. It knows derivations and how much room there is, and no layer. Whether it stands on the stage and how
// large it is holds for a scene: what is not computed yet is left open, and nothing jumps.

import { cellNamed, nameOf } from "./cell.js";
import { current, written } from "./current.js";
import { derivationsOf } from "./derivation.js";
import { Grids, mapsOf } from "./grids.js";
import { about, isLong, Look, themeOf } from "./look.js";
import { element, part, write } from "./page.js";
import { phrase } from "./phrase.js";
import { limitOf } from "./stage.js";

/** @typedef {import("./derivation.js").Derivation} Derivation */
/** @typedef {import("./derivation.js").Expr} Expr */
/** @typedef {import("./trace.js").Scene} Scene */
/** @typedef {{width: number, height: number}} Room in pixels */
/** @typedef {(room: Room, largest: number) => {size: number, fits: boolean}} SizeIn how large the cells of the boards are in
 *   a room, and whether all of them are seen there */
/** @typedef {{beside: boolean, across: number, cell: number, width: number, height: number}} Placing beside the boards or
 *   below them, how many maps stand side by side, and how large a cell is */
/** @typedef {{derivation: Derivation, form: NonNullable<ReturnType<typeof formOf>>}} Sample of a scene: its first cell */

const TRIED = 12; // steps of a scene in which to look for a sum
const GAP = 16; // pixels between the strip and the boards
const SLACK = 8; // pixels by which the strip may turn out larger than was reckoned
const LARGEST = 120; // pixels of a cell
const SHARE = 0.62; // of the stage that the strip may take
const AHEAD = 1.4; // by how much a cell of the strip had better be larger than one of the boards
const LEAST = { cell: 1.2, stage: 40 }; // rem: smaller than that there is no strip

/** @param {HTMLElement} root @param {import("./trace.js").Trace} trace @param {(text: string) => string} say
 * @param {(cell: import("./cell.js").Cell|undefined) => void} glance called with a cell whose number is pointed at */
export function strip(root, trace, say, glance) {
  const derivations = derivationsOf(trace);
  const grids = new Grids(element("div", { class: "grids" }), derivations, say);
  const name = element("code");
  const manner = element("span");
  const value = element("b");
  const outcome = element("p", { class: "outcome" }, name, manner, value);
  const whole = element("div", { class: "strip", "aria-hidden": "true", hidden: "" }, grids.root, outcome);
  const board = part(".panels", root);
  board.after(whole);
  whole.addEventListener("pointerover", ({ target }) => glance(cellNamed(target)));
  whole.addEventListener("pointerleave", () => glance(undefined));

  /** @type {Map<Scene, Sample|null>} what each scene has to show, as far as that can be told */ const samples = new Map();
  /** @type {Map<string, Placing|null>} */ const placings = new Map();
  /** @type {Sample|undefined} of the scene that the strip stands for */ let standing;
  /** @type {Look|undefined} */ let look;
  let drawn = ""; // what it shows

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
   * @param {Scene} scene @param {SizeIn} sizeIn of the boards that stand beside it then
   * @returns {number} the largest that a cell of the boards may be; 0 if there is no strip */
  function place(scene, sizeIn) {
    standing = sampleOf(scene);
    root.classList.remove("beside", "below");
    whole.hidden = true;
    drawn = "";
    if (!standing) return 0;
    const room = { width: board.clientWidth, height: board.clientHeight };
    const key = [scene.source, ...scene.arrays.flat(), room.width, room.height].join(" ");
    whole.classList.toggle("long", arraysOf(standing.derivation).some(({ role, cells }) => role !== "scratch" && cells.some(isLong)));
    let placing = placings.get(key);
    if (placing === undefined) placings.set(key, (placing = choose(standing, room, sizeIn) ?? null));
    if (!placing) return (standing = undefined), 0;
    whole.hidden = false;
    root.classList.add(placing.beside ? "beside" : "below");
    lay(placing);
    Object.assign(whole.style, { width: `${placing.width}px`, height: `${placing.height}px` });
    return Math.round(placing.cell / AHEAD);
  }

  /** @param {{across: number, cell: number}} placing */
  function lay({ across, cell }) {
    grids.root.classList.toggle("many", across > 1);
    grids.root.style.setProperty("--across", String(across));
    whole.style.setProperty("--cell", `${cell}px`);
  }

  /** How large it is, by the size of its cells. That is nearly a line, so it is measured twice, and not thirty times.
   * @param {number} across @returns {(cell: number) => Room} */
  function measure(across) {
    const [low, high] = [24, 72].map((cell) => {
      lay({ across, cell });
      return { width: whole.offsetWidth, height: whole.offsetHeight };
    });
    const at = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ cell) => from + ((to - from) * (cell - 24)) / 48;
    return (cell) => ({ width: at(low.width, high.width, cell), height: at(low.height, high.height, cell) });
  }

  /** Where it stands best: with the largest cells of its own and of the boards, both seen whole.
   * @param {Sample} sample @param {Room} room @param {SizeIn} sizeIn @returns {Placing|undefined} */
  function choose(sample, room, sizeIn) {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    if (room.width < LEAST.stage * rem) return undefined;
    const alone = sizeIn(room, LARGEST);
    let best = 0;
    /** @type {Placing|undefined} */ let found;
    whole.hidden = false;
    whole.classList.add("measured");
    Object.assign(whole.style, { width: "", height: "" });
    show(sample.derivation, -1);
    const { count } = sample.form;
    for (const across of new Set([1, 2, Math.ceil(count / 2), count].filter((each) => each <= count))) {
      const measured = measure(across);
      for (const beside of [true, false]) {
        const most = beside ? { ...room, width: SHARE * room.width } : { ...room, height: SHARE * room.height };
        for (let cell = LARGEST; cell >= LEAST.cell * rem; ) {
          const { width, height } = measured(cell);
          const over = Math.max(width / most.width, height / most.height);
          if (over > 1) {
            cell = Math.floor(Math.min(cell - 1, (cell / over) * 1.04));
            continue;
          }
          const worth = (/** @type {number} */ size) => cell ** 1.5 * Math.min(size, cell / AHEAD); // it is what they look at
          if (worth(alone.size) <= best) break;
          const [wide, high] = [width + GAP + SLACK, height + GAP + SLACK];
          const left = beside ? { ...room, width: room.width - wide } : { ...room, height: room.height - high };
          const boards = sizeIn(left, cell / AHEAD);
          const isSeen = boards.fits || (!alone.fits && boards.size > alone.size / 2);
          if (isSeen && worth(boards.size) > best) {
            best = worth(boards.size);
            found = { beside, across, cell, width: room.width, height };
          }
          cell = Math.floor(cell * 0.9);
        }
      }
    }
    if (found) {
      lay(found);
      found.height = whole.offsetHeight;
      if (found.beside) found.width = whole.offsetWidth;
    }
    whole.classList.remove("measured");
    whole.hidden = true;
    return found;
  }

  /** @param {import("./stage.js").Frame} frame */
  function draw({ k, cell, scene }) {
    if (!standing) return;
    const pinned = cell?.pinned ? cell : undefined;
    const key = `${pinned ? `${pinned.array} ${pinned.flat}` : ""} ${k} ${trace.steps.length >= scene.stop}`;
    if (key === drawn) return;
    drawn = key;
    const now = current(trace, { k });
    const derivation = (pinned && suited(pinned.array, pinned.flat, k)) ??
      (now?.count === 1 ? suited(now.array, now.flat, now.moment) : undefined) ?? standing.derivation; // prettier-ignore
    show(derivation, k);
  }

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
    look ??= new Look(themeOf(), limitOf(trace));
    const { array, flat, kind, moment, expr, sum } = derivation;
    const isDone = derivation.value !== undefined && (moment ?? 0) <= k;
    const maps = mapsOf(sum);
    if (maps) grids.showSum(maps, k, isDone, look);
    else if (expr && kind === "pick") grids.showContest(expr, k, isDone, look);
    outcome.className = `outcome role-${array.role}`;
    write(name, nameOf(array, flat));
    write(manner, expr && sum && expr !== sum ? ` = ${told(expr, sum, say)} = ` : " = ");
    write(value, isDone ? about(Number(derivation.value)) : "");
  }

  return {
    draw,
    place,
    /** What a scene has to show: the same as long as nothing has changed. */
    sampleOf,
    /** The arrays whose numbers the strip shows for a scene, so that they need not stand beside it. @param {Scene} scene */
    shown: (scene) => new Set(sampleOf(scene)?.form.scratch),
    refresh() {
      look = undefined;
      placings.clear();
      drawn = "";
    },
    close: () => whole.remove(),
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

/** The arrays that the cells of a sum or of a contest stand in, and those that they come from.
 * @param {Derivation} derivation @returns {import("./trace.js").NamedArray[]} */
function arraysOf({ expr, sum }) {
  const [first] = sum?.terms?.map((term) => term.expr) ?? expr?.among ?? [];
  return [first, ...(first?.parts ?? [])].flatMap((part) => [part?.via?.array, part?.cell?.array]).filter((array) => array !== undefined);
}

/** An expression with Σ in place of its sum. @param {Expr} expr @param {Expr} sum @param {(text: string) => string} say */
function told(expr, sum, say) {
  /** @param {Expr} each @returns {Expr} */
  const folded = (each) => (each === sum ? { op: "name", text: "Σ" } : { ...each, parts: each.parts?.map(folded) });
  return phrase(folded(expr), { say, all: false, most: 4, names: false }).map(({ text }) => text).join("");
}
