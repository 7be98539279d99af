// @ts-check
// What is computed from a cell, and where its gradient collects: the way on from a number that was only given or copied.
// It takes the cells from the links and their partners from the derivations; it knows no layer.

import { cellButton, nameOf } from "../say/cell.js";
import { cellsOf } from "../why/derivation.js";
import { filled } from "../say/describe.js";
import { flowOf } from "../run/flow.js";
import { CARRYING, DECIDING, Links } from "../why/links.js";
import { element } from "../page/page.js";
import { titleOf } from "../run/trace.js";

/** @typedef {import("../run/trace.js").Trace} Trace */
/** @typedef {import("../run/trace.js").Scene} Scene */
/** @typedef {import("../run/trace.js").NamedArray} NamedArray */

const MOST = 24; // cells that are named

/** @param {HTMLElement} root @param {Trace} trace @param {import("../why/derivation.js").Derivations} derivations
 * @param {(text: string) => string} say */
export function feeds(root, trace, derivations, say) {
  const links = new Links(trace);
  const { reads } = flowOf(trace);
  const scenes = trace.chapters.flatMap((chapter) => chapter.scenes);
  let drawn = "";

  /** @param {NamedArray} array @param {number} flat @param {number} k */
  function show(array, flat, k) {
    const scene = sceneFor(array, k);
    const hasArrived = scene !== undefined && scene.stop <= trace.steps.length;
    const moment = array.role === "scratch" ? k : (scene?.stop ?? 0);
    const key = `${array.name} ${flat} ${scene?.first} ${hasArrived} ${moment}`;
    if (key === drawn) return;
    drawn = key;
    root.replaceChildren(...(scene && hasArrived ? fed(array, flat, scene, moment) : []), ...gradientOf(array, flat));
  }

  function clear() {
    drawn = "";
    root.replaceChildren();
  }

  /** The scene that reads an array: the one on the stage, or else the first of all.
   * @param {NamedArray} array @param {number} k @returns {Scene|undefined} */
  function sceneFor({ name, role }, k) {
    const now = trace.sceneAt(k);
    if (role === "scratch") return now;
    return [now, ...scenes].find((scene) => reads(scene).has(name));
  }

  /** @param {NamedArray} array @param {number} flat @param {Scene} scene @param {number} moment */
  function fed(array, flat, scene, moment) {
    const found = links.of(scene, array.name, flat, moment).feeds;
    const chapter = titleOf(/** @type {import("../run/trace.js").Chapter} */ (trace.chapters.find((each) => each.scenes.includes(scene))), say);
    /** @type {HTMLElement[]} */ const told = [];
    let room = MOST;
    for (const how of [CARRYING, DECIDING])
      for (const [name, cells] of found) {
        const target = /** @type {NamedArray} */ (trace.byName.get(name));
        if (target.role === "scratch") continue;
        const all = [...cells.keys()].filter((each) => cells[each] === how);
        if (!all.length) continue;
        const named = all.slice(0, room);
        room -= named.length;
        const key = how === CARRYING ? "inspector.feeds" : "inspector.decides";
        told.push(element("p", {}, filled(say, all.length === 1 ? `${key}.one` : key, { count: all.length, array: name, chapter })));
        const items = named.map((each) => element("li", {}, cellButton({ array: target, flat: each }), ...partner(array, flat, target, each, scene)));
        if (all.length > named.length) items.push(element("li", { class: "rest" }, filled(say, "inspector.feeds.more", { count: all.length - named.length })));
        told.push(element("ul", {}, ...items));
      }
    if (!told.length && array.role !== "scratch") told.push(element("p", {}, filled(say, "inspector.feeds.none", { chapter })));
    return told;
  }

  /** The cell by which a cell is multiplied on its way into another. @param {NamedArray} array @param {number} flat
   * @param {NamedArray} target @param {number} into @param {Scene} scene @returns {(Node|string)[]} */
  function partner(array, flat, target, into, scene) {
    const { sum } = derivations.of(target.name, into, scene.stop);
    for (const { expr } of sum?.terms ?? []) {
      const cells = cellsOf(expr);
      const others = cells.filter((cell) => cell.array !== array || cell.flat !== flat);
      if (others.length === 1 && cells.length === 2)
        return [" ", element("small", {}, filled(say, "inspector.feeds.with", { cell: nameOf(others[0].array, others[0].flat) }))];
    }
    return [];
  }

  /** @param {NamedArray} array @param {number} flat @returns {Node[]} */
  function gradientOf({ name, shape }, flat) {
    const gradient = trace.byName.get(`d${name}`);
    // One that the run does not compute is given, as the first of them all, or stands for an argument that nothing reads.
    if (gradient?.role !== "gradient" || gradient.known || gradient.shape.join() !== shape.join()) return [];
    return [element("p", {}, say("inspector.gradient"), " ", cellButton({ array: gradient, flat }))];
  }

  return { show, clear };
}
