// @ts-check
// What the colours and lines of the stage mean, and how far the colours of each array reach.

import { exact } from "../say/look.js";
import { element, part } from "../page/page.js";

/** @typedef {import("../say/look.js").Look} Look */
/** @typedef {import("../run/trace.js").NamedArray} NamedArray */

/** @param {HTMLElement} root @param {(text: string) => string} say */
export function legend(root, say) {
  root.replaceChildren(
    element("span", { class: "scales" }),
    element("span", { class: "key veiled" }, say("legend.veil")),
    element("span", { class: "key read" }, say("legend.read")),
    element("span", { class: "key written" }, say("legend.written")),
    ...["filled", "unread", "rounded"].map((name) => element("span", { class: `key ${name}`, hidden: "" }, say(`legend.${name}`))),
    element("span", { class: "links" },
      element("span", { class: "key cell" }, say("legend.cell")),
      element("span", { class: "key from" }, say("legend.from")),
      element("span", { class: "key feeds" }, say("legend.feeds")),
      element("span", { class: "key meets" }, say("legend.meets")),
    ),
  ); // prettier-ignore
}

/** How far the colours of the arrays on the stage reach: a bar for each scale, and, if there is more than one, which arrays
 * are on it. @param {HTMLElement} root @param {import("../say/look.js").Looks} looks @param {NamedArray[]} arrays */
export function showScales(root, looks, arrays) {
  /** @type {Map<Look, string[]>} */ const named = new Map();
  for (const array of arrays) {
    if (!array.scale) continue;
    const look = looks.of(array);
    named.set(look, [...(named.get(look) ?? []), array.name]);
  }
  const bars = [...named].map(([look, names]) => {
    const bar = element("span", { class: "scale" });
    bar.style.background = `linear-gradient(to right, ${look.scale().map(([at, colour]) => `${colour} ${at * 100}%`).join(", ")})`;
    const which = named.size > 1 ? [element("code", {}, names.join(" "))] : [];
    return element("span", { class: "on" }, ...which, ends(look.low), bar, ends(look.limit));
  });
  part(".scales", root).replaceChildren(...bars);
  root.classList.toggle("scaled", named.size > 1);
}

/** The end of a scale, in as many digits as are worth it. @param {number} value */
function ends(value) {
  const near = Number(value.toPrecision(3));
  const isNear = Math.abs(near - value) <= 1e-9 * Math.abs(value);
  return element("span", {}, (isNear ? "" : "≈ ") + exact(near));
}

/** Some keys are there only in scenes that need them. They come last, so that the others stand still.
 * @param {HTMLElement} root @param {"filled"|"unread"|"rounded"} name @param {boolean} shown */
export function showKey(root, name, shown) {
  part(`.key.${name}`, root).hidden = !shown;
}

/** The key of a cell's links takes the place of the walk's. @param {HTMLElement} root @param {boolean} shown */
export function showLinkKey(root, shown) {
  if (root.classList.contains("linking") === shown) return; // to look where the walk's key stands has the page laid out
  root.classList.toggle("linking", shown);
  if (!shown) return;
  const { offsetLeft, offsetTop } = part(".key", root);
  Object.assign(part(".links", root).style, { left: `${offsetLeft}px`, top: `${offsetTop}px` });
}
