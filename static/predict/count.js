// @ts-check
// How many questions were answered, and how: a button with the number, and what it opens, with links to those that are
// worth another try. It knows the tally, and nothing of how questions are asked.

import { button, element, write } from "../page/page.js";
import { filled } from "../say/describe.js";

/** @import { Say } from "../say/describe.js" */
/** @import { Tally } from "./tally.js" */

const KINDS = /** @type {const} */ (["right", "hinted", "wrong", "skipped"]);
const MOST = 24; // links

/** @param {Say} say @param {{again: (step: number) => void, cleared: () => void, address: (step: number) => string,
 *   nameOf: (step: number) => string}} hand */
export function count(say, { again, cleared, address, nameOf }) {
  const opener = element("button", { type: "button", class: "count", popovertarget: "predict-count" });
  const title = element("h2", {}, say("predict.count"));
  const list = element("dl", {});
  const missed = element("div", { class: "again" });
  const clear = button({ class: "clear" }, () => (root.hidePopover(), cleared()), say("predict.count.clear"));
  const kept = element("p", { class: "kept" }, say("predict.count.kept"));
  const root = element(
    "section",
    { id: "predict-count", popover: "", "aria-label": say("predict.count") },
    title,
    list,
    missed,
    kept,
    clear,
  );
  missed.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    root.hidePopover();
    again(Number(link.dataset.step));
  });

  /** @param {Tally} tally */
  function draw(tally) {
    const { counts } = tally;
    write(opener, filled(say, "predict.count.short", { right: counts.right + counts.hinted, asked: counts.asked }));
    opener.hidden = !counts.asked;
    opener.title = filled(say, "predict.count.asked", { count: counts.asked });
    const rows = KINDS.map((kind) =>
      element(
        "div",
        { class: kind },
        element("dt", {}, say(`predict.count.${kind}`)),
        element("dd", {}, String(counts[kind])),
      ),
    );
    const all = element(
      "div",
      {},
      element("dt", {}, say("predict.count.all")),
      element("dd", {}, String(counts.asked)),
    );
    list.replaceChildren(all, ...rows);
    const steps = tally.again.slice(0, MOST);
    const links = steps.map((step) => element("a", { href: address(step), "data-step": String(step) }, nameOf(step)));
    missed.replaceChildren(...(links.length ? [element("h3", {}, say("predict.count.again")), ...links] : []));
    clear.hidden = !counts.asked;
  }

  return { opener, root, draw };
}
