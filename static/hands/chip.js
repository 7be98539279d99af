// @ts-check
// The cell that is pinned, in a word beside the caption: a button that lets it go.

import { nameOf } from "../say/cell.js";
import { filled } from "../say/describe.js";
import { attribute, button, element, write } from "../page/page.js";

/** @import { View } from "../board/stage.js" */
/** @import { Trace } from "../run/trace.js" */

/** @param {HTMLElement} root @param {(text: string) => string} say @param {() => void} free lets the cell go
 * @returns {View} */
export function chip(root, say, free) {
  /** @type {Trace} */ let trace;
  const text = element("span");
  const whole = button({ class: "pin", hidden: "" }, free, text, element("span", { "aria-hidden": "true" }, " ×"));
  root.append(whole);
  return {
    begin: (next) => void (trace = next),
    draw({ cell }) {
      const array = cell?.pinned ? trace.byName.get(cell.array) : undefined;
      whole.hidden = !array;
      if (!cell || !array) return;
      const named = { cell: nameOf(array, cell.flat) };
      write(text, filled(say, "pinned.cell", named));
      const title = filled(say, "pinned.free", named);
      attribute(whole, { title: `${title} (Esc)`, "aria-label": title });
    },
  };
}
