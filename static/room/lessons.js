// @ts-check
// A lesson in its teacher's hands: the strip with which a class is led from item to item, each by one press, and asked
// what an item asks.

import { part, tell, write } from "../page/page.js";
import { recall } from "../page/storage.js";
import { dropLesson, keepLesson, keptLesson } from "./shelf.js";
import { inLanguage, textOf } from "./wording.js";

/** @import { Item, Layer, Lesson } from "./lesson.js" */
/** @typedef {object} Class what a lesson does with a class
 * @property {(item: Item) => void} lead @property {(item: Item) => void} ask
 * @property {() => void} onward what is next with the question that stands */

const LETTERS = "convwalk.letters"; // whether letters are keys: hands/shortcuts.js asks it

/** @param {{layers: Layer[]}} boot @param {(key: string) => string} say @param {string} lang @param {Class} led */
export function lessons({ layers }, say, lang, led) {
  const strip = part(".lesson");
  const [previous, next, ask, toggle] = [".item-back", ".item-on", ".its-question", ".noted"].map(
    (each) => /** @type {HTMLButtonElement} */ (part(each, strip)),
  );
  const [where, note] = [".where", ".note"].map((each) => part(each, strip));
  let kept = keptLesson(layers);
  let isAsked = false;
  let isNoted = false; // whether the note of this item is open: the next one's could tell an answer on the wall
  /** @type {(() => void)[]} */ const watching = [];

  const here = () => kept?.lesson.items[kept.at];

  function draw() {
    const item = here();
    strip.hidden = !kept || isAsked;
    if (kept && item) {
      const { lesson, at } = kept;
      const title = inLanguage(lesson.title, lang);
      write(where, `${at + 1} / ${lesson.items.length} · ${title}`);
      previous.disabled = at === 0;
      next.disabled = at === lesson.items.length - 1;
      const { question } = item;
      ask.hidden = !question;
      write(ask, question ? say("room.lesson.ask").replace("{question}", () => textOf(question, say, lang)) : "");
      ask.title = ask.textContent ?? ""; // a long one has an end that is cut
      const text = inLanguage(item.note, lang);
      toggle.hidden = !text;
      toggle.setAttribute("aria-expanded", String(isNoted));
      tell(note, isNoted ? text : "");
    }
    watching.forEach((each) => each());
  }

  /** @param {number} at */
  function go(at) {
    if (!kept || at < 0 || at >= kept.lesson.items.length) return;
    kept.at = at;
    isNoted = false;
    keepLesson(kept);
    draw();
    const item = here();
    if (item) led.lead(item);
  }

  const step = (/** @type {number} */ by) => () => go((kept?.at ?? 0) + by);
  const turnNote = () => {
    isNoted = !isNoted;
    draw();
  };
  const askIt = () => {
    const item = here();
    if (isAsked) led.onward();
    else if (item?.question) led.ask(item);
  };

  previous.addEventListener("click", step(-1));
  next.addEventListener("click", step(1));
  ask.addEventListener("click", askIt);
  toggle.addEventListener("click", turnNote);
  draw();

  return {
    strip,
    /** The lesson that is open, and where it is. */
    now: () => kept,
    /** Open a lesson, at its first item; or none. @param {Lesson|undefined} lesson */
    open(lesson) {
      kept = lesson && { lesson, at: 0 };
      if (kept) go(0);
      else (dropLesson(), draw());
    },
    /** The lesson has another form now. @param {Lesson} lesson @param {number} at the item where the class is */
    change(lesson, at) {
      if (at !== kept?.at) isNoted = false;
      kept = { lesson, at };
      keepLesson(kept);
      draw();
    },
    go,
    /** The button with which one goes on; from the last item, back. */
    onward: () => (next.disabled ? ".lesson .item-back" : ".lesson .item-on"),
    /** @param {boolean} now whether a question stands */
    asked(now) {
      if (now === isAsked) return;
      isAsked = now;
      draw();
    },
    /** Be told of every change. @param {() => void} act */
    watch: (act) => void watching.push(act),
    /** n: on; Shift+n: back; q: its question, and what comes of it. @param {KeyboardEvent} event */
    key(event) {
      const { target, key, ctrlKey, metaKey, altKey, shiftKey } = event;
      const isTyped = /** @type {Element} */ (target).closest?.("input, textarea, select, [contenteditable]");
      if (!kept || isTyped || ctrlKey || metaKey || altKey || recall("localStorage", LETTERS) === "off") return;
      const act = { n: shiftKey ? step(-1) : step(1), q: askIt }[key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    },
  };
}
