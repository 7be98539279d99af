// @ts-check
// A teacher in a room: what they do with the walk is told to the class, and what they ask stands below it.

import { button, element, part, tell, write } from "../page/page.js";
import { keep, recall } from "../page/storage.js";
import { nextCell, optionsOf, rightOf } from "./asked.js";

/** @import { Room } from "./talk.js" */
/** @import { Part, Talk, WalkIn } from "./main.js" */

const PAUSE = 120; // milliseconds between two moments that are told
const OPTIONS = [2, 5];

/** @param {{code: string, layers: {name: string, title: string, algorithm: string}[]}} boot
 * @param {(key: string) => string} say @param {Talk} talking @param {WalkIn} walk
 * @param {(hand: import("./question.js").Hand) => ReturnType<typeof import("./question.js").questions>} panel
 * @param {(message: string) => void} note @returns {Part} */
export function teacher(boot, say, talking, walk, panel, note) {
  /** @type {Room|undefined} */ let room;
  let told = ""; // the walk that the class has been told of
  let waiting = 0;
  let isLed = false; // whether the walk has come to where the class was
  const key = `convwalk.room.${boot.code}`; // where a tab keeps what is right until it is shown
  part(".teaching").hidden = false;

  const fail = (/** @type {Error} */ { message }) => note(say("room.refused").replace("{reason}", message));
  const tellRoom = (/** @type {string} */ what, /** @type {object} */ said = {}) =>
    talking.post(what, said).catch(fail);

  const view = panel({
    answer: async () => {},
    pinned: () => null,
    show: () => void tellRoom("show"),
    tell: () => void tellTruth().catch(fail),
    done: () => void tellRoom("question", { question: null }),
  });

  /** Tell the class where the walk is, and not oftener than a room hears. */
  function move() {
    waiting = 0;
    const here = walk.where();
    if (!here) return;
    const now = JSON.stringify(here.walk);
    void talking
      .post("moment", { ...(now !== told && { walk: here.walk }), step: here.step, cell: here.cell })
      .then(() => (told = now), fail);
    layers.value = here.walk.layer;
  }

  // --- layers ---

  const layers = /** @type {HTMLSelectElement} */ (part("select.layer"));
  layers.append(...boot.layers.map(({ name, title }) => element("option", { value: name }, title)));
  layers.addEventListener("change", () => {
    const { name, algorithm } = boot.layers[layers.selectedIndex];
    walk.lead({ layer: name, algorithm, query: "" }, { step: 0, cell: null });
  });

  // --- questions ---

  const form = /** @type {HTMLFormElement} */ (part("#ask"));
  const [value, place] = [".next-value", ".next-place"].map(
    (each) => /** @type {HTMLButtonElement} */ (part(each, form)),
  );
  const [text, options] = [".text", ".options"].map((each) => /** @type {HTMLInputElement} */ (part(each, form)));
  const amiss = part(".amiss", form);
  /** @type {import("./asked.js").Next|undefined} */ let next;

  form.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open") void offer();
  });

  /** What can be asked at this moment. */
  async function offer() {
    const here = walk.where();
    next = here && nextCell(await walk.page().cells(), here.step);
    const cell = next && `${next.array}[${next.place.join(", ")}]`;
    for (const each of [value, place]) each.disabled = !next;
    write(value, next ? say("room.next-value").replace("{cell}", `${cell}`) : say("room.next-none"));
    write(place, next ? say("room.next-place").replace("{array}", next.array) : say("room.next-none"));
  }

  /** @param {object} question @param {object} right what the teacher's page knows of it */
  async function ask(question, right) {
    form.hidePopover();
    const answer = await tellRoom("question", { question });
    if (answer) keep("sessionStorage", key, JSON.stringify({ number: answer.number, ...right }));
  }

  value.addEventListener("click", () => {
    if (!next) return;
    const step = Math.max(next.first, walk.where()?.step ?? 0);
    void ask({ kind: "value", array: next.array, cell: next.place, step }, { next });
  });
  place.addEventListener("click", () => {
    if (!next) return;
    void ask({ kind: "place", array: next.array, step: next.first }, { truth: [next.place] });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { options: given, truth } = optionsOf(options.value);
    const isFew = given.length < OPTIONS[0] || given.length > OPTIONS[1];
    const message = !text.value.trim() ? "room.own.empty" : isFew ? "room.own.few" : "";
    tell(amiss, message && say(message).replace("{count}", String(given.length)));
    if (!message) void ask({ kind: "free", text: text.value.trim(), options: given }, { truth });
  });

  /** Show what is right: of a number, the walk itself says it. */
  async function tellTruth() {
    const { number, truth, next: cell } = JSON.parse(recall("sessionStorage", key) ?? "{}");
    const question = room?.question;
    if (!question || number !== question.number) return void tellRoom("question", { question: null });
    if (!cell) return void (truth.length ? tellRoom("truth", { truth }) : tellRoom("question", { question: null }));
    const page = walk.page();
    page.seek(cell.stop);
    await until(() => page.step === cell.stop);
    const found = cell.place.reduce(
      (/** @type {any} */ all, /** @type {number} */ at) => all[at],
      page.value(cell.array),
    );
    await tellRoom("truth", {
      truth: rightOf(
        found,
        (question.answers ?? []).map(({ answer }) => answer),
      ),
    });
  }

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
      room = now;
      const students = now.count?.students ?? 0;
      const text = say(students === 0 ? "room.people.none" : students === 1 ? "room.people.one" : "room.people");
      write(people, text.replace("{students}", String(students)));
      if (!isLed) {
        // A page that was loaded anew stands where the class is; a new room begins with the first layer.
        isLed = true;
        const [{ name, algorithm }] = boot.layers;
        if (now.walk) told = JSON.stringify(now.walk);
        walk.lead(now.walk ?? { layer: name, algorithm, query: "" }, now.at ?? { step: 5, cell: null });
      }
      view.draw(now, true, undefined);
    },
    moved() {
      if (!waiting) waiting = window.setTimeout(move, PAUSE);
    },
  };
}

/** @param {() => boolean} holds */
async function until(holds) {
  while (!holds()) await new Promise((done) => requestAnimationFrame(done));
}
