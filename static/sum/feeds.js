// @ts-check
// What is computed from a cell, and where its gradient collects: the way on from a number that was given or copied.
// It takes the cells from the links and their partners from the derivations; it knows no layer.

import { cellButton, nameOf } from "../say/cell.js";
import { cellsOf } from "../why/expression.js";
import { filled } from "../say/describe.js";
import { flowOf } from "../run/flow.js";
import { CARRYING, DECIDING, Links } from "../why/links.js";
import { element } from "../page/page.js";
import { titleOf } from "../run/trace.js";

/** @import { NamedArray, Scene, Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Derivations } from "../why/derivation.js" */

const MOST = 24; // cells that are named

/** @param {HTMLElement} root @param {Trace} trace @param {Derivations} derivations @param {Say} say */
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
    const [chapter] = trace.chapters.flatMap((each) => (each.scenes.includes(scene) ? [titleOf(each, say)] : []));
    /** @type {HTMLElement[]} */ const told = [];
    let room = MOST;
    for (const how of [CARRYING, DECIDING])
      for (const [name, cells] of found) {
        const target = /** @type {NamedArray} */ (trace.byName.get(name));
        const all = [...cells.keys()].filter((each) => cells[each] === how);
        const count = all.length;
        if (target.role === "scratch" || !count) continue;
        const key = `inspector.${how === CARRYING ? "feeds" : "decides"}${count === 1 ? ".one" : ""}`;
        told.push(element("p", {}, filled(say, key, { count, array: name, chapter })));
        const items = all.slice(0, room).map((into) => {
          const meets = partner(array, flat, target, into, scene);
          return element("li", {}, cellButton({ array: target, flat: into }), ...meets);
        });
        room -= items.length;
        const rest = count - items.length;
        if (rest) items.push(element("li", { class: "rest" }, filled(say, "inspector.feeds.more", { count: rest })));
        told.push(element("ul", {}, ...items));
      }
    if (told.length || array.role === "scratch") return told;
    return [element("p", {}, filled(say, "inspector.feeds.none", { chapter }))];
  }

  /** The cell by which a cell is multiplied on its way into another. @param {NamedArray} array @param {number} flat
   * @param {NamedArray} target @param {number} into @param {Scene} scene @returns {(Node|string)[]} */
  function partner(array, flat, target, into, scene) {
    const { sum } = derivations.of(target.name, into, scene.stop);
    for (const { expr } of sum?.terms ?? []) {
      const cells = cellsOf(expr);
      const [other, ...more] = cells.filter((cell) => cell.array !== array || cell.flat !== flat);
      if (!other || more.length || cells.length !== 2) continue;
      const cell = nameOf(other.array, other.flat);
      return [" ", element("small", {}, filled(say, "inspector.feeds.with", { cell }))];
    }
    return [];
  }

  /** @param {NamedArray} array @param {number} flat @returns {Node[]} */
  function gradientOf({ name, shape }, flat) {
    const gradient = trace.byName.get(`d${name}`);
    // One that is not computed is given, as the first of them all, or stands for an argument that nothing reads.
    if (gradient?.role !== "gradient" || gradient.known || gradient.shape.join() !== shape.join()) return [];
    return [element("p", {}, say("inspector.gradient"), " ", cellButton({ array: gradient, flat }))];
  }

  return { show, clear };
}
