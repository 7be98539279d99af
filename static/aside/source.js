// @ts-check
// The source panel: the text of the function that runs, the expressions it is evaluating, the values standing in them,
// and the calls that led there. The text was highlighted by the server; this view lays marks over it, in characters.

import { cellAt, countOf } from "../run/box.js";
import { readNumber } from "../why/decimal.js";
import { element, part } from "../page/page.js";
import { about } from "../say/look.js";

/** @typedef {import("../run/trace.js").Trace} Trace */

const LATEST = 12; // steps whose expressions are marked
const READABLE = 66; // characters in a line, beside a stage on a small screen

/** @param {HTMLElement} root */
export function source(root) {
  /** @type {Trace} */ let trace;
  const stack = part(".stack", root);
  const texts = part(".texts", root);
  /** @type {Map<string, any>} */ let sources;
  /** @type {WeakMap<Element, string>} what each text was made of */ const madeOf = new WeakMap();
  let drawn = "-"; // the calls that stand there; none are known to, before the first are drawn
  let marked = ""; // the marks that stand there
  /** @type {HTMLElement|null} */ let paused = null; // the line that was brought into view last
  /** @type {{height: number, most: number, toShowAll: number, first: number, bottoms: Map<HTMLElement, number>}|undefined} in
   *   pixels, of the text that is shown: looking again where it stands would cost more than all the rest of a step */
  let places;
  let scrolled = NaN; // how far the source is scrolled
  texts.addEventListener("scroll", () => (scrolled = texts.scrollTop), { passive: true });
  const resized = new ResizeObserver(() => {
    places = undefined;
    if (paused?.isConnected && !paused.closest("pre")?.hidden) bringIntoView(paused);
  });
  resized.observe(texts); // an inspector above it takes room, and gives it back

  /** @param {Trace} next */
  function begin(next) {
    trace = next;
    sources = new Map(trace.header.sources.map((/** @type {any} */ each) => [each.name, each]));
    drawn = "-";
    for (const text of [...texts.children]) // the others stand for this run too
      if (madeOf.get(text) !== sources.get(text.getAttribute("data-source") ?? "")?.html.join("\n")) text.remove();
  }

  /** @param {import("../board/stage.js").Frame} frame */
  function draw(frame) {
    const calls = frame.k ? trace.steps[frame.k - 1].stack : [];
    const named = (/** @type {number} */ number) => trace.header.sources[number];
    const running = frame.k ? named(calls[calls.length - 1].source).name : frame.scene.source;
    const text = textNamed(running);
    for (const each of /** @type {Iterable<HTMLElement>} */ (texts.children)) {
      if (each.hidden !== (each === text)) continue;
      each.hidden = each !== text;
      places = undefined;
    }
    drawStack(calls.map(({ source, line }) => ({ source: named(source), line })));
    if (text) drawMarks(text, named, running, frame);
  }

  /** The text of a function, which is made when it first runs. @param {string} name @returns {HTMLElement|undefined} */
  function textNamed(name) {
    const found = texts.querySelector(`[data-source="${name}"]`);
    if (found instanceof HTMLElement) return found;
    const source = sources.get(name);
    if (!source) return undefined;
    const text = textOf(source);
    madeOf.set(text, source.html.join("\n"));
    texts.append(text);
    return text;
  }

  /** @param {{source: any, line: number}[]} calls */
  function drawStack(calls) {
    const key = calls.map(({ source }) => source.name).join();
    if (key === drawn) return;
    drawn = key;
    stack.replaceChildren(
      ...calls.map(({ source, line }) =>
        element("li", { title: source.lines[line - source.first].trim() }, source.name.replace(/^.*\./, "")),
      ),
    );
  }

  /** @param {HTMLElement} text @param {(number: number) => any} named @param {string} running
   * @param {import("../board/stage.js").Frame} frame */
  function drawMarks(text, named, running, frame) {
    const layer = part(".marks", text);
    /** @type {Map<string, {line: number, first: number, end: number, write: boolean, value: string}>} by the place of an
     *  expression; what it held when it was evaluated last */
    const marks = new Map();
    for (const { accesses } of trace.steps.slice(Math.max(frame.first, frame.stop - LATEST), frame.stop))
      for (const access of accesses) {
        const { source, place, line, first, end, values } = access;
        if (named(source).name === running) marks.set(place, { line, first, end, write: Boolean(values || marks.get(place)?.write), value: valueIn(trace, access) });
      }
    const now = `${running} ${JSON.stringify([...marks.values()])}`;
    if (now !== marked || !layer.childElementCount)
      layer.replaceChildren(
        ...[...marks.values()].map(({ line, first, end, write, value }) => {
          const mark = element("span", { class: write ? "mark written" : "mark read" }, element("i", {}, value));
          mark.style.setProperty("--line", text.querySelector(`[data-line="${line}"]`)?.getAttribute("data-row") ?? "0");
          mark.style.setProperty("--first", String(first));
          mark.style.setProperty("--length", String(end - first));
          return mark;
        }),
      );
    marked = now;
    const pause = frame.k ? trace.steps[frame.k - 1].stack.at(-1)?.line : undefined;
    const line = /** @type {HTMLElement|null} */ (text.querySelector(`[data-line="${pause}"]`));
    if (line === paused && places) return;
    paused?.classList.remove("paused");
    paused = line;
    paused?.classList.add("paused");
    if (paused) bringIntoView(paused);
  }

  /** Scroll the source alone, as little as shows the line: to where all pauses of the function can be seen, if they can,
   * so that the text stands still while it runs. The place depends on the line alone, and not on the way there.
   * @param {HTMLElement} line */
  function bringIntoView(line) {
    if (!places) {
      const [height, top] = [texts.clientHeight, texts.getBoundingClientRect().top - texts.scrollTop];
      const lines = /** @type {HTMLElement[]} */ ([...(line.parentElement?.querySelectorAll(".line") ?? [])]);
      const bottoms = new Map(lines.map((each) => [each, each.getBoundingClientRect().bottom - top]));
      const pauses = lines.filter((each) => each.classList.contains("pause"));
      const [first, last] = [pauses[0], pauses[pauses.length - 1]].map((pause) => bottoms.get(pause) ?? 0);
      const above = line.offsetHeight * 3 + (pauses[0]?.offsetHeight ?? 0); // what led to a pause stands above it
      places = { height, most: texts.scrollHeight - height, toShowAll: Math.max(0, last - height + 4), first: first - above, bottoms };
      scrolled = NaN;
    }
    const { height, most, toShowAll, first, bottoms } = places;
    const wanted = Math.max(0, Math.min(most, toShowAll <= first ? toShowAll : (bottoms.get(line) ?? 0) - height + 4));
    if (!(Math.abs(wanted - scrolled) < 1)) texts.scrollTop = scrolled = wanted;
  }

  return { begin, draw };
}

