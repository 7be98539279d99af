// @ts-check
// The door of rooms, for a teacher: a room is opened for a lesson, one that comes with the project, one from a file,
// or the one that stands in the link that led here.

import { button, element, part, tell } from "../page/page.js";
import { read } from "./lesson.js";
import { textOf } from "./link.js";
import { keepLesson, reasonOf, shelf } from "./shelf.js";
import { opened, talk } from "./talk.js";
import { inLanguage } from "./wording.js";

/** @import { Lesson } from "./lesson.js" */

const boot = JSON.parse(part("#boot").textContent ?? "");
const say = (/** @type {string} */ key) => boot.words[key] ?? key;
const lang = document.documentElement.lang.slice(0, 2);
const root = part(".teach");
const amiss = part(".amiss", root);
const fail = (/** @type {unknown} */ error) => tell(amiss, reasonOf(error, say));

/** @param {Lesson} lesson */
async function teach(lesson) {
  try {
    const code = await opened();
    keepLesson({ lesson, at: 0 });
    const [{ walk, step, cell = null }] = lesson.items;
    await talk(code).post("moment", { walk, step, cell });
    location.assign(`/class/${code}${location.search.includes("lang=") ? `?lang=${lang}` : ""}`);
  } catch (error) {
    tell(
      amiss,
      say("room.teach.failed").replace("{reason}", () => /** @type {Error} */ (error).message),
    );
  }
}

async function offerOfLink() {
  const text = await textOf(location.hash);
  if (text === undefined) return;
  const lesson = read(text, boot.layers);
  const words = say("room.lesson.of-link").replace("{count}", () => String(lesson.items.length));
  const offer = button(
    { class: "one linked" },
    () => void teach(lesson),
    element("b", {}, inLanguage(lesson.title, lang)),
    ` ${words}`,
  );
  part(".shelf", root).before(offer);
  offer.focus();
}

root.hidden = false;
shelf(part(".shelf", root), say, lang, boot.layers, (lesson) => void teach(lesson), fail).catch(fail);
offerOfLink().catch(fail);
Object.assign(window, { convwalk: {} }); // for early.js, which is to see that scripts are there
