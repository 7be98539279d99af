// @ts-check
// The chapters of the walk, in a row of names. Unfolded they are its map, in the order of the data, forward above
// and backward below, each with the arrays that it makes in small. It knows which chapter and which scene run; what an
// array looks like, a thumb knows.

import { rove } from "../page/rove.js";
import { keep, recall } from "../page/storage.js";
import { flowOf } from "../run/flow.js";
import { Looks, themeOf } from "../say/look.js";
import { attribute, element, part, write } from "../page/page.js";
import { Thumb } from "../board/thumb.js";
import { titleOf } from "../run/trace.js";

/** @import { View } from "../board/stage.js" */
/** @import { Stop } from "../run/flow.js" */
/** @import { NamedArray, Scene, Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @typedef {{thumb: Thumb, item: HTMLElement, shape: string}} Picture */

const KEY = "convwalk.map"; // where the browser remembers that the map is unfolded
const REST = 100; // milliseconds between two paintings: the eye follows the stage, and the map only has to keep up
const TURN = 2; // milliseconds that one turn of painting may take
const FIRST = 10; // the same of a run that is new
const SHORT = matchMedia("(max-height: 560px)"); // a window, or a frame, in which the names alone have room
const FAR = 2000; // steps: over a longer way than that, every array counts as changed

/** @param {HTMLElement} root @param {Say} say @param {(k: number) => void} go
 * @returns {View & {refresh: () => void}} */
