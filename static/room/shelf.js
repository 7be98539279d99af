// @ts-check
// Where lessons come from: those that come with the project, a file, and the one that this browser keeps.

import { keep, recall } from "../page/storage.js";
import { button, element } from "../page/page.js";
import { Refused } from "./fields.js";
import { MOST, read, write } from "./lesson.js";
import { inLanguage } from "./wording.js";

/** @import { Layer, Lesson } from "./lesson.js" */

const SHELF = "/api/lessons";
const KEPT = "convwalk.lesson";

/** @typedef {{lesson: Lesson, at: number}} Kept a lesson, and at which item the class is */

/** @param {Kept} kept */
export const keepLesson = ({ lesson, at }) => keep("localStorage", KEPT, JSON.stringify({ text: write(lesson), at }));

export const dropLesson = () => keep("localStorage", KEPT, "");

/** @param {Layer[]} layers @returns {Kept|undefined} */
export function keptLesson(layers) {
  try {
    const { text, at } = JSON.parse(recall("localStorage", KEPT) || "{}");
    const lesson = read(text, layers);
    return { lesson, at: Math.min(Math.max(0, Number(at) || 0), lesson.items.length - 1) };
  } catch {
    return undefined;
  }
}

/** Why a lesson was not opened, in a sentence. @param {unknown} error @param {(key: string) => string} say */
export function reasonOf(error, say) {
  if (!(error instanceof Refused)) return say("room.lesson.failed").replace("{reason}", () => String(error));
  const { of = "", ...values } = error.values;
  const where = of && say(`room.lesson.of.${of}`).replace("{number}", () => String(values.number));
  const all = Object.entries({ where, ...values });
  return all.reduce(
    (text, [name, one]) => text.replace(`{${name}}`, () => String(one)),
    say(`room.lesson.${error.message}`),
  );
}

/** Buttons for all that can be opened. @param {HTMLElement} root @param {(key: string) => string} say
 * @param {string} lang @param {Layer[]} layers @param {(lesson: Lesson) => void} open
 * @param {(error: unknown) => void} fail */
export async function shelf(root, say, lang, layers, open, fail) {
  const file = element("input", { type: "file", accept: ".json,application/json", hidden: "" });
  const opened = (/** @type {Promise<string>} */ text) => text.then((said) => open(read(said, layers))).catch(fail);
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) void opened(textOf(chosen));
    file.value = ""; // the same file can be chosen again
  });
  const choose = button({ class: "from-file" }, () => file.click(), say("room.lesson.file"));
  root.replaceChildren(choose, file);
  const answer = await fetch(SHELF);
  const { lessons } = await answer.json();
  for (const { name, title, items, questions } of lessons) {
    const size = say("room.lesson.size")
      .replace("{items}", () => items)
      .replace("{questions}", () => questions);
    const act = () => opened(fetch(`${SHELF}/${name}`).then((found) => found.text()));
    choose.before(button({ class: "one" }, act, element("b", {}, inLanguage(title, lang)), ` ${size}`));
  }
}

/** @param {File} file */
async function textOf(file) {
  if (file.size > MOST.bytes) throw new Refused("large", { limit: MOST.bytes, size: file.size });
  return file.text();
}
