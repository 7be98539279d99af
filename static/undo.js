// @ts-check
// Takes back what was changed: settings, edited arrays, dropped ones. It remembers the queries that were on the stage,
// and knows nothing of what they mean. The browser's own Back goes by addresses; this keeps the place in the walk.

import { part } from "./page.js";

/** @param {HTMLElement} root with a button for each direction @param {(query: string) => void} show */
export function undo(root, show) {
  /** @type {string[]} */ const past = [];
  /** @type {string[]} */ const future = [];
  /** @type {string|undefined} */ let now;
  /** @type {{from: string[], to: string[]}|undefined} */ let going; // the way that is being gone
  const ways = { undo: { from: past, to: future }, redo: { from: future, to: past } };
  const buttons = { undo: button("undo"), redo: button("redo") };

  /** @param {keyof typeof ways} way */
  function button(way) {
    const made = /** @type {HTMLButtonElement} */ (part(`[data-way="${way}"]`, root));
    made.addEventListener("click", () => go(way));
    return made;
  }

  /** @param {keyof typeof ways} way */
  function go(way) {
    const query = ways[way].from.at(-1);
    if (query === undefined) return;
    going = ways[way];
    show(query);
  }

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const way = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : undefined;
    if (!way || !isOurs(event.target)) return;
    event.preventDefault();
    go(way);
  });

  /** Another query is on the stage. @param {string} query */
  function shown(query) {
    if (query === now) return;
    if (now === undefined) {
      now = query; // the first one is nothing to go back from
      return;
    }
    if (going?.from.at(-1) === query) {
      going.from.pop();
      going.to.push(now);
    } else {
      past.push(now);
      future.length = 0;
    }
    going = undefined;
    now = query;
    update();
  }

  function update() {
    for (const [way, { from }] of Object.entries(ways)) {
      const each = buttons[/** @type {keyof typeof ways} */ (way)];
      // One that has the focus keeps it: a disabled one would drop it to nowhere.
      each.setAttribute("aria-disabled", String(from.length === 0));
    }
  }

  update();
  return { shown };
}

/** Whether the keys of undoing are ours: text that is being typed has its own history, but what is typed into a setting
 * holds at once, and is a change like any other. @param {EventTarget|null} target */
function isOurs(target) {
  if (!(target instanceof Element) || target.closest("#settings")) return true;
  return !target.closest("dialog") && !target.matches("textarea, input:not([type=range], [type=checkbox])");
}
