// @ts-check
// The page of two walks side by side: it leads both frames in step, cell by cell, and goes to another pair of values.
// A frame is the page of its walk, and all that is known of it is what that page tells: it knows nothing of layers.

import { restAt } from "../hands/transport.js";
import { attribute, part, tell, write } from "../page/page.js";
import { CONTRAST, keep, recall } from "../page/storage.js";
import { PACES } from "../run/trace.js";
import { stepOf } from "../run/fragment.js";
import { inStep } from "./steps.js";

/** @import { Moment } from "./steps.js" */

/** @type {{query: string, name: string, own: string, arrays: string[], words: Record<string, string>}} */
const boot = JSON.parse(part("#boot").textContent ?? "");
const say = (/** @type {string} */ key) => boot.words[key] ?? key;
const frames = /** @type {HTMLIFrameElement[]} */ ([...document.querySelectorAll(".sides iframe")]);
const labels = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".sides .cell")]);
const slider = /** @type {HTMLInputElement} */ (part(".slider"));
const pace = /** @type {HTMLSelectElement} */ (part(".pace"));
const [form, play, counter] = [part("form.differs"), part(".play"), part(".counter")];

const SETTLED = 400; // milliseconds after which a frame that stands elsewhere was led there by its reader
const PATIENCE = 30_000; // milliseconds for a page to come
const AGAIN = 300; // milliseconds between two looks at how much has arrived,
const SHARE = 5; // and so many times what one takes: each goes through all of it

/** @type {Moment[]} */ let moments = [];
let at = 0;
let wanted = -1; // the moment asked for, which may not have arrived
let playing = 0; // the number of the frame that is asked for, or 0
let due = 0;
let led = 0; // when the frames were led last
let isWhole = false; // whether both walks have arrived

/** The page in a frame, as its own scripts see it. @param {HTMLIFrameElement} frame @returns {any} */
const inside = (frame) => /** @type {any} */ (frame.contentWindow)?.convwalk;

const level = () => PACES[/** @type {keyof typeof PACES} */ (pace.value)];

/** The page in a frame, once it can be led. @param {HTMLIFrameElement} frame */
async function opened(frame) {
  const begun = performance.now();
  // When a frame has loaded what, each browser tells in another way: a page of ours shows itself.
  while (!inside(frame)?.ready) {
    if (performance.now() - begun > PATIENCE) throw new Error("there is no walk in the frame");
    await new Promise((done) => setTimeout(done, 50));
  }
  await inside(frame).ready;
}

/** Take up what has arrived of both, until all has. */
async function arrive() {
  const begun = performance.now();
  const walks = await Promise.all(frames.map((frame) => inside(frame).cells()));
  moments = inStep(/** @type {any} */ (walks));
  isWhole = walks.every(({ levels }, side) => levels.length >= inside(frames[side]).steps);
  slider.max = String(moments.length - 1);
  if (wanted >= 0 && (wanted < moments.length || isWhole)) go(Math.min(wanted, moments.length - 1));
  else show();
  const rest = Math.max(AGAIN, SHARE * (performance.now() - begun));
  if (!isWhole) setTimeout(() => void arrive().catch(missing), rest);
}

/** Where to open: at the moment of the address, at the cell that was left, or where the first walk itself opens. */
function opening() {
  const asked = stepOf(location.hash);
  if (typeof asked === "number") return asked;
  const left = JSON.parse(recall("sessionStorage", CONTRAST) ?? "null");
  const isSame = (/** @type {Moment} */ { chapter, cell }) => chapter === left?.chapter && cell === left?.cell;
  const found = left?.page === location.pathname ? moments.findLastIndex(isSame) : -1;
  if (found > 0) return found;
  const chapter = left?.page === location.pathname ? moments.findIndex((one) => one.chapter === left.chapter) : -1;
  if (chapter > 0) return chapter;
  const first = inside(frames[0]).step;
  return Math.max(
    0,
    moments.findIndex(({ moments: [step] }) => step >= first),
  );
}

