// @ts-check
// The map of the walk: its chapters in the order of the data, forward above and backward below, each with the arrays
// that it makes in small. It knows which chapter and which scene run; what an array looks like, a thumb knows.

import { keep, recall } from "../page/storage.js";
import { flowOf } from "../run/flow.js";
import { Looks, themeOf } from "../say/look.js";
import { element, part, write } from "../page/page.js";
import { Thumb } from "../board/thumb.js";
import { titleOf } from "../run/trace.js";

const KEY = "convwalk.map"; // where the browser remembers that the map is folded

/** @typedef {import("../run/trace.js").Trace} Trace */
/** @typedef {import("../run/flow.js").Stop} Stop */

const REST = 100; // milliseconds between two paintings: the eye follows the stage, and the map only has to keep up
const TURN = 2; // milliseconds that one turn of painting may take
const FIRST = 10; // the same of a run that is new
const SHORT = matchMedia("(max-height: 560px)"); // a window, or a frame, in which the names alone have room
const FAR = 2000; // steps: over a longer way than that, every array counts as changed

/** @param {HTMLElement} root @param {(text: string) => string} say
 * @param {(k: number) => void} go */
export function layerMap(root, say, go) {
  const nav = part("nav", root);
  const fold = part(".fold", root);
  /** @type {Trace} */ let trace;
  /** @type {ReturnType<typeof flowOf>} */ let flow;
  /** @type {{item: HTMLElement, button: HTMLElement}[]} by the chapter's number */ let stations = [];
  /** @type {Map<string, {thumb: Thumb, item: HTMLElement, shape: string}>} */ const thumbs = new Map();
  /** @type {Set<string>} the arrays whose pictures are not up to date */ const stale = new Set();
  let looks = new Looks(themeOf());
  /** @type {Element[]} */ let rows = [];
  const formula = element("div", { class: "formula" });
  let stood = ""; // the chapters and arrays that stand there
  let chapter = -1; // what was last drawn
  /** @type {import("../run/trace.js").Scene|undefined} */ let scene;
  let seen = -1;
  let painting = 0; // the timer of the next turn
  let painted = 0; // when the last one was

  /** Another run: what it has in common with the one before stays where it is. @param {Trace} next */
  function begin(next) {
    trace = next;
    flow = flowOf(trace);
    const stands = JSON.stringify([flow.forward, flow.backward, trace.chapters.map((each) => titleOf(each, say)), [...trace.byName.values()].map(({ name, label }) => [name, label])]);
    let isOther = stands !== stood;
    if (isOther) build();
    stood = stands;
    for (const name of thumbs.keys()) isOther = show(name) || isOther;
    const text = formula.textContent;
    formula.replaceChildren(...trace.header.formula.map((/** @type {any} */ line) =>
      element("div", {}, element("span", {}, say(line.label)), element("code", {},
        element("span", {}, `${line.symbols} = `), `${line.numbers} = `, element("b", {}, String(line.value)))))); // prettier-ignore
    formula.classList.toggle("long", trace.header.formula.length > 2);
    if (isOther || text !== formula.textContent) arrange();
    scene = undefined;
    seen = -1;
  }

  /** Set up the stations of all chapters, each with its arrays. */
  function build() {
    thumbs.clear();
    stale.clear();
    stations = [];
    chapter = -1;
    const { forward, backward } = flow;
    nav.replaceChildren(...rowOf(forward, "forward", say("map.forward")), formula,
      ...(backward.length ? rowOf(backward, "backward", say("map.backward")) : [])); // prettier-ignore
    root.classList.toggle("one-way", backward.length === 0);
    rows = [...nav.querySelectorAll("ol")];
  }

  /** @param {Stop} stop */
  function stationOf({ number, enters, makes, renews }) {
    const button = element("button", { type: "button", "data-station": trace.chapters[number].name }, titleOf(trace.chapters[number], say));
    const pictures = [
      ...enters.map((array) => pictureOf(array, "given")),
      ...makes.map((array) => pictureOf(array, "made")),
      ...renews.map((array) => element("li", { class: "renewed" }, element("code", {}, array))),
    ];
    const item = element("li", { class: "station" }, button, ...(pictures.length ? [element("ul", {}, ...pictures)] : []));
    item.addEventListener("click", () => go(trace.chapters[number].first + 1)); // the button's click comes by here too
    stations[number] = { item, button };
    return item;
  }

  /** @param {string} name @param {string} how */
  function pictureOf(name, how) {
    const array = /** @type {import("../run/trace.js").NamedArray} */ (trace.byName.get(name));
    const thumb = new Thumb(array);
    const item = element("li", { class: how, "data-thumb": name },
      thumb.canvas,
      element("span", { class: "name" }, element("code", {}, name), element("span", { class: "shape" })),
      element("span", { class: "heard" }, say(array.label))); // prettier-ignore
    thumbs.set(name, { thumb, item, shape: "" });
    return item;
  }

  /** Show an array of this run in the place of one of another. @param {string} name @returns {boolean} whether its shape is
   * another one */
  function show(name) {
    const array = /** @type {import("../run/trace.js").NamedArray} */ (trace.byName.get(name));
    const picture = /** @type {{thumb: Thumb, item: HTMLElement, shape: string}} */ (thumbs.get(name));
    const { thumb, item } = picture;
    const shape = array.shape.join("×");
    thumb.array = array;
    if (picture.shape === shape) return false;
    if (picture.shape) {
      picture.thumb = new Thumb(array);
      thumb.canvas.replaceWith(picture.thumb.canvas);
    }
    picture.shape = shape;
    item.title = `${name} ${shape} · ${say(array.label)}`;
    write(part(".shape", item), shape);
    return true;
  }

  /** @param {Stop[]} stops @param {string} way its class @param {string} called */
  function rowOf(stops, way, called) {
    const title = element("span", { class: "way", id: `way-${way}` }, called);
    const list = element("ol", { class: way, "aria-labelledby": title.id }, ...stops.map(stationOf));
    return flow.backward.length ? [title, list] : [list];
  }

  fold.addEventListener("click", () => {
    keep("sessionStorage", KEY, root.classList.contains("folded") ? "open" : "folded");
    arrange();
    paintSoon();
  });

  /** Where a row is too narrow for all the names, the chapters with the most arrays give theirs up: each picture still
   * tells its own to who points at it. On a phone the rows are one strip, which is there to be scrolled. */
  function arrange() {
    const isFolded = SHORT.matches || recall("sessionStorage", KEY) === "folded";
    root.classList.toggle("folded", isFolded);
    fold.setAttribute("aria-expanded", String(!isFolded));
    for (const { item } of stations) item.classList.remove("bare");
    if (getComputedStyle(nav).overflowX === "auto") return follow();
    for (const row of rows) {
      const named = [...row.children].filter((item) => item.querySelector(".name"));
      const countOf = (/** @type {Element} */ item) => item.querySelectorAll(".name").length;
      named.sort((one, other) => countOf(other) - countOf(one));
      while (named.length && row.scrollWidth > row.clientWidth) named.shift()?.classList.add("bare");
    }
    follow();
  }

  /** Bring the chapter into view if it is not, with what stands before it, a chapter or the name of the row; rows scroll
   * by themselves, and the page never with them. What comes first is not cut: there is room to scroll it to the edge. */
  function follow() {
    const { item, button } = stations[Math.max(0, chapter)];
    const focused = document.activeElement;
    if (focused !== button && nav.contains(focused)) return; // where the reader is
    const before = item.previousElementSibling ?? item.parentElement?.previousElementSibling ?? item;
    const list = /** @type {HTMLElement} */ (item.parentElement);
    for (const scroller of [list, nav]) {
      scroller.style.paddingInlineEnd = "";
      const [row, at] = [scroller.getBoundingClientRect(), item.getBoundingClientRect()];
      if (scroller.scrollWidth <= scroller.clientWidth) continue;
      const isSeen = at.left >= row.left && at.right <= row.right;
      const whole = [...scroller.querySelectorAll(".station")].find((each) => each.getBoundingClientRect().left >= row.left - 1);
      const anchor = isSeen ? (whole ?? item) : before;
      const isAtStart = isSeen && !scroller.scrollLeft;
      const left = isAtStart ? 0 : scroller.scrollLeft + anchor.getBoundingClientRect().left - row.left;
      const lacking = left + scroller.clientWidth - scroller.scrollWidth;
      if (lacking > 0) scroller.style.paddingInlineEnd = `calc(${lacking}px + ${getComputedStyle(scroller).paddingInlineEnd})`;
      scroller.scrollTo({ left });
    }
  }

  /** @param {import("../board/stage.js").Frame} frame */
  function draw(frame) {
    const now = trace.chapterAt(frame.k);
    const { first, stop } = trace.chapters[now];
    const share = Math.max(0, Math.min(1, (frame.k - first) / (stop - first)));
    stations[now].button.style.setProperty("--share", `${share * 100}%`);
    if (now !== chapter) {
      const held = stations.some(({ button }) => button === document.activeElement);
      if (held) stations[now].button.focus({ preventScroll: true }); // who has chosen a chapter goes on from where the walk is
      chapter = now;
      stations.forEach(({ item, button }, at) => {
        item.classList.toggle("done", at < now);
        item.classList.toggle("current", at === now);
        if (at === now) button.setAttribute("aria-current", "step");
        else button.removeAttribute("aria-current");
      });
      follow();
    }
    if (scene !== frame.scene) {
      scene = frame.scene;
      const [read, written] = [flow.reads(scene), flow.writes(scene)];
      for (const [name, { item }] of thumbs) {
        item.classList.toggle("read", read.has(name));
        item.classList.toggle("written", written.has(name));
      }
    }
    const isFirst = seen < 0;
    noteChanges(frame.k);
    if (isFirst) paint(FIRST); // with the boards
    else paintSoon();
  }

  /** Which arrays the steps between the last moment and this one have written, or have not written any more.
   * @param {number} k */
  function noteChanges(k) {
    const [from, to] = seen < k ? [seen, k] : [k, seen];
    if (seen < 0 || to - from > FAR) for (const name of thumbs.keys()) stale.add(name);
    else
      for (let step = from; step < to; step++)
        for (const { array, values } of trace.steps[step].accesses) if (values && thumbs.has(array.name)) stale.add(array.name);
    seen = k;
  }

  function paintSoon() {
    if (painting || !stale.size || root.classList.contains("folded")) return;
    painting = window.setTimeout(() => paint(TURN), Math.max(0, painted + REST - performance.now()));
  }

  /** Paint for a turn, and again soon if something is left. @param {number} turn in milliseconds */
  function paint(turn) {
    clearTimeout(painting);
    painting = 0;
    if (root.classList.contains("folded")) return;
    const begun = performance.now();
    for (const name of stale) {
      const { thumb } = /** @type {{thumb: Thumb}} */ (thumbs.get(name));
      thumb.paint(looks.of(thumb.array));
      stale.delete(name);
      if (performance.now() - begun > turn) break;
    }
    if (!stale.size) painted = performance.now();
    paintSoon();
  }

  /** The room or the theme has changed. */
  function refresh() {
    looks = new Looks(themeOf());
    for (const name of thumbs.keys()) stale.add(name);
    arrange();
    paintSoon();
  }

  return { begin, draw, refresh };
}
