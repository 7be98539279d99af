// @ts-check
// Compare with mine: in the closer look at an array, a reader's own beside it. What they brought stays while the walk
// goes on and where its settings change, and is then compared anew.

import { styled, worded } from "../../page/beside.js";
import { afterPicture, element } from "../../page/page.js";
import { nameOf } from "../../say/cell.js";
import { filled } from "../../say/describe.js";
import { lineOf } from "../../say/line.js";
import { derivationsOf } from "../../why/derivation.js";
import { Asked } from "./asked.js";
import { opened } from "./file.js";
import { form } from "./form.js";
import { flatOf, sideOf } from "./sides.js";
import { verdict } from "./verdict.js";

/** @import { Matrix } from "../../paste/unreadable.js" */
/** @import { NamedArray, Trace } from "../../run/trace.js" */
/** @import { Cell } from "../../say/cell.js" */
/** @import { Look } from "../../say/look.js" */
/** @import { Say } from "../../say/describe.js" */
/** @import { Ask } from "./asked.js" */
/** @import { Side } from "./sides.js" */
/** @typedef {{compare: Ask, brings: string[], settings: string[], go: (moment: number) => void,
 *   point: (cell: Cell) => void}} Hand compare asks the server of the run on the stage, brings are the arrays of it
 *   that a reader may give, settings the names of those that it has */
/** @typedef {Hand & {trace: () => Trace, pinned: () => Cell|undefined, changed: () => void,
 *   left: () => void}} Panel the closer look: changed has it drawn anew, left gives the focus back to
 *   what leads here */

const TOLD = 60; // terms of a sum