/** Lead both frames to a moment. @param {number} moment */
function go(moment) {
  if (!(Number.isInteger(moment) && moment >= 0 && !(isWhole && moment >= moments.length)))
    throw new RangeError(`a moment from 0 to ${moments.length - 1} was expected, got ${moment}`);
  wanted = moment;
  if (moment >= moments.length) return;
  at = moment;
  led = performance.now();
  frames.forEach((frame, side) => {
    const page = inside(frame);
    const step = moments[at].moments[side];
    if (page && page.step !== step) page.seek(step);
  });
  show();
  remember();
}

let isLeft = false; // whether another pair of values is on its way
let remembering = 0;

/** Have the address say where both stand, at rest: browsers allow only so many changes of it. */
function remember() {
  clearTimeout(remembering);
  remembering = window.setTimeout(() => {
    history.replaceState(null, "", `${addressOf(new URLSearchParams(boot.query))}#${at}`);
    keepPlace();
  }, 250);
}

function keepPlace() {
  const { chapter, cell } = moments[at] ?? {};
  keep("sessionStorage", CONTRAST, JSON.stringify({ page: location.pathname, chapter, cell }));
}

/** Say which cell both work on, and which of the two has none of that name. */
function show() {
  const { cell, chapter, works } = moments[at];
  labels.forEach((label, side) => {
    write(
      label,
      works[side] ? cell : say("contrast.none").replace("{cell}", cell || say(chapter.replaceAll("_", " "))),
    );
    label.closest("figure")?.classList.toggle("waits", !works[side]);
  });
  slider.value = String(at);
  const last = moments.length - 1;
  slider.style.setProperty("--done", `${(100 * at) / Math.max(1, last)}%`);
  attribute(slider, { "aria-valuetext": `${cell} ${at} / ${last}`.trim() });
  write(counter, `${at} / ${last}`);
}

/** The next moment that the pace stops at. @param {number} from @param {1|-1} way */
function stopFrom(from, way) {
  for (let next = from + way; next > 0 && next < moments.length; next += way)
    if (moments[next].level <= level()) return next;
  return way < 0 ? 0 : moments.length - 1;
}

/** The first moment of the chapter that begins next, or before. @param {1|-1} way */
function chapterFrom(way) {
  const begins = (/** @type {number} */ one) => one > 0 && moments[one].chapter !== moments[one - 1].chapter;
  for (let next = at + way; next > 0 && next < moments.length; next += way) if (begins(next)) return next;
  return way < 0 ? 0 : moments.length - 1;
}

/** @type {Record<string, () => number>} */
const WAYS = {
  first: () => 0,
  last: () => moments.length - 1,
  back: () => stopFrom(at, -1),
  forward: () => stopFrom(at, 1),
  "next-chapter": () => chapterFrom(1),
  "previous-chapter": () => chapterFrom(-1),
};

/** @type {Record<string, string>} */
const KEYS = { Home: "first", End: "last", ArrowLeft: "back", ArrowRight: "forward", PageDown: "next-chapter",
  PageUp: "previous-chapter" }; // prettier-ignore

/** @param {number} now */
function tick(now) {
  playing = requestAnimationFrame(tick);
  if (now < due) return;
  if (at >= moments.length - 1) return isWhole ? stop() : undefined;
  const next = stopFrom(at, 1);
  let nth = 0;
  for (let one = next; one > 0 && nth < 15 && moments[one].chapter === moments[next].chapter; nth++)
    one = stopFrom(one, -1);
  go(next);
  due = Math.max(now, due || now) + restAt(nth - 1) - 4; // a frame's jitter must not cost a whole frame
}

function start() {
  if (playing) return;
  if (isWhole && at >= moments.length - 1) go(0);
  due = 0;
  playing = requestAnimationFrame(tick);
  showPlaying();
}

function stop() {
  if (!playing) return;
  cancelAnimationFrame(playing);
  playing = 0;
  showPlaying();
}

function showPlaying() {
  const label = say(playing ? "transport.pause" : "transport.play");
  attribute(play, { "aria-label": label, title: `${label} (${say("key.space")})` });
  play.classList.toggle("playing", playing !== 0);
}

