// @ts-check
// The menu that copies or saves an array as it stands at this step, and the keys that copy a board. It knows the
// formats by their names alone.

import { copy } from "../page/clipboard.js";
import { download } from "../page/download.js";
import { button, element } from "../page/page.js";
import { filled } from "../say/describe.js";
import { COPIES, npy, tabbed } from "./copies.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @typedef {(text: string) => string} Say */

/** An array as it stands now. @param {NamedArray} array */
function standing(array) {
  const { name, shape, cells } = array;
  return { name, shape, cells: Array.from(cells, (cell, flat) => (array.isKnown(flat) ? cell : undefined)) };
}

/** @param {Say} say @param {() => NamedArray|undefined} chosen the array that is looked at */
export function copyMenu(say, chosen) {
  const said = element("output", { class: "copied" });
  const text = element("textarea", { readonly: "", rows: "4", spellcheck: "false" });
  const byHand = element("label", { class: "by-hand", hidden: "" }, say("formula.by-hand"), text);
  const choices = Object.entries(COPIES).map(([as, { label }]) =>
    button({ "data-as": as }, () => void take(as), label),
  );
  const file = button({ "data-as": "npy" }, () => save(), say("copies.npy"));
  const summary = element("summary", {}, say("formula.copy"));
  const menu = element("details", { class: "copy" }, summary, element("div", {}, ...choices, file));
  const root = element("div", { class: "copies" }, menu, said, byHand);

  /** Say what was done with an array, and what stands for those of its cells that are not computed yet.
   * @param {string} done @param {string} what @param {(number|undefined)[]} cells @param {string} as */
  function tell(done, what, cells, as) {
    const count = cells.filter((cell) => cell === undefined).length;
    const sign = { json: "null", csv: "empty", latex: "dots" }[as] ?? "nan";
    const partly = count ? `${say("cell.comma")}${filled(say, `copies.partly.${sign}`, { count })}` : "";
    said.textContent = filled(say, done, { what }) + partly;
  }

  /** @param {string} as */
  async function take(as) {
    const array = chosen();
    if (!array) return;
    const now = standing(array);
    text.value = COPIES[as].write(now);
    byHand.hidden = true;
    try {
      await copy(text.value);
      leave();
      tell("formula.copied", COPIES[as].label, now.cells, as);
    } catch {
      menu.open = false;
      byHand.hidden = false;
      text.focus();
      text.select();
    }
  }

  function save() {
    const array = chosen();
    if (!array) return;
    const now = standing(array);
    download(new Blob([npy(now)]), `${now.name}.npy`);
    leave();
    tell("copies.saved", `${now.name}.npy`, now.cells, "npy");
  }

  /** Close the menu, from where its button stands. */
  function leave() {
    const isWithin = menu.contains(document.activeElement); // and not on the stage, after a click with the mouse
    menu.open = false;
    if (isWithin) summary.focus();
  }

  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    leave();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (target instanceof Node && !menu.contains(target)) menu.open = false;
  });

  /** Say no more of what was copied: another array or another moment is looked at. */
  const clear = () => ((said.textContent = ""), (byHand.hidden = true));
  return { root, clear };
}

/** Copy a board for a spreadsheet, where no text is selected and no field has the focus.
 * @param {() => NamedArray|undefined} aimed the array whose board the keys are about
 * @param {(array: NamedArray) => void} tell says that it was copied */
export function copyBoards(aimed, tell) {
  document.addEventListener("copy", (event) => {
    const isText = event.target instanceof Element && event.target.matches("input, textarea, select");
    const array = isText || String(document.getSelection()) ? undefined : aimed();
    if (!array || !event.clipboardData) return;
    event.clipboardData.setData("text/plain", tabbed(standing(array)));
    event.preventDefault();
    tell(array);
  });
}
