// @ts-check
// What the colours and lines of the stage mean, and how far the colours reach.

import { element, part } from "./page.js";

/** @typedef {import("./look.js").Look} Look */

/** @param {HTMLElement} root @param {Look} look @param {(text: string) => string} say */
export function legend(root, look, say) {
  const stops = look.scale().map(([at, colour]) => `${colour} ${at * 100}%`);
  const bar = element("span", { class: "scale" });
  bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  const limit = Number(look.limit.toPrecision(3));
  root.replaceChildren(
    element("span", {}, `−${limit}`),
    bar,
    element("span", {}, `${limit}`),
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

/** Some keys are there only in scenes that need them. They come last, so that the others stand still.
 * @param {HTMLElement} root @param {"filled"|"unread"|"rounded"} name @param {boolean} shown */
export function showKey(root, name, shown) {
  part(`.key.${name}`, root).hidden = !shown;
}

/** The key of a cell's links takes the place of the walk's. @param {HTMLElement} root @param {boolean} shown */
export function showLinkKey(root, shown) {
  if (root.classList.toggle("linking", shown) === false) return;
  const { offsetLeft, offsetTop } = part(".key", root);
  Object.assign(part(".links", root).style, { left: `${offsetLeft}px`, top: `${offsetTop}px` });
}
