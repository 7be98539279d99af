// @ts-check
// The source panel: the lines of the function that run, with the loops around them, or all of its text; the
// expressions it is evaluating, the values standing in them, and the calls that led there. The text was highlighted by
// the server; this view lays marks over it, in characters.

import { cellAt, countOf } from "../run/box.js";
import { readNumber } from "../why/decimal.js";
import { element, part, write } from "../page/page.js";
import { keep, recall } from "../page/storage.js";
import { filled } from "../say/describe.js";
import { about } from "../say/look.js";

/** @import { Frame, View } from "../board/stage.js" */
/** @import { Access, Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** A stretch of the text in characters: an expression, and what it held when it was evaluated last.
 * @typedef {{row: string, first: number, end: number, write: boolean, value: string | number}} Mark */
/** Pixels of the text that is shown: how high it is, how far it can be scrolled, and where its lines end.
 * @typedef {{height: number, most: number, toShowAll: number, first: number, bottoms: Map<Element, number>}} Places */

const LEAST = 5; // characters of a number below an expression, and the most
const MOST = 11;
const LATEST = 12; // steps whose expressions are marked
const KEY = "convwalk.code"; // where the browser remembers that all of the text is wanted
// In lines that have room for values below them: what is left out between two lines, and a line without values.
const [GAP, BARE] = [0.45, 0.7];