export function layerMap(root, say, go) {
  const nav = part("nav", root);
  const fold = part(".fold", root);
  const settle = rove(nav, ".station button");
  /** @type {Trace} */ let trace;
  /** @type {ReturnType<typeof flowOf>} */ let flow;
  /** @type {{item: HTMLElement, button: HTMLElement}[]} by the chapter's number */ let stations = [];
  /** @type {Map<string, Picture>} */ const pictures = new Map();
  /** @type {Set<Picture>} that are not up to date */ const stale = new Set();
  let looks = new Looks(themeOf());
  let stood = ""; // the chapters and arrays that stand there
  let chapter = -1; // what was last drawn
  /** @type {Scene|undefined} */ let scene;
  let seen = -1;
  let painting = 0; // the timer of the next turn
  let painted = 0; // when the last one was

  /** Set up the stations of all chapters, each with its arrays. */
  function build() {
    pictures.clear();
    stale.clear();
    stations = [];
    chapter = -1;
    const { forward, backward } = flow;
    nav.replaceChildren(...rowOf(forward, "forward", say("map.forward")),
      ...(backward.length ? rowOf(backward, "backward", say("map.backward")) : [])); // prettier-ignore
    root.classList.toggle("one-way", backward.length === 0);
  }

  /** @param {Stop} stop */
  function stationOf({ number, enters, makes, renews }) {
    const title = titleOf(trace.chapters[number], say);
    const button = element("button", { type: "button", "data-station": trace.chapters[number].name }, title);
    const items = [
      ...enters.map((array) => pictureOf(array, "given")),
      ...makes.map((array) => pictureOf(array, "made")),
      ...renews.map((array) => element("li", { class: "renewed" }, element("code", {}, array))),
    ];
    const item = element("li", { class: "station" }, button);
    if (items.length) item.append(element("ul", {}, ...items));
    item.addEventListener("click", () => go(trace.chapters[number].first + 1)); // the button's click comes by here too
    stations[number] = { item, button };
    return item;
  }

  const arrayNamed = (/** @type {string} */ name) => /** @type {NamedArray} */ (trace.byName.get(name));

  /** @param {string} name @param {string} how */
  function pictureOf(name, how) {
    const array = arrayNamed(name);
    const thumb = new Thumb(array);
    const item = element("li", { class: how, "data-thumb": name },
      thumb.canvas,
      element("span", { class: "name" }, element("code", {}, name), element("span", { class: "shape" })),
      element("span", { class: "heard" }, say(array.label))); // prettier-ignore
    pictures.set(name, { thumb, item, shape: "" });
    return item;
  }

  /** Show an array of this run in the place of one of another.
   * @param {NamedArray} array @param {Picture} picture @returns {boolean} whether its shape is another one */
  function show(array, picture) {
    const { thumb, item } = picture;
    const shape = array.shape.join("×");
    thumb.array = array;
    if (picture.shape === shape) return false;
    if (picture.shape) {
      picture.thumb = new Thumb(array);
      thumb.canvas.replaceWith(picture.thumb.canvas);
    }
    picture.shape = shape;
    item.title = `${array.name} ${shape} · ${say(array.label)}`;
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
    keep("localStorage", KEY, root.classList.contains("folded") ? "open" : "folded");
    arrange();
    paintSoon();
  });

  /** Where a row is too narrow for all the names, the chapters with the most arrays give theirs up: each picture still
   * tells its own to who points at it. On a phone the rows are one strip, which is there to be scrolled. */
  function arrange() {
    const isFolded = SHORT.matches || recall("localStorage", KEY) !== "open";
    root.classList.toggle("folded", isFolded);
    fold.setAttribute("aria-expanded", String(!isFolded));
    for (const { item } of stations) item.classList.remove("bare");
    if (getComputedStyle(nav).overflowX === "auto") return follow();
    const countOf = (/** @type {Element} */ item) => item.querySelectorAll(".name").length;
    for (const row of nav.querySelectorAll("ol")) {
      const named = [...row.children].filter(countOf).sort((one, other) => countOf(other) - countOf(one));
      while (named.length && row.scrollWidth > row.clientWidth) named.shift()?.classList.add("bare");
    }
    follow();
  }

  /** Bring the chapter into view if it is not, with what stands before it, a chapter or the name of the row; rows
   * scroll by themselves, and the page never with them. What comes first is not cut: there is room to scroll it to the
   * edge. */
  function follow() {
    const { item, button } = stations[Math.max(0, chapter)];
    const focused = document.activeElement;
    if (focused !== button && nav.contains(focused)) return; // where the reader is
    const before = item.previousElementSibling ?? item.parentElement?.previousElementSibling ?? item;
    const list = /** @type {HTMLElement} */ (item.parentElement);
    const leftOf = (/** @type {Element} */ each) => each.getBoundingClientRect().left;
    for (const scroller of [list, nav]) {
      scroller.style.paddingInlineEnd = "";
      const [row, at] = [scroller.getBoundingClientRect(), item.getBoundingClientRect()];
      if (scroller.scrollWidth <= scroller.clientWidth) continue;
      const isSeen = at.left >= row.left && at.right <= row.right;
      const whole = [...scroller.querySelectorAll(".station")].find((each) => leftOf(each) >= row.left - 1);
      const anchor = isSeen ? (whole ?? item) : before;
      const isAtStart = isSeen && !scroller.scrollLeft;
      const left = isAtStart ? 0 : scroller.scrollLeft + leftOf(anchor) - row.left;
      const lacking = left + scroller.clientWidth - scroller.scrollWidth;
      const { paddingInlineEnd } = getComputedStyle(scroller);
      if (lacking > 0) scroller.style.paddingInlineEnd = `calc(${lacking}px + ${paddingInlineEnd})`;
      scroller.scrollTo({ left });
    }
    if (nav.scrollHeight <= nav.clientHeight) return; // else it is unfolded on a phone
    const [whole, at] = [nav.getBoundingClientRect(), item.getBoundingClientRect()];
    if (at.top < whole.top) nav.scrollTop -= whole.top - at.top;
    else if (at.bottom > whole.bottom) nav.scrollTop += at.bottom - whole.bottom;
  }

  /** Which arrays the steps between the last moment and this one have written, or have not written any more.
   * @param {number} k */
  function noteChanges(k) {
    const [from, to] = seen < k ? [seen, k] : [k, seen];
    const isFar = seen < 0 || to - from > FAR;
    const accesses = isFar ? [] : trace.steps.slice(from, to).flatMap((step) => step.accesses);
    const names = isFar ? pictures.keys() : accesses.filter(({ values }) => values).map(({ array }) => array.name);
    for (const name of names) {
      const picture = pictures.get(name);
      if (picture) stale.add(picture);
    }
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
    for (const picture of stale) {
      picture.thumb.paint(looks.of(picture.thumb.array));
      stale.delete(picture);
      if (performance.now() - begun > turn) break;
    }
    if (!stale.size) painted = performance.now();
    paintSoon();
  }

  return {
    /** Another run: what it has in common with the one before stays where it is. */
    begin(next) {
      trace = next;
      flow = flowOf(trace);
      const { forward, backward } = flow;
      const arrays = [...trace.byName.values()].map(({ name, label }) => [name, label]);
      const stands = JSON.stringify([forward, backward, trace.chapters.map((each) => titleOf(each, say)), arrays]);
      let isOther = stands !== stood;
      if (isOther) build();
      stood = stands;
      for (const [name, picture] of pictures) isOther = show(arrayNamed(name), picture) || isOther;
      if (isOther) arrange();
      scene = undefined;
      seen = -1;
    },
    draw(frame) {
      const now = trace.chapterOf(frame.scene);
      const { first, stop } = trace.chapters[now];
      const share = Math.max(0, Math.min(1, (frame.k - first) / (stop - first)));
      stations[now].button.style.setProperty("--share", `${share * 100}%`);
      if (now !== chapter) {
        const held = stations.some(({ button }) => button === document.activeElement);
        // Who has chosen a chapter goes on from where the walk is.
        if (held) stations[now].button.focus({ preventScroll: true });
        chapter = now;
        stations.forEach(({ item, button }, at) => {
          item.classList.toggle("done", at < now);
          item.classList.toggle("current", at === now);
          attribute(button, { "aria-current": at === now && "step" });
        });
        settle(stations[now].button);
        follow();
      }
      if (scene !== frame.scene) {
        scene = frame.scene;
        const [read, written] = [flow.reads(scene), flow.writes(scene)];
        for (const [name, { item }] of pictures) {
          item.classList.toggle("read", read.has(name));
          item.classList.toggle("written", written.has(name));
        }
      }
      const isFirst = seen < 0;
      noteChanges(frame.k);
      if (isFirst)
        paint(FIRST); // with the boards
      else paintSoon();
    },
    /** The room or the theme has changed. */
    refresh() {
      looks = new Looks(themeOf());
      for (const picture of pictures.values()) stale.add(picture);
      arrange();
      paintSoon();
    },
  };
}