/** The text of a function: its signature, which may wrap, and its body with a layer for marks below it. The HTML was
 * made by Pygments from our own files.
 * @param {{name: string, first: number, body: number, lines: string[], html: (string|null)[]}} source */
function textOf({ name, first, body: begins, lines, html }) {
  const signature = element("code", { class: "signature" });
  signature.innerHTML = html.slice(0, begins - first).filter((line) => line !== null).join("\n"); // docstrings are null
  const body = element("code", { class: "body" });
  for (let at = begins - first, row = 0; at < html.length; at++) {
    const text = html[at];
    if (text === null) continue;
    const line = element("span", { class: "line", "data-line": String(first + at), "data-row": String(row++) });
    if (/^\s*yield /.test(lines[at])) line.classList.add("pause");
    if (/^\s*yield ["']/.test(lines[at])) line.classList.add("said"); // as the caption has it
    line.innerHTML = text || " ";
    body.append(line);
  }
  body.prepend(element("span", { class: "marks", "aria-hidden": "true" }));
  const pre = element("pre", { "data-source": name, hidden: "" }, signature, body);
  // What is said at a pause is small for it only where all can still be read.
  const seen = lines.slice(begins - first).filter((line) => !/^\s*yield /.test(line) || line.length <= READABLE);
  pre.style.setProperty("--columns", String(Math.max(...seen.map((line) => line.length)) + 2));
  return pre;
}

/** What an expression held: a number, or the shape of several. @param {Trace} trace
 * @param {import("../run/trace.js").Access} access */
function valueIn(trace, { array, box, values, number }) {
  if (countOf(box) !== 1) return shapeOf(box);
  const value = values ? Number(values[0]) : trace.accesses.valueBefore(array, cellAt(box, array.strides, 0), number);
  return about(readNumber({ array, value }));
}

/** How many cells a box has along each axis, axes of one left out. @param {number[]} box */
function shapeOf(box) {
  const sizes = [];
  for (let axis = 0; axis < box.length; axis += 3)
    sizes.push(Math.max(0, Math.ceil((box[axis + 1] - box[axis]) / box[axis + 2])));
  return sizes.filter((size) => size !== 1).join("×");
}
