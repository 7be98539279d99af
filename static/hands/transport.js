// @ts-check
// Playing, stepping and seeking. It knows time and moments; what a moment looks like is the other views' business.

import { part, write } from "../page/page.js";
import { PACES } from "../run/trace.js";

/** @typedef {import("../run/trace.js").Trace} Trace */

/** How long "auto" rests on the nth stop of a scene: time to look at what is new, then ever quicker. In milliseconds.
 * @param {number} nth */
const restAt = (nth) => (nth < 3 ? 1000 : Math.max(50, 1000 * 0.75 ** (nth - 2)));

/** @param {HTMLElement} root @param {(text: string) => string} say
 * @param {{k: () => number, trace: () => Trace, go: (k: number) => void, redraw: () => void,
 *   free: () => void}} walk */
export function transport(root, say, walk) {
  const [play, slider, counter] = [".play", ".slider", ".counter"].map((selector) => part(selector, root));
  const pace = /** @type {HTMLSelectElement} */ (part("#pace", root));
  const speed = /** @type {HTMLSelectElement} */ (part("#speed", root));
  const range = /** @type {HTMLInputElement} */ (slider);
  const level = () => PACES[/** @type {keyof typeof PACES} */ (pace.value)];
  let playing = 0; // the number of the frame that is asked for, or 0
  let due = 0;

  const actions = {
    first: () => walk.go(0),
    last: () => walk.go(walk.trace().length),
    back: () => walk.go(walk.trace().before(walk.k(), level())),
    forward: () => walk.go(walk.trace().after(walk.k(), level()) ?? Math.min(walk.k() + 1, walk.trace().length)),
    "previous-chapter": () => walk.go(chapterBefore(walk.trace(), walk.k())),
    "next-chapter": () => walk.go(chapterAfter(walk.trace(), walk.k())),
  };
  /** The same by any hand: a button, a key, a clicker. */
  const doing = Object.fromEntries(Object.entries(actions).map(([name, act]) => [name, () => (stop(), act())]));
  const toggle = () => (playing ? stop() : start());
  for (const [name, act] of Object.entries(doing)) part(`[data-go="${name}"]`, root).addEventListener("click", act);
  play.addEventListener("click", toggle);
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
    range.value = String(k);
    range.setAttribute("aria-valuetext", `${k} / ${walk.trace().length}`);
    write(counter, `${k} / ${walk.trace().length}`);
    range.style.setProperty("--done", `${(100 * k) / Math.max(1, walk.trace().length)}%`);
  }

  /** Show how much has arrived, as a video player does. */
  function arrived() {
    const trace = walk.trace();
    range.max = String(trace.length);
    range.style.setProperty("--arrived", `${(100 * trace.steps.length) / Math.max(1, trace.length)}%`);
  }

  showPlaying();
  return { draw, arrived, start, stop, level, actions: { ...doing, play: toggle } };
}

/** @param {Trace} trace @param {number} k */
function chapterAfter(trace, k) {
  const chapter = trace.chapters[trace.chapterAt(k) + 1];
  return chapter ? chapter.first + 1 : trace.length;
}

/** The start of this chapter, or of the one before it when this one has just begun. @param {Trace} trace
 * @param {number} k */
function chapterBefore(trace, k) {
  const now = trace.chapterAt(k);
  const begun = k > trace.chapters[now].first + 1;
  const chapter = trace.chapters[begun ? now : now - 1];
  return chapter ? chapter.first + 1 : 0;
}