/** Follow a frame that its reader has led elsewhere; what its reader has changed, the other has too. */
function follow() {
  const rest = SETTLED - (performance.now() - led);
  if (!moments.length || isLeft) return;
  for (const frame of frames) {
    const changed = changedIn(frame);
    if (changed.length) return load(Object.fromEntries(changed));
  }
  if (playing) return;
  if (rest > 0) return void setTimeout(follow, rest);
  for (const [side, frame] of frames.entries()) {
    const { step } = inside(frame);
    if (step === moments[at].moments[side]) continue;
    const found = moments.findIndex(({ moments: both, works }) => works[side] && both[side] >= step);
    if (found >= 0) go(found);
  }
}

/** The arrays that were changed within a frame, with what its address says of them now.
 * @param {HTMLIFrameElement} frame @returns {[string, string|null][]} */
function changedIn(frame) {
  const [before, now] = [new URL(frame.src), frame.contentWindow?.location ?? frame].map(queryOf);
  return boot.arrays.filter((array) => before.get(array) !== now.get(array)).map((array) => [array, now.get(array)]);
}

/** @param {{href?: string, src?: string}} place */
const queryOf = ({ href, src }) => new URL(href ?? src ?? "").searchParams;

/** Load the page with other values. @param {Record<string, string|null>} changes null for one that goes */
function load(changes) {
  const query = new URLSearchParams(boot.query);
  for (const [name, value] of Object.entries(changes)) value === null ? query.delete(name) : query.set(name, value);
  isLeft = true;
  boot.query = String(query); // the next change may come before the page does
  keepPlace();
  location.assign(addressOf(query));
}

/** This page with another query, in the same language. @param {URLSearchParams} query */
function addressOf(query) {
  const lang = new URLSearchParams(location.search).get("lang");
  if (lang) query.set("lang", lang);
  return `${location.pathname}?${query}`;
}

function missing() {
  tell(part(".said"), say("contrast.missing"));
}

form.addEventListener("change", ({ target }) => {
  const field = /** @type {HTMLInputElement|HTMLSelectElement} */ (target);
  if (field.name) return load({ [field.name]: field.value });
  load({ [boot.own + boot.name]: null, [boot.own + field.value]: "" }); // which value, the server says
});
form.addEventListener("submit", (event) => event.preventDefault());
for (const [name, to] of Object.entries(WAYS))
  part(`[data-go="${name}"]`).addEventListener("click", () => (stop(), go(to())));
play.addEventListener("click", () => (playing ? stop() : start()));
slider.addEventListener("input", () => (stop(), go(Number(slider.value))));
document.addEventListener("keydown", (event) => {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  const isTaken = target instanceof Element && target.closest("input, select, textarea");
  const isPressed = key === " " && target instanceof Element && target.closest("button, a");
  if (isTaken || isPressed || ctrlKey || metaKey || altKey || !moments.length) return;
  if (key === " ") playing ? stop() : start();
  else if (KEYS[key]) (stop(), go(WAYS[KEYS[key]]()));
  else return;
  event.preventDefault();
});
window.addEventListener("message", ({ source, data }) => {
  if (data?.convwalk === "step" && frames.some((frame) => frame.contentWindow === source)) follow();
});
addEventListener("pageshow", () => (isLeft = false));
setInterval(follow, SETTLED); // of a changed number a frame tells nothing
window.addEventListener("hashchange", () => {
  const asked = stepOf(location.hash);
  if (typeof asked === "number" && asked !== at) go(Math.min(asked, moments.length - 1));
});
showPlaying();

const ready = (async () => {
  await Promise.all(frames.map(opened));
  await arrive();
  go(isWhole ? Math.min(opening(), moments.length - 1) : opening());
})();
ready.catch(missing);
Object.assign(window, {
  convwalk: {
    /** Resolves when both sides stand at one cell. */
    ready,
    get steps() {
      return Math.max(0, moments.length - 1);
    },
    get step() {
      return at;
    },
    seek: (/** @type {number} */ moment) => (stop(), go(moment)),
    play: start,
    pause: stop,
  },
});