/** @param {HTMLElement} root @param {Say} say @returns {View} */
export function source(root, say) {
  /** @type {Trace} */ let trace;
  const stack = part(".stack", root);
  const texts = part(".texts", root);
  const unfold = part(".unfold", root);
  /** @type {Frame|undefined} */ let latest;
  /** @type {Map<string, any>} */ let sources;
  /** @type {WeakMap<Element, string>} what each text was made of */ const madeOf = new WeakMap();
  let drawn = "-"; // the calls that stand there; none are known to, before the first are drawn
  let marked = ""; // the marks that stand there
  /** @type {HTMLElement|null} */ let paused = null; // the line that was brought into view last
  // Looking again where the text stands would cost more than all the rest of a step.
  /** @type {Places|undefined} */ let places;
  let scrolled = NaN; // how far the source is scrolled
  texts.addEventListener("scroll", () => (scrolled = texts.scrollTop), { passive: true });
  const resized = new ResizeObserver(() => {
    places = undefined;
    if (paused?.isConnected && !paused.closest("pre")?.hidden) bringIntoView(paused);
  });
  resized.observe(texts); // an inspector above it takes room, and gives it back

  const isWhole = () => recall("localStorage", KEY) === "whole";
  unfold.addEventListener("click", () => {
    keep("localStorage", KEY, isWhole() ? "folded" : "whole");
    [places, marked, paused] = [undefined, "", null];
    if (latest) draw(latest);
  });

  /** The text of a function, which is made when it first runs.
   * @param {string} name @returns {HTMLElement|undefined} */
  function textNamed(name) {
    const found = texts.querySelector(`[data-source="${name}"]`);
    if (found instanceof HTMLElement) return found;
    const source = sources.get(name);
    if (!source) return undefined;
    const text = textOf(source, say);
    madeOf.set(text, source.html.join("\n"));
    texts.append(text);
    return text;
  }

  /** @param {{source: number, line: number}[]} calls */
  function drawStack(calls) {
    const key = calls.map(({ source }) => source).join();
    if (key === drawn) return;
    drawn = key;
    const items = calls.map(({ source, line }) => {
      const { name, lines, first } = trace.header.sources[source];
      return element("li", { title: lines[line - first].trim() }, name.replace(/^.*\./, ""));
    });
    stack.replaceChildren(...items);
  }

  /** @param {HTMLElement} text @param {string} running @param {Frame} frame */
  function drawMarks(text, running, frame) {
    const layer = part(".marks", text);
    /** @type {Map<string, Mark>} by the places of their expressions */ const marks = new Map();
    const steps = trace.steps.slice(Math.max(frame.first, frame.stop - LATEST), frame.stop);
    for (const access of steps.flatMap((step) => step.accesses)) {
      const { source, place, line, first, end, values } = access;
      if (trace.header.sources[source].name !== running) continue;
      const write = Boolean(values || marks.get(place)?.write);
      const { row = "0" } = lineNumbered(text, line)?.dataset ?? {};
      marks.set(place, { row, first, end, write, value: valueIn(trace, access) });
    }
    const now = `${running} ${isWhole()} ${JSON.stringify([...marks.values()])}`;
    const pause = trace.stackAt(frame.k, frame.scene).at(-1)?.line;
    const line = lineNumbered(text, pause);
    const isSame = now === marked && line === paused && layer.isConnected;
    marked = now;
    if (isSame && (places || !isWhole())) return;
    paused?.classList.remove("paused");
    paused = line;
    paused?.classList.add("paused");
    const lines = /** @type {HTMLElement[]} */ ([...text.querySelectorAll(".line")]);
    const rows = [...marks.values()].map(({ row }) => Number(row));
    show(text, lines, new Set(rows.map((row) => lines[row])), isWhole() ? undefined : around(lines, rows, line));
    const all = [...marks.values()];
    layer.replaceChildren(...all.map((mark) => spanOf(mark, lines[Number(mark.row)], all)));
    if (isWhole() && paused) bringIntoView(paused);
  }

  /** Show some lines of a text, or all of them. @param {HTMLElement} text @param {HTMLElement[]} lines
   * @param {Set<HTMLElement>} valued those with values @param {Set<HTMLElement>} [some] */
  function show(text, lines, valued, some) {
    text.classList.toggle("folded", some !== undefined);
    const base = Math.min(...lines.map(indentOf));
    let [at, hasGap] = [0, false];
    for (const line of lines) {
      line.hidden = some ? !some.has(line) : false;
      const isAfterGap = hasGap && !line.hidden && at > 0;
      line.classList.toggle("after-gap", isAfterGap);
      line.classList.toggle("bare", some !== undefined && !valued.has(line));
      hasGap = line.hidden && (hasGap || !line.classList.contains("pause"));
      if (line.hidden) continue;
      at += isAfterGap ? GAP : 0;
      // A character for each level is enough to tell them apart, where there is little room.
      const cut = some ? indentOf(line) - (indentOf(line) - base) / 4 : 0;
      line.style.setProperty("--cut", String(cut));
      line.style.setProperty("--indent", String(indentOf(line)));
      Object.assign(line.dataset, { at, cut });
      at += line.classList.contains("bare") ? BARE : 1;
    }
    // It grows with what was shown, and does not shrink again below the reader's eyes.
    const most = Math.max(at, some ? Number(text.dataset.most ?? 0) : 0);
    if (some) text.dataset.most = String(most);
    part(".body", text).style.minHeight = some ? `${most * 2.4}em` : "";
    write(unfold, some ? filled(say, "source.unfold", { count: String(lines.length + 1) }) : say("source.fold"));
  }

  /** @param {Mark} mark @param {HTMLElement} line @param {Mark[]} all */
  const spanOf = (mark, { dataset: { at = mark.row, cut = "0" } }, all) => {
    const { row, first, end, write, value } = mark;
    const told = typeof value === "number" ? about(value, roomOf(mark, all, Number(cut))) : value;
    const span = element("span", { class: write ? "mark written" : "mark read" }, element("i", {}, told));
    span.dataset.row = row;
    const [begins, length] = [first - Number(cut), end - first];
    const aside = Math.max(0, String(told).length / 2 - (begins + length / 2)); // else it is cut on the left
    span.style.cssText = `--line: ${at}; --first: ${begins}; --length: ${length}; --aside: ${aside}`;
    return span;
  };

  /** Scroll the source alone, as little as shows the line: to where all pauses of the function can be seen, if they
   * can, so that the text stands still while it runs. The place depends on the line alone, and not on the way there.
   * @param {HTMLElement} line */
  function bringIntoView(line) {
    if (!places) {
      const [height, start] = [texts.clientHeight, texts.getBoundingClientRect().top - texts.scrollTop];
      const lines = /** @type {HTMLElement[]} */ ([...(line.parentElement?.querySelectorAll(".line") ?? [])]);
      const bottoms = new Map(lines.map((each) => [each, each.getBoundingClientRect().bottom - start]));
      const pauses = lines.filter((each) => each.classList.contains("pause"));
      const [top, last] = [pauses[0], pauses[pauses.length - 1]].map((pause) => bottoms.get(pause) ?? 0);
      const above = line.offsetHeight * 3 + (pauses[0]?.offsetHeight ?? 0); // what led to a pause stands above it
      const first = top - above;
      const [most, toShowAll] = [texts.scrollHeight - height, Math.max(0, last - height + 4)];
      places = { height, most, toShowAll, first, bottoms };
      scrolled = NaN;
    }
    const { height, most, toShowAll, first, bottoms } = places;
    const wanted = Math.max(0, Math.min(most, toShowAll <= first ? toShowAll : (bottoms.get(line) ?? 0) - height + 4));
    if (!(Math.abs(wanted - scrolled) < 1)) texts.scrollTop = scrolled = wanted;
  }

  /** @param {Frame} frame */
  function draw(frame) {
    latest = frame;
    const calls = trace.stackAt(frame.k, frame.scene);
    const running = calls.length ? trace.header.sources[calls[calls.length - 1].source].name : frame.scene.source;
    const text = textNamed(running);
    for (const each of /** @type {Iterable<HTMLElement>} */ (texts.children)) {
      if (each.hidden !== (each === text)) continue;
      each.hidden = each !== text;
      places = undefined;
    }
    drawStack(calls);
    if (frame.asked) {
      for (const layer of texts.querySelectorAll(".marks")) layer.replaceChildren(); // of what is asked, it may be
      marked = "-";
    }
    if (text) drawMarks(text, running, frame);
  }

  return {
    draw,
    begin(next) {
      trace = next;
      sources = new Map(trace.header.sources.map((/** @type {any} */ each) => [each.name, each]));
      drawn = "-";
      // The others stand for this run too.
      for (const text of [...texts.children])
        if (madeOf.get(text) !== sources.get(text.getAttribute("data-source") ?? "")?.html.join("\n")) text.remove();
    },
  };
}

