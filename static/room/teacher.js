// @ts-check
// A teacher in a room: what they do with the walk is told to the class, and what they ask stands below it.

import { MARK } from "../hands/carried.js";
import { button, element, part, write } from "../page/page.js";
import { arrows } from "./arrows.js";
import { asking } from "./asking.js";
import { lessons } from "./lessons.js";
import { marks } from "./marks.js";
import { mistakes } from "./mistakes.js";
import { offers } from "./offer.js";
import { holdDouble } from "./presses.js";
import { NEXT } from "./question.js";
import { standingOf } from "./standing.js";
import { AGAIN } from "./talk.js";

/** @import { At, Room, Walk } from "./talk.js" */
/** @import { Part, Talk, WalkIn } from "./main.js" */

const TAB = Math.random().toString(36).slice(2); // which of a teacher's tabs has said where the class is
const PAUSE = 120; // milliseconds between two moments that are told

/** @param {{code: string, layers: import("./lesson.js").Layer[]}} boot
 * @param {(key: string) => string} say @param {string} lang @param {Talk} talking @param {WalkIn} walk
 * @param {(hand: import("./question.js").Hand) => ReturnType<typeof import("./question.js").questions>} panel
 * @param {(message: string) => void} note @returns {Part} */
export function teacher(boot, say, lang, talking, walk, panel, note) {
  /** @type {Room|undefined} */ let room;
  let told = ""; // the walk that the class has been told of
  let seen = ""; // where the class was when it was heard last
  /** @type {{where: Walk, at: At}|undefined} what this tab has said last, or has come along to */ let last;
  let waiting = 0;
  let isAsked = false;
  let isLed = false; // whether the walk has come to where the class was
  let freed = 0; // the question whose walk goes on, for what is right is to be seen
  part(".teaching").hidden = false;

  const fail = (/** @type {Error} */ { message }) => note(say("room.refused").replace("{reason}", () => message));
  const tellRoom = (/** @type {string} */ what, /** @type {object} */ said = {}) =>
    talking.post(what, said).catch(fail);
  const questions = asking(boot.code, walk, tellRoom);

  const hand = {
    answer: async () => {},
    pinned: () => null,
    show: () => void tellRoom("show"),
    tell: () => {
      free();
      if (room?.question) void questions.tell(room.question).catch(fail);
    },
    done: () => {
      free();
      void questions.takeAway();
    },
    beside: mistakes(walk, say, lang),
  };

  /** Let the walk go on: the question that stands holds it no longer here. */
  function free() {
    freed = room?.question?.number ?? 0;
    walk.stand(standing());
  }

  /** What stands for the walk of this tab. */
  function standing() {
    const now = standingOf(room?.question);
    return now && room?.question?.number === freed ? { ...now, isHeld: false } : now;
  }
  const view = panel(hand);

  /** Tell the class where the walk is, and not oftener than a room hears. */
  function move() {
    waiting = 0;
    const here = walk.where();
    if (here && !(last && walk.isAt(last.where, last.at))) tellMoment(here.walk, here);
  }

  /** Another tab of the same teacher has led the class elsewhere: this one comes along. @param {Room} now */
  function follow({ walk: where, at }) {
    const here = JSON.stringify([where, at]);
    if (here === seen || !where || !at) return;
    seen = here;
    if (at.more?.tab === TAB) return;
    told = JSON.stringify(where);
    last = { where, at };
    layers.value = where.layer;
    walk.lead(where, at);
  }

  /** @param {Walk} where @param {At} at */
  function tellMoment(where, { step, cell }) {
    const now = JSON.stringify(where);
    last = { where, at: { step, cell } };
    const moment = { ...(now !== told && { walk: where }), step, cell, more: { tab: TAB } };
    const heard = () => {
      told = now;
      note(where.query.includes(MARK) ? say("room.not-in-link") : "");
    };
    talking.post("moment", moment).then(heard, (error) => {
      fail(error);
      last = undefined; // it was not heard
      setTimeout(() => waiting || move(), AGAIN); // or the class would stay where it is until the next step
    });
    layers.value = where.layer;
  }

  // --- layers ---

  const layers = /** @type {HTMLSelectElement} */ (part("select.layer"));
  layers.append(...boot.layers.map(({ name, title }) => element("option", { value: name }, title)));
  layers.addEventListener("change", () =>
    walk.lead(begin(boot.layers[layers.selectedIndex]), { step: 0, cell: null }),
  );

  // --- questions and lessons ---

  offers(say, lang, walk, questions.ask);

  /** The class goes there at once, and not when the teacher's own page has come.
   * @param {import("./lesson.js").Item} item */
  function lead({ walk: where, step, cell: spot }) {
    const cell = spot ?? null;
    if (room?.question) hand.done();
    note("");
    walk.lead(where, { step, cell });
    tellMoment(where, { step, cell });
  }

  const led = lessons(boot, say, lang, {
    lead,
    async ask(item) {
      if (!item.question) return;
      if (!walk.isThere() || walk.where()?.step !== item.step) lead(item);
      if ((await questions.askAt(item.question, item.step)) === false) note(say("room.lesson.no-truth"));
    },
    onward: () => room?.question && hand[NEXT[room.question.state]](),
  });
  marks(boot, say, lang, walk, led);
  walk.keys(led.key);
  holdDouble(part("main"));
  arrows(/** @type {HTMLIFrameElement} */ (part("iframe")));

  // --- the end ---

  const end = part("button.end");
  end.addEventListener("click", () => {
    const sure = button({ class: "end sure" }, () => void tellRoom("end"), say("room.end.sure"));
    end.replaceWith(sure);
    sure.focus();
    sure.addEventListener("blur", () => sure.replaceWith(end), { once: true });
  });

  const people = part(".people");
  return {
    draw(now) {
      const wasAsked = isAsked; // the room itself is one and the same all the time
      isAsked = Boolean(now.question);
      room = now;
      const students = now.count?.students ?? 0;
      const text = say(students === 0 ? "room.people.none" : students === 1 ? "room.people.one" : "room.people");
      write(
        people,
        text.replace("{students}", () => String(students)),
      );
      if (!isLed) {
        // A page that was loaded anew stands where the class is; a new room begins with the lesson, or a first layer.
        isLed = true;
        if (now.walk) told = JSON.stringify(now.walk);
        walk.lead(now.walk ?? begin(boot.layers[0]), now.at ?? { step: 5, cell: null });
      }
      walk.stand(standing());
      follow(now);
      led.asked(isAsked); // it gives its room to the question, and the focus
      view.draw(now, true, undefined);
      walk.hide(now.question ? ["settings", "map"] : []);
      // The button that took the question away is gone.
      if (wasAsked && !isAsked && !document.activeElement?.closest("iframe, [popover]"))
        part(led.now() ? led.onward() : ".teaching .ask").focus();
    },
    moved() {
      if (!waiting) waiting = window.setTimeout(move, PAUSE);
    },
  };
}

/** @param {import("./lesson.js").Layer} layer @returns {Walk} */
const begin = ({ name, algorithms }) => ({ layer: name, algorithm: algorithms[0], query: "" });