/** @param {Say} words of the page @param {Panel} panel */
export async function mine(words, { compare, brings, settings, go, point, trace, pinned, changed, left }) {
  const [more] = await Promise.all([worded(import.meta.url), styled("mine.css", import.meta.url)]);
  const say = (/** @type {string} */ key) => more[key] ?? words(key);
  /** @type {NamedArray|undefined} */ let array; // that is looked at
  /** @type {Side} */ let side = "difference";
  let isTyping = false;
  let leads = false; // whether the reader has just brought it, and is led to the first cell that differs
  const asked = new Asked(compare, news, say("mine.lost"));
  const said = verdict(say, {
    choose: (next) => ((side = next), changed()),
    pin,
    change: () => bring(),
    again,
    rule(next) {
      const own = array && asked.of(array.name);
      if (own) own.rule = next;
      again();
    },
  });
  const typed = form(say, brings, { take: (matrix) => array && take(array, matrix), takeAll, files, leave, forget });
  const root = element("div", { class: "own" }, typed.root, said.root);

  /** @param {string} name */
  function news(name) {
    const own = asked.of(name);
    if (name !== array?.name) return;
    const { first } = own?.answer ?? {};
    const isLed = leads;
    leads = false;
    changed();
    if (isLed && first) pin(flatOf(array, first));
  }

  /** Ask anew. */
  function again() {
    if (!array) return;
    asked.outdate(array.name);
    changed();
  }

  /** Have the reader type or paste. */
  function bring() {
    if (!array) return;
    isTyping = true;
    changed();
    typed.open(array, asked.of(array.name)?.matrix); // it has the focus at once
  }

  function leave() {
    isTyping = false;
    changed();
    // Once the button is there again.
    afterPicture(() => (array && asked.of(array.name) ? said.alter.focus() : left()));
  }

  function forget() {
    if (array) asked.forget(array.name);
    leave();
  }

  /** Hold all arrays of a file that the walk computes, and show the one that is looked at.
   * @param {Map<string, Matrix>} arrays @returns {string} why that cannot be */
  function takeAll(arrays) {
    if (!array) return "";
    const [[name, only]] = arrays.size === 1 ? arrays : [["", undefined]];
    const matrix = arrays.get(array.name) ?? (trace().byName.has(name) || brings.includes(name) ? undefined : only);
    if (!matrix) return filled(say, "mine.absent", { name: array.name, names: [...arrays.keys()].join(", ") });
    for (const [name, each] of arrays) {
      const other = trace().byName.get(name);
      if (other?.isComputed) asked.hold(name, each);
    }
    take(array, matrix);
    return "";
  }

  /** Files that are meant for what is looked at. What was computed from other numbers than those of this walk, or with
   * settings that the file names, is compared once these are walked on. @param {File[]} all */
  async function files(all) {
    const found = await opened(all, say);
    const arrays = found.arrays && new Map([...found.arrays].map(([name, matrix]) => [ownName(name), matrix]));
    const isOther = array && arrays?.has(array.name) && !found.isWalk && !found.names?.every(isOfWalk(arrays));
    if (isOther) return document.dispatchEvent(new CustomEvent("files", { detail: all }));
    if (!isTyping && arrays && !takeAll(arrays)) return;
    if (!isTyping) bring(); // there it is said why not
    typed.fill({ ...found, arrays });
  }

  /** The name of an array of the walk, whose letters may be small or capitals. @param {string} name */
  const ownName = (name) =>
    [...trace().byName.keys(), ...brings].find((each) => each.toLowerCase() === name.toLowerCase()) ?? name;

  /** Whether the walk may stay as it is beside what has that name: it is no setting, and if the walk begins with it,
   * then with just these numbers. @param {Map<string, Matrix>} arrays */
  const isOfWalk = (arrays) => (/** @type {string} */ name) => {
    const [given, matrix] = [ownName(name), arrays.get(ownName(name))];
    if (settings.some((each) => each.toLowerCase() === name.toLowerCase())) return false;
    if (!brings.includes(given)) return true;
    const own = trace().byName.get(given);
    return own?.shape.join() === matrix?.shape.join() && matrix?.cells.every((cell, at) => cell === own?.start[at]);
  };

  /** @param {NamedArray} of @param {Matrix} matrix */
  function take(of, matrix) {
    array = of;
    const hadFocus = root.contains(document.activeElement);
    asked.hold(of.name, matrix);
    isTyping = false;
    leads = true;
    side = "difference";
    changed();
    if (hadFocus) afterPicture(() => said.alter.focus({ preventScroll: true })); // once it is there
  }

  /** How a cell comes by its last number. @param {string} name @param {number} flat */
  const derivationOf = (name, flat) => derivationsOf(trace()).of(name, flat, trace().steps.length);

  /** Pin a cell where it is computed, with its whole sum. @param {number} flat */
  function pin(flat) {
    if (!array) return;
    const { name } = array;
    const { moment } = derivationOf(name, flat);
    if (moment !== undefined) go(moment);
    const cell = pinned();
    if (cell?.array !== name || cell?.flat !== flat) point({ array: name, flat, pinned: true });
  }

  /** How a cell comes by its number, with its whole sum. @param {number} flat */
  function sumOf(flat) {
    if (!array) return [];
    const derivation = derivationOf(array.name, flat);
    return [
      `${derivation.path.map((cell) => ` = ${nameOf(cell.array, cell.flat)}`).join("")} = `,
      ...lineOf(trace(), derivation, true, { say, all: false, most: TOLD, isAfter: true }),
    ];
  }

  /** Look at an array. @param {NamedArray} next @param {Look} look @returns what is to be drawn in place of it */
  function draw(next, look) {
    if (array?.name !== next.name) isTyping = leads = false;
    array = next;
    const own = asked.of(next.name);
    void asked.want(next.name);
    typed.root.hidden = !isTyping;
    said.root.hidden = isTyping || !own;
    if (own && !isTyping) said.draw(next, own, side, sumOf);
    return { isTyping, hasOwn: Boolean(own), beside: own && sideOf(side, next, look, own, say) };
  }

  return { root, draw, bring, takeAll, files, begin: () => asked.outdate(), forgetAll: () => asked.forgetAll() };
}
