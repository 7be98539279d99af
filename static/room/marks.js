// @ts-check
// A lesson while it is made: steps are marked as items, with a question or none; items are told of, put in order and
// taken out; and the whole is opened, saved as a file and shared as a link.

import { part, tell, write as put } from "../page/page.js";
import { copy } from "../page/clipboard.js";
import { download } from "../page/download.js";
import { nextCell } from "./asked.js";
import { edited } from "./edited.js";
import { items } from "./items.js";
import { MOST, withLanguage, write } from "./lesson.js";
import { linkOf } from "./link.js";
import { ownQuestion } from "./offer.js";
import { practiceOf } from "./practice.js";
import { reasonOf, shelf } from "./shelf.js";
import { inLanguage } from "./wording.js";

/** @import { Layer, Lesson, LessonQuestion } from "./lesson.js" */
/** @import { WalkIn } from "./main.js" */

/** @param {{layers: Layer[]}} boot @param {(key: string) => string} say @param {string} lang @param {WalkIn} walk
 * @param {ReturnType<typeof import("./lessons.js").lessons>} lessons */
export function marks({ layers }, say, lang, walk, lessons) {
  const root = part("#lesson");
  const within = (/** @type {string} */ name) => part(name, root);
  const [list, amiss, heard, own] = [".items", ".amiss", ".heard", ".own"].map(within);
  const title = /** @type {HTMLInputElement} */ (within(".title"));
  const note = /** @type {HTMLTextAreaElement} */ (within("textarea.note"));
  const address = /** @type {HTMLInputElement} */ (within(".address"));
  const kind = /** @type {HTMLSelectElement} */ (within(".kind"));
  const form = /** @type {HTMLFormElement} */ (within("form"));
  const practice = /** @type {HTMLAnchorElement} */ (within(".practice"));
  title.maxLength = MOST.title;
  note.maxLength = MOST.note;
  let isStocked = false;
  const rows = items(list, layers, say, lang, lessons.go, change);

  const question = edited(within(".asked"), say, lang, (act) => change(({ items }, at) => act(items[at])));

  const fail = (/** @type {unknown} */ error) => answer("", reasonOf(error, say));

  /** @param {string} done @param {string} [failed] */
  function answer(done, failed = "") {
    tell(amiss, failed);
    tell(heard, done);
    address.hidden = true;
  }

  /** @param {(lesson: Lesson, at: number) => number|void} act gives the item where the class is then */
  function change(act) {
    const kept = lessons.now();
    if (!kept) return;
    answer("");
    lessons.change(kept.lesson, act(kept.lesson, kept.at) ?? kept.at);
  }

  function draw() {
    const kept = lessons.now();
    within(".opened").hidden = !kept;
    if (!kept) return;
    const { lesson, at } = kept;
    const item = lesson.items[at];
    if (document.activeElement !== title) title.value = inLanguage(lesson.title, lang);
    if (document.activeElement !== note) note.value = inLanguage(item.note, lang);
    put(
      within(".note-of"),
      say("room.lesson.note-of").replace("{number}", () => String(at + 1)),
    );
    question(item, at);
    const alone = practiceOf(lesson, at);
    practice.hidden = !alone;
    practice.href = alone;
    rows(lesson, at);
  }

  // --- marking ---

  /** The question that an item is to have; undefined for none, false where something is amiss.
   * @param {number} step @returns {Promise<LessonQuestion|undefined|false>} */
  async function questionAt(step) {
    if (kind.value === "none") return undefined;
    if (kind.value === "free") {
      const { text, options, truth, amiss } = ownQuestion(own);
      if (amiss)
        answer(
          "",
          say(amiss).replace("{count}", () => String(options.length)),
        );
      return amiss ? false : { kind: "free", text, options, right: truth };
    }
    const next = nextCell(await walk.page().cells(), step);
    if (!next) answer("", say("room.next-none"));
    if (!next) return false;
    const { array, place } = next;
    return kind.value === "value" ? { kind: "value", array, cell: place } : { kind: "place", array };
  }

  async function mark() {
    const here = walk.where();
    if (!here) return;
    const question = await questionAt(here.step);
    if (question === false) return;
    const item = {
      walk: here.walk,
      step: here.step,
      ...(here.cell && { cell: here.cell }),
      ...(question && { question }),
    };
    const kept = lessons.now();
    if (kept && kept.lesson.items.length >= MOST.items)
      return answer(
        "",
        say("room.lesson.items").replace("{limit}", () => String(MOST.items)),
      );
    const lesson = kept?.lesson ?? { title: say("room.lesson.new"), items: [] };
    const at = kept ? kept.at + 1 : 0;
    lesson.items.splice(at, 0, item);
    lessons.change(lesson, at);
    answer(say("room.lesson.marked").replace("{number}", () => String(at + 1)));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void mark();
  });
  const choose = () => (own.hidden = kind.value !== "free");
  kind.addEventListener("change", choose);
  choose();

  title.addEventListener("input", () => {
    if (title.value.trim())
      change((lesson) => void (lesson.title = withLanguage(lesson.title, lang, title.value) ?? ""));
  });
  note.addEventListener("input", () =>
    change(({ items }, at) => {
      const told = withLanguage(items[at].note, lang, note.value.trim() && note.value);
      if (told) items[at].note = told;
      else delete items[at].note;
    }),
  );

  // --- the whole ---

  within(".save").addEventListener("click", () => {
    const kept = lessons.now();
    if (!kept) return;
    const name = inLanguage(kept.lesson.title, lang).replace(/[^\p{L}\p{N}]+/gu, "-") || "lesson";
    download(new Blob([write(kept.lesson, 1)], { type: "application/json" }), `${name}.json`);
  });
  within(".link").addEventListener("click", () => {
    const kept = lessons.now();
    if (!kept) return;
    const made = linkOf(write(kept.lesson), `${location.origin}/class`);
    void made.then((link) => {
      answer(say("room.lesson.link-made"));
      address.value = link;
      address.hidden = false;
      address.select();
    }, fail); // prettier-ignore
    copy(made).then(
      () => tell(heard, say("room.lesson.link-copied")), // and the link stays to be seen
      () => {},
    ); // a page by plain http has no clipboard
  });
  within(".close").addEventListener("click", () => lessons.open(undefined));
  root.addEventListener("beforetoggle", () => {
    answer("");
    draw();
    if (isStocked) return;
    isStocked = true;
    shelf(within(".shelf"), say, lang, layers, (lesson) => (answer(""), lessons.open(lesson)), fail).catch(fail);
  });
  lessons.watch(draw);
}
