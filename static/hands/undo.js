// @ts-check
// Takes back what was changed: settings, edited arrays, dropped ones. It remembers the queries that were on the stage,
// and knows nothing of what they mean. The browser's own Back goes by addresses; this keeps the place in the walk.

import { part } from "../page/page.js";

const KEPT = 100; // queries: one that holds an array may be long

/** @param {HTMLElement} root with a button for each direction @param {(query: string) => void} show */
export function undo(root, show) {
  /** @type {string[]} */ const queries = [];
  let stands = -1; // which of them is on the stage
  let wanted = -1; // and which was asked for last: it may be on its way yet, and the next key goes on from it
  const button = (/** @type {string} */ way) => part(`[data-way="${way}"]`, root);
  const buttons = /** @type {const} */ ([[-1, button("undo")], [1, button("redo")]]); // prettier-ignore
  for (const [way, button] of buttons) button.addEventListener("click", () => go(way));

  /** @param {number} way */
  function go(way) {
    const query = queries[wanted + way];
    if (query === undefined) return;
    wanted += way;
    update();
    show(query);
  }

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const way = key === "y" || (key === "z" && event.shiftKey) ? 1 : key === "z" ? -1 : 0;
    if (!way || !isOurs(event.target)) return;
    event.preventDefault();
    go(way);
  });

  /** A query is on the stage. @param {string} query */
  function shown(query) {
    if (query !== queries[wanted]) {
      queries.splice(wanted + 1, Infinity, query); // what was taken back before is gone
      queries.splice(0, queries.length - KEPT);
      wanted = queries.length - 1;
    }
    stands = wanted;
    update();
  }

  /** What was asked for has not come: what is on the stage stays there. */
  function stayed() {
    wanted = stands;
    update();
  }

  function update() {
    // One that has the focus keeps it: a disabled one would drop it to nowhere.
    for (const [way, button] of buttons) button.setAttribute("aria-disabled", String(!(wanted + way in queries)));
  }

  update();
  return { shown, stayed };
}

/** Whether the keys of undoing are ours: text that is being typed has its own history, but what is typed into a
 * setting holds at once, and is a change like any other. @param {EventTarget|null} target */
function isOurs(target) {
  if (!(target instanceof Element) || target.closest("#settings")) return true;
  return !target.closest("dialog") && !target.matches("textarea, input:not([type=range], [type=checkbox])");
}
