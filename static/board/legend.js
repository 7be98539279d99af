// @ts-check
// What the colours and lines of the stage mean, and how far the colours of an array reach.

import { exact } from "../say/look.js";
import { leading } from "../page/digits.js";
import { element, part, write } from "../page/page.js";

/** @typedef {import("../run/trace.js").NamedArray} NamedArray */

/** @param {HTMLElement} root @param {(text: string) => string} say */
export function legend(root, say) {
  /** @param {string} kind of line or ground @param {string} name of what it means @param {{hidden?: ""}} [more] */
  const keyOf = (kind, name, more) => element("span", { class: `key ${kind}`, ...more }, say(`legend.${name}`));
  root.classList.remove("linking");
  root.replaceChildren(
    element("span", { class: "scales" }),
    keyOf("met", "met", { hidden: "" }),
    keyOf("veiled", "veil"),
    ...["read", "written"].map((name) => keyOf(name, name)),
    ...["filled", "unread", "rounded", "making", "before"].map((name) => keyOf(name, name, { hidden: "" })),
    element("span", { class: "links" }, ...["cell", "from", "feeds", "meets"].map((name) => keyOf(name, name))),
  );
}

/** How far the colours of an array reach. @param {HTMLElement} root @param {import("../say/look.js").Looks} looks
 * @param {NamedArray} array @param {boolean} isOneOfMany whether others have other scales */
export function showScale(root, looks, array, isOneOfMany) {
  const look = looks.of(array);
  const bar = element("span", { class: "scale" });
  const stops = look.scale().map(([at, colour]) => `${colour} ${at * 100}%`);
  bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  const which = isOneOfMany ? [element("code", {}, array.name)] : [];
  const scale = element("span", { class: "on" }, ...which, ends(look.low), bar, ends(look.limit));
  part(".scales", root).replaceChildren(...(array.scale ? [scale] : []));
}

/** Tell no scale. @param {HTMLElement} root */
export const hideScale = (root) => part(".scales", root).replaceChildren();

/** The end of a scale, in as many digits as are worth it. @param {number} value */
function ends(value) {
  const near = leading(value, 3);
  const isNear = Math.abs(near - value) <= 1e-9 * Math.abs(value);
  return element("span", {}, (isNear ? "" : "≈ ") + exact(near));
}

/** What the numbers are that lie on others. @param {HTMLElement} root @param {(text: string) => string} say
 * @param {import("../why/work.js").Window|undefined} window */
export function showMet(root, say, window) {
  const array = window?.cells.find(({ met }) => met)?.met?.array;
  const met = part(".key.met", root);
  met.hidden = !array;
  const way = window?.isAdded ? "added" : window?.isCompared ? "compared" : "met";
  if (array) write(met, say(`legend.${way}`).replace("{array}", array.name));
}

/** Some keys are there only in scenes that need them. They come last, so that the others stand still.
 * @param {HTMLElement} root @param {"filled"|"unread"|"rounded"|"making"|"before"} name @param {boolean} shown */
export function showKey(root, name, shown) {
  part(`.key.${name}`, root).hidden = !shown;
}

/** The key of a cell's links takes the place of the walk's. @param {HTMLElement} root @param {boolean} shown */
export function showLinkKey(root, shown) {
  if (root.classList.contains("linking") === shown) return; // to look where a key stands has the page laid out
  root.classList.toggle("linking", shown);
  if (!shown) return;
  const { offsetLeft, offsetTop } = part(".key:not([hidden])", root);
  Object.assign(part(".links", root).style, { left: `${offsetLeft}px`, top: `${offsetTop}px` });
}