/** @param {HTMLElement} text @param {number|undefined} number @returns {HTMLElement|null} */
const lineNumbered = (text, number) => text.querySelector(`[data-line="${number}"]`);

/** How many characters a line begins behind. @param {HTMLElement} line */
const indentOf = (line) => Number(line.dataset.indent);

/** The lines that matter: those that are marked, or else what led to the pause, and the loops and conditions around
 * them.
 * @param {HTMLElement[]} lines @param {number[]} rows of those that are marked @param {HTMLElement|null} pause */
function around(lines, rows, pause) {
  const isCode = (/** @type {HTMLElement} */ line) => !line.classList.contains("pause");
  const before = pause ? lines.slice(0, lines.indexOf(pause)).findLast(isCode) : lines.find(isCode);
  /** @type {Set<HTMLElement>} */ const found = new Set();
  for (const line of rows.length ? rows.map((row) => lines[row]) : [before ?? lines[0]]) {
    found.add(line);
    let depth = indentOf(line);
    for (const outer of lines.slice(0, lines.indexOf(line)).reverse()) {
      if (indentOf(outer) >= depth) continue;
      depth = indentOf(outer);
      found.add(outer);
    }
  }
  return found;
}

/** The text of a function: its signature, which may wrap, and its body with a layer for marks below it. The HTML was
 * made by Pygments from our own files. A pause is no more to a reader than a pause, and what is said there.
 * @param {{name: string, first: number, body: number, lines: string[], html: (string|null)[]}} source
 * @param {Say} say */
function textOf({ name, first, body: begins, lines, html }, say) {
  const signature = element("code", { class: "signature" });
  const isCode = (/** @type {string|null} */ line) => line !== null; // a docstring is null
  signature.innerHTML = html
    .slice(0, begins - first)
    .filter(isCode)
    .join("\n");
  const body = element("code", { class: "body" });
  /** @type {number[]} */ const lengths = [];
  for (let at = begins - first, row = 0; at < html.length; at++) {
    const text = html[at];
    if (text === null) continue;
    const line = element("span", { class: "line", "data-line": String(first + at), "data-row": String(row++) });
    line.dataset.indent = String(/^ */.exec(lines[at])?.[0].length);
    const [, indent, said] = /^(\s*)yield "(.*)"$/.exec(lines[at]) ?? [];
    if (/^\s*yield /.test(lines[at])) line.classList.add("pause");
    if (said) {
      line.append(indent, element("span", { class: "said" }, say(said)));
      line.title = say(said);
    } else {
      line.innerHTML = text || " ";
      lengths.push(lines[at].length);
    }
    body.append(line);
  }
  body.prepend(element("span", { class: "marks", "aria-hidden": "true" }));
  const pre = element("pre", { "data-source": name, hidden: "" }, signature, body);
  pre.style.setProperty("--columns", String(Math.max(...lengths) + 2));
  return pre;
}

/** How many characters have room below an expression: half of what is between it and those beside it, on both sides;
 * below the first in a line, whose number may stand aside, all from the beginning of the line on.
 * @param {Mark} mark @param {Mark[]} all @param {number} cut where the line begins */
function roomOf({ row, first, end }, all, cut) {
  const others = all.filter((other) => other.row === row);
  const before = Math.max(...others.filter((other) => other.end <= first).map((other) => (other.end + first) / 2));
  const after = Math.min(...others.filter((other) => other.first >= end).map((other) => (other.first + end) / 2));
  const middle = (first + end) / 2;
  const most = Math.min(MOST, 2 * Math.min(middle - before, after - middle) - 1); // or they would touch
  return Math.max(LEAST, Math.floor(most / 2 > middle - cut ? Math.min(most, after - cut) : most));
}

/** What an expression held: a number, or the shape of several. @param {Trace} trace @param {Access} access */
function valueIn(trace, { array, box, values, number }) {
  if (countOf(box) !== 1) return shapeOf(box);
  const value = values ? Number(values[0]) : trace.accesses.valueBefore(array, cellAt(box, array.strides, 0), number);
  return readNumber({ array, value });
}

/** How many cells a box has along each axis, axes of one left out. @param {number[]} box */
function shapeOf(box) {
  const sizes = [];
  for (let axis = 0; axis < box.length; axis += 3)
    sizes.push(Math.max(0, Math.ceil((box[axis + 1] - box[axis]) / box[axis + 2])));
  return sizes.filter((size) => size !== 1).join("×");
}
