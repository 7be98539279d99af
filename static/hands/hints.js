// @ts-check
// One hint at a time for those who are here for the first time: what to try next. It stands in the transport's row and
// covers nothing; a ring shows the control that it means. What was used, once, is not hinted at again. It knows which
// controls there are, and nothing of the run.

import { keep, recall } from "../page/storage.js";
import { button, element, isOverlaid, part, write } from "../page/page.js";

const KEPT = "convwalk.used"; // where the browser remembers what was used
const NONE = "none"; // in that list: no more hints are wanted

/** What to try, in this order: a name, the control that is meant, and what is said of it; and whether it leads on,
 * which is nothing to try at the end of the walk. */
const HINTS = [
  { name: "forward", target: '[data-go="forward"]', text: "hints.forward", key: "hints.forward.key", leadsOn: true },
  { name: "play", target: ".play", text: "hints.play", key: "hints.play.key", leadsOn: true },
  { name: "cell", target: "#stage .panel:last-child .board", text: "hints.cell" },
  { name: "settings", target: '[data-knob="stride"], .knob', text: "hints.settings" },
];

/** @param {HTMLElement} root the transport @param {(text: string) => string} say */
export function hints(root, say) {
  const used = new Set((recall("localStorage", KEPT) ?? "").split(",").filter(Boolean));
  const text = element("span");
  const key = element("kbd"); // which a phone does not have
  const dismiss = button({ "aria-label": say("hints.dismiss"), title: say("hints.dismiss") }, leave, "×");
  const about = { class: "tip", role: "note", "aria-label": say("hints.label"), hidden: "" };
  const tip = element("p", about, text, key, dismiss);
  part(".buttons", root).after(tip);
  const slider = /** @type {HTMLInputElement} */ (part(".slider", root));
  /** @type {import("../board/stage.js").Frame|undefined} */ let latest;

  part('[data-go="forward"]', root).addEventListener("click", () => use("forward"));
  part("#settings").addEventListener("change", () => use("settings"));
  document.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowRight") use("forward");
    // Escape closes what lies on top, and lets a pinned cell go, before it closes a hint.
    const isTaken = latest?.cell?.pinned || isOverlaid();
    if (key === "Escape" && !tip.hidden && !isTaken) use(NONE);
  });

  function leave() {
    use(NONE);
    part(".play", root).focus(); // the button that had the focus is gone
  }

  /** @param {string} name */
  function use(name) {
    if (used.has(name)) return;
    used.add(name);
    keep("localStorage", KEPT, [...used].join());
    show();
  }

  function show() {
    const isOver = slider.value === slider.max;
    const hint = used.has(NONE)
      ? undefined
      : HINTS.find(({ name, leadsOn }) => !used.has(name) && !(leadsOn && isOver));
    const target = hint && document.querySelector(hint.target);
    tip.hidden = !target;
    for (const other of document.querySelectorAll(".hinted")) if (other !== target) other.classList.remove("hinted");
    target?.classList.add("hinted");
    if (!hint) return;
    write(text, say(hint.text));
    write(key, hint.key ? say(hint.key) : "");
  }

  /** @param {import("../board/stage.js").Frame} frame */
  function draw(frame) {
    latest = frame;
    if (used.has(NONE) || HINTS.every(({ name }) => used.has(name))) return;
    if (frame.cell) use("cell");
    if (part(".play", root).classList.contains("playing")) use("play");
    show(); // the panel that is meant may be another one
  }

  return { draw };
}
