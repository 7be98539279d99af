// @ts-check
// The pinned cell's sum in the footer, where the inspector is out of sight: below a phone's fold, or hidden by the
// presenter's view. The style sheet says where that is; there the line takes the place of the loop variables.

import { nameOf } from "../say/cell.js";
import { derivationsOf, isDone } from "../why/derivation.js";
import { summary } from "../say/describe.js";
import { lineOf } from "../say/line.js";
import { element, part } from "../page/page.js";

/** @import { View } from "../board/stage.js" */
/** @import { Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Derivation } from "../why/derivation.js" */

const TOLD = [60, 4]; // terms in the line, as many as there is room for

/** @param {HTMLElement} root @param {Say} say @returns {View} */
export function answer(root, say) {
  /** @type {Trace} */ let trace;
  const line = element("span", { class: "terms", tabindex: "0", role: "group", "aria-label": say("inspector.label") });
  const end = element("span", { class: "end" }); // what it comes to is seen however long the line is
  const lead = element("button", { type: "button" }, say("inspector.show"));
  const whole = element("div", { class: "answer", hidden: "" }, element("p", { class: "derived" }, line, end), lead);
  root.append(whole);
  lead.addEventListener("click", () => {
    const inspected = part("#inspector");
    inspected.scrollIntoView({ block: "start" });
    inspected.focus({ preventScroll: true });
  });
  let drawn = "";
  let width = 0; // of the room for the line
  let show = () => {}; // tells what was told last once more
  new ResizeObserver(() => whole.clientWidth !== width && show()).observe(whole);
  // Where the sum itself is in view, nothing leads to it.
  const seen = new IntersectionObserver(([{ isIntersecting }]) => whole.classList.toggle("arrived", isIntersecting), {
    rootMargin: "0px 0px -40% 0px",
  });
  seen.observe(part("#inspector")); // prettier-ignore

  /** Tell a sum with as many terms as there is room for, or with none: a part of it would read as another equation.
   * @param {Derivation} derivation @param {number} k */
  function tell(derivation, k) {
    width = whole.clientWidth;
    for (const most of TOLD) {
      write(derivation, k, most);
      if (line.scrollWidth <= line.clientWidth) return;
    }
    if (end.childElementCount) line.replaceChildren(numbers(nameOf(derivation.array, derivation.flat)));
  }

  const numbers = (/** @type {string} */ text) => element("span", { class: "numbers" }, text);

  /** @param {Derivation} derivation @param {number} k @param {number} most terms */
  function write(derivation, k, most) {
    const { array, flat, kind, sum, expr, path } = derivation;
    const nodes = lineOf(trace, derivation, isDone(derivation, k), { say, all: false, most });
    const called = nameOf(array, flat);
    const names = [called, ...path.map((copied) => nameOf(copied.array, copied.flat)), ""];
    if (!nodes.length) line.replaceChildren(`${called}: ${summary(derivation, say)}`);
    else if (sum) line.replaceChildren(numbers(names.join(" = ")), ...nodes);
    else if (kind === "formula" && expr?.op !== "text") line.replaceChildren(...nodes);
    else line.replaceChildren(`${called}: `, ...(path.length ? [`${summary(derivation, say)}. `] : []), ...nodes);
    end.replaceChildren(...line.querySelectorAll(".result"));
    line.scrollLeft = 0;
  }

  return {
    begin(next) {
      trace = next;
      drawn = "another run's";
      show = () => {};
    },
    draw({ cell, k, asked }) {
      const pinned = cell?.pinned ? cell : undefined;
      const key = pinned ? `${pinned.array} ${pinned.flat} ${k} ${trace.steps.length === trace.length}` : `${!asked}`;
      if (key === drawn) return;
      drawn = key;
      whole.hidden = !pinned;
      root.classList.toggle("answering", pinned !== undefined);
      if (!pinned) {
        if (asked) for (const each of [line, end]) each.replaceChildren(); // it may have told what is asked
        return;
      }
      show = () => tell(derivationsOf(trace).of(pinned.array, pinned.flat, k), k);
      show();
    },
  };
}
