// @ts-check
// A word that is explained where it stands: while it is pointed at or has the focus, or from one tap to the next.
// What explains it can be pointed at too, and Escape takes it away. A link in it gets the focus when the word is
// pressed by the keyboard. It knows places, and no words.

import { attribute, element } from "./page.js";

/** @typedef {(Node|string)[]} Nodes */

const GAP = 6; // pixels between a word and what explains it
const EDGE = 8; // pixels that are left free beside it
const AWAY = 200; // milliseconds in which the pointer can go from the one to the other

const tip = element("div", { class: "explanation", id: "explanation", role: "tooltip" });
/** @type {HTMLElement|undefined} the word that is explained */ let owner;
/** @type {Set<string>} why it is */ const reasons = new Set();
/** @type {string|null} what else the word is described by */ let described = null;
let leaving = 0;

/** @param {HTMLElement} word @param {() => Nodes} content of its explanation; where there is none, nothing is shown */
export function explain(word, content) {
  /** Around words that stand apart the pointer means none of them. @param {Event} event */
  const isOn = ({ target }) => target !== word || !word.childElementCount;
  word.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch" && isOn(event)) because(word, content, "hover");
  });
  word.addEventListener("pointerout", () => leave());
  word.addEventListener("focus", () => word.matches(":focus-visible") && because(word, content, "focus"));
  word.addEventListener("blur", ({ relatedTarget }) => {
    if (owner === word && !(relatedTarget instanceof Node && tip.contains(relatedTarget))) noMore("focus");
  });
  word.addEventListener("click", (event) => {
    const link = owner === word && event.detail === 0 ? tip.querySelector("a") : null; // by the keyboard
    if (link) link.focus();
    else if (owner === word && reasons.has("press")) hide();
    else if (isOn(event) && !(owner === word && reasons.has("hover"))) because(word, content, "press");
  });
}

/** @param {HTMLElement} word @param {() => Nodes} content @param {string} reason */
function because(word, content, reason) {
  clearTimeout(leaving);
  if (owner !== word) {
    const nodes = content();
    if (!nodes.length) return;
    hide();
    owner = word;
    tip.replaceChildren(...nodes);
    (word.closest("[popover], dialog") ?? document.body).append(tip); // what lies above all else is not left
    described = word.getAttribute("aria-describedby");
    attribute(word, { "aria-describedby": described ? `${described} ${tip.id}` : tip.id });
    gone.observe(document.body, { childList: true, subtree: true });
    place(word);
  }
  reasons.add(reason);
}

/** @param {string} reason */
function noMore(reason) {
  reasons.delete(reason);
  if (!reasons.size) hide();
}

function leave() {
  clearTimeout(leaving);
  leaving = window.setTimeout(() => noMore("hover"), AWAY);
}

function hide() {
  clearTimeout(leaving);
  gone.disconnect();
  if (owner) attribute(owner, { "aria-describedby": described ?? false });
  owner = undefined;
  reasons.clear();
  tip.remove();
}

/** Below the word, or above it where there is no room. @param {HTMLElement} word */
function place(word) {
  const words = document.createRange();
  words.selectNodeContents(word);
  const [at, { width, height }] = [words.getBoundingClientRect(), tip.getBoundingClientRect()];
  const { clientWidth, clientHeight } = document.documentElement;
  const left = Math.max(EDGE, Math.min(at.left, clientWidth - width - EDGE));
  const below = at.bottom + GAP;
  const top = below + height > clientHeight - EDGE ? Math.max(EDGE, at.top - GAP - height) : below;
  Object.assign(tip.style, { left: `${left}px`, top: `${top}px` });
}

const gone = new MutationObserver(() => owner?.isConnected || hide()); // another text has taken its place
tip.addEventListener("pointerenter", () => clearTimeout(leaving));
tip.addEventListener("pointerleave", () => leave());
tip.addEventListener("focusout", () => hide());
window.addEventListener("scroll", () => owner && hide(), { capture: true, passive: true });
window.addEventListener("resize", () => owner && hide());
document.addEventListener("pointerdown", ({ target }) => {
  const isWithin = target instanceof Node && (owner?.contains(target) || tip.contains(target));
  if (owner && !isWithin) hide();
}, true); // prettier-ignore
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !owner) return;
  if (tip.contains(document.activeElement)) owner.focus();
  hide();
  event.preventDefault(); // nothing else is left by it
  event.stopPropagation();
}, true); // prettier-ignore
