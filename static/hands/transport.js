// @ts-check
// Playing, stepping and seeking. It knows time and moments; what a moment looks like is the other views' business.

import { part, write } from "../page/page.js";
import { PACES } from "../run/trace.js";

/** @typedef {import("../run/trace.js").Trace} Trace */

/** How long "auto" rests on the nth stop of a scene: time to look at what is new, then ever quicker. In milliseconds.
 * @param {number} nth */
export const restAt = (nth) => (nth < 3 ? 1000 : Math.max(50, 1000 * 0.75 ** (nth - 2)));

/** Which moment each button leads to. @type {Record<string, (trace: Trace, k: number, level: number) => number>} */
const WAYS = {
  first: () => 0,
  last: (trace) => trace.length,
  back: (trace, k, level) => trace.before(k, level),
  forward: (trace, k, level) => trace.after(k, level) ?? Math.min(k + 1, trace.length),
  "next-chapter": (trace, k) => startOf(trace, trace.chapterAt(k) + 1) ?? trace.length,
  // The start of this chapter, or of the one before it when this one has just begun.
  "previous-chapter"(trace, k) {
    const now = trace.chapterAt(k);
    return startOf(trace, k > (startOf(trace, now) ?? 0) ? now : now - 1) ?? 0;
  },
};

/** The first moment of a chapter, if there is one of that number. @param {Trace} trace @param {number} number */
function startOf(trace, number) {
  const chapter = trace.chapters[number];
  return chapter && chapter.first + 1;
}

/** @param {HTMLElement} root @param {(text: string) => string} say
 * @param {{k: () => number, trace: () => Trace, go: (k: number) => void, redraw: () => void, free: () => void}} walk
 */
export function transport(root, say, walk) {
  const [play, counter] = [".play", ".counter"].map((selector) => part(selector, root));
  const progress = part(".progress"); // a slider for the presenter's eyes alone
  const pace = /** @type {HTMLSelectElement} */ (part("#pace", root));
  const speed = /** @type {HTMLSelectElement} */ (part("#speed", root));
  const range = /** @type {HTMLInputElement} */ (part(".slider", root));
  const level = () => PACES[/** @type {keyof typeof PACES} */ (pace.value)];
  let playing = 0; // the number of the frame that is asked for, or 0
  let due = 0;

  /** The same by any hand: a button, a key, a clicker. @type {Record<string, () => void>} */
  const actions = { play: () => (playing ? stop() : start()) };
  for (const [name, to] of Object.entries(WAYS)) {
    actions[name] = () => (stop(), walk.go(to(walk.trace(), walk.k(), level())));
    part(`[data-go="${name}"]`, root).addEventListener("click", actions[name]);
  }
  play.addEventListener("click", actions.play);
  range.addEventListener("input", () => {
    stop();
    walk.go(Number(range.value));
  });
  pace.addEventListener("change", () => walk.redraw());

  function start() {
    if (playing) return;
    walk.free(); // it rests while a cell is pinned
    if (walk.k() >= walk.trace().length) walk.go(0);
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

  /** @param {number} now */
  function tick(now) {
    playing = requestAnimationFrame(tick);
    if (now < due) return;
    const trace = walk.trace();
    if (walk.k() >= trace.length) return stop();
    const next = trace.after(walk.k(), level());
    if (next === undefined && trace.steps.length < trace.length) return; // it has not arrived yet
    walk.go(next ?? trace.length);
    due = Math.max(now, due || now) + rest(trace, walk.k()) - 4; // a frame's jitter must not cost a whole frame
  }

  /** @param {Trace} trace @param {number} k */
  function rest(trace, k) {
    if (speed.value !== "auto") return 1000 / Number(speed.value);
    const { first } = trace.sceneAt(k);
    let nth = 0;
    for (let before = k; before > first + 1 && nth < 15; nth++) before = trace.before(before, level());
    return restAt(nth);
  }

  function showPlaying() {
    const label = say(playing ? "transport.pause" : "transport.play");
    play.setAttribute("aria-label", label);
    play.classList.toggle("playing", playing !== 0);
    // Read aloud, a caption takes longer than it stands while playing.
    part(".caption").setAttribute("aria-live", playing ? "off" : "polite");
    play.title = `${label} (${say("key.space")})`;
  }

  /** @param {import("../board/stage.js").Frame} frame */
  function draw({ k }) {
    const { length } = walk.trace();
    range.value = String(k);
    range.setAttribute("aria-valuetext", `${k} / ${length}`);
    write(counter, `${k} / ${length}`);
    for (const bar of [range, progress]) bar.style.setProperty("--done", `${(100 * k) / Math.max(1, length)}%`);
  }

  /** Show how much has arrived, as a video player does. */
  function arrived() {
    const trace = walk.trace();
    range.max = String(trace.length);
    range.style.setProperty("--arrived", `${(100 * trace.steps.length) / Math.max(1, trace.length)}%`);
  }

  showPlaying();
  return { draw, arrived, start, stop, level, actions };
}
