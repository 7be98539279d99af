// @ts-check
// The pinned cell's sum in the footer, for where the inspector is out of sight: below the fold of a phone, or hidden by the
// presenter's view. The style sheet says where that is; there the line takes the place of the loop variables.

import { nameOf } from "../say/cell.js";
import { derivationsOf } from "../why/derivation.js";
import { summary } from "../say/describe.js";
import { lineOf } from "../say/line.js";
import { element, part } from "../page/page.js";

const TOLD = [60, 4]; // terms in the line, as many as there is room for

/** @param {HTMLElement} root @param {(text: string) => string} say */
export function answer(root, say) {
  /** @type {import("../run/trace.js").Trace} */ let trace;
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
  /** @type {() => void} tells the same once more */ let again = () => {};
  const resized = new ResizeObserver(() => {
    if (whole.clientWidth !== width) again();
  });
  resized.observe(whole);
  // Where the sum itself is in view, nothing leads to it.
  const inView = new IntersectionObserver(([{ isIntersecting }]) => whole.classList.toggle("arrived", isIntersecting), { rootMargin: "0px 0px -40% 0px" });
  inView.observe(part("#inspector"));

  /** @param {import("../board/stage.js").Frame} frame */
  function draw({ cell, k }) {
    const pinned = cell?.pinned ? cell : undefined;
    const key = pinned ? `${pinned.array} ${pinned.flat} ${k} ${trace.steps.length === trace.length}` : "";
    if (key === drawn) return;
    drawn = key;
    whole.hidden = !pinned;
    root.classList.toggle("answering", pinned !== undefined);
    if (pinned) show(pinned.array, pinned.flat, k);
  }

  /** Tell a sum with as many terms as there is room for, or with none: a part of it would read as another equation.
   * @param {string} name @param {number} flat @param {number} k */
  function show(name, flat, k) {
    again = () => show(name, flat, k);
    width = whole.clientWidth;
    const derivation = derivationsOf(trace).of(name, flat, k);
    for (const most of TOLD) {
      write(derivation, k, most);
      if (line.scrollWidth <= line.clientWidth) return;
    }
    if (end.childElementCount) line.replaceChildren(element("span", { class: "numbers" }, nameOf(derivation.array, flat)));
  }

  /** @param {import("../why/derivation.js").Derivation} derivation @param {number} k @param {number} most terms */
  function write(derivation, k, most) {
    const { array, flat, kind, sum, expr, path } = derivation;
    const isDone = derivation.value !== undefined && (derivation.moment ?? 0) <= k;
    const nodes = lineOf(trace, derivation, isDone, { say, all: false, most });
    const called = nameOf(array, flat);
    if (!nodes.length) line.replaceChildren(`${called}: ${summary(derivation, say)}`);
    else if (sum) line.replaceChildren(element("span", { class: "numbers" }, [called, ...path.map((copied) => nameOf(copied.array, copied.flat)), ""].join(" = ")), ...nodes);
    else if (kind === "formula" && expr?.op !== "text") line.replaceChildren(...nodes);
    else line.replaceChildren(`${called}: `, ...(path.length ? [`${summary(derivation, say)}. `] : []), ...nodes);
    end.replaceChildren(...line.querySelectorAll(".result"));
    line.scrollLeft = 0;
  }

  /** @param {import("../run/trace.js").Trace} next */
  function begin(next) {
    trace = next;
    drawn = "another run's";
    again = () => {};
  }

  return { begin, draw };
}
