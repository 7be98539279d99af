// @ts-check
// The page of a room. It finds out who one is in it, keeps the walk in the frame where the class is, and has the
// question below it. What a teacher does with the walk in the frame is what the class sees.

import { button, element, part, tell, write } from "../page/page.js";
import { library } from "../plots/library.js";
import { hear } from "./line.js";
import { open } from "./open.js";
import { questions } from "./question.js";
import { student } from "./student.js";
import { AGAIN, isPassing, talk } from "./talk.js";
import { teacher } from "./teacher.js";
import { walkIn } from "./walk.js";

/** @import { Room } from "./talk.js" */

const boot = JSON.parse(part("#boot").textContent ?? "");
const say = (/** @type {string} */ key) => boot.words[key] ?? key;
const lang = document.documentElement.lang.slice(0, 2);
const [said, people] = [part(".said"), part(".people")];
const frame = /** @type {HTMLIFrameElement} */ (part("iframe"));
const talking = talk(boot.code);
library.url = boot.plotly;

/** @typedef {{draw: (room: Room) => void, moved: () => void}} Part what one plays in a room */
/** @typedef {ReturnType<typeof talk>} Talk */
/** @typedef {ReturnType<typeof walkIn>} WalkIn */

/** @type {Part|undefined} */ let playing;
/** @type {(value: unknown) => void} */ let becomeReady;
const ready = new Promise((resolve) => (becomeReady = resolve));
let isOver = false;

const walk = walkIn(frame, lang, () => playing?.moved());

async function enter() {
  const { role } = await talking.get();
  const isTeacher = role === "teacher";
  if (role === "nobody") await talking.post("join");
  document.body.classList.add(isTeacher ? "teacher" : "student");
  const panel = (/** @type {import("./question.js").Hand} */ hand) => questions(part(".question"), say, lang, hand);
  playing = isTeacher
    ? teacher(boot, say, lang, talking, walk, panel, note)
    : student(say, talking, walk, panel, (text) => write(people, text));
  const line = hear(boot.code, heard, tellLine, failed);
  // What has slept may hold a line that leads nowhere, and does not know it.
  document.addEventListener("visibilitychange", () => document.hidden || isOver || line.again());
}

/** @param {boolean} isOpen */
function tellLine(isOpen) {
  if (isOver) return;
  document.body.classList.toggle("lost", !isOpen);
  note(isOpen ? "" : say("room.lost"));
}

/** @param {Room} room */
function heard(room) {
  if (room.end) return over(say("room.over"));
  playing?.draw(room);
  if (!document.body.classList.contains("teacher")) note(room.walk ? "" : say("room.waiting"));
  becomeReady(undefined);
}

/** @param {string} message */
function over(message) {
  isOver = true;
  playing = undefined;
  walk.stand(null);
  part(".question").hidden = true;
  document.body.classList.remove("lost");
  document.body.classList.add("over");
  frame.inert = true; // what is left of the walk leads nowhere
  write(people, "");
  note(message);
  const there = walk.where();
  const anew = () => there && open(there.walk, new URLSearchParams(there.walk.query), there.step, note);
  const other = element("a", { class: "other", href: `/class${location.search}` }, say("room.other"));
  const isTeacher = document.body.classList.contains("teacher");
  part(".after").replaceChildren(there && isTeacher ? button({}, () => void anew(), say("room.anew")) : other);
  part(".after").hidden = false;
}

/** @param {string} message */
function note(message) {
  tell(said, message);
}

/** @param {any} error */
const failed = ({ status, message }) => (status === 404 ? over(say("room.gone")) : note(message));

/** Come in, as soon as one can. */
function begin() {
  enter().catch((error) => {
    failed(error);
    if (isPassing(error)) setTimeout(begin, AGAIN);
  });
}

begin();
Object.assign(window, { convwalk: { ready } });
