// @ts-check
// What is said of a reader's own array: the server's sentences, the first cell that differs, the walk that shows the
// mistake, and what counts as rounding, folded away. It knows neither the server nor the stage.

import { button, element, write } from "../../page/page.js";
import { numberOf } from "../../page/number.js";
import { filled } from "../../say/describe.js";
import { nameOf } from "../../say/cell.js";
import { exact } from "../../say/look.js";
import { tidy } from "../../why/decimal.js";
import { flatOf, SIDES } from "./sides.js";

/** @import { NamedArray } from "../../run/trace.js" */
/** @import { Say } from "../../say/describe.js" */
/** @import { Own, Rule } from "./asked.js" */
/** @import { Side } from "./sides.js" */

const KINDS = ["", "float64", "float32", "float16"]; // the first is as the numbers show

/** @param {Say} say @param {{choose: (side: Side) => void, pin: (flat: number) => void, change: () => void,
 *   again: () => void, rule: (rule: Rule) => void}} hand */
export function verdict(say, { choose, pin, change, again, rule }) {
  const choices = SIDES.map((side) => button({ "data-side": side }, () => choose(side), say(`mine.${side}`)));
  const sides = element("div", { class: "views", role: "group", "aria-label": say("mine.sides") }, ...choices);
  const alter = button({ class: "change" }, change, say("mine.change"));
  const mark = element("span", { class: "corner" }, say("mine.mark"));
  const said = element("p", { class: "verdict", role: "status" });
  const sum = element("p", { class: "sum" }); // of the first cell that differs
  const first = button({ class: "shows" }, () => pin(flat));
  const retry = button({ class: "retry" }, again, say("mine.retry"));
  const walks = element("p", { class: "walks" });
  const [rtol, atol] = ["rtol", "atol"].map((name) =>
    element("input", { id: `mine-${name}`, inputmode: "decimal", autocomplete: "off", spellcheck: "false" }),
  );
  const kind = element("select", { id: "mine-dtype" });
  kind.replaceChildren(...KINDS.map((name) => new Option(name || say("mine.as-given"), name)));
  const field = (/** @type {HTMLElement} */ input, /** @type {string} */ text) =>
    element("span", {}, element("label", { for: input.id }, text), input);
  const summary = element("summary");
  const rounding = element("details", { class: "rounding" }, summary, element("p", {}, say("mine.rule")),
    element("div", {}, field(kind, say("mine.dtype")), field(rtol, "rtol"), field(atol, "atol"))); // prettier-ignore
  const root = element("section", { class: "mine", hidden: "", "aria-label": say("closer.mine") },
    element("div", { class: "chosen" }, sides, mark, alter),
    element("div", { class: "told" }, said, retry, walks, sum, rounding)); // prettier-ignore
  let flat = -1; // of the first cell that differs

  /** @param {NamedArray} array @param {Own} own @param {Side} side that is shown
   * @param {(flat: number) => (Node|string)[]} sumOf how a cell comes by its number */
  function draw(array, own, side, sumOf) {
    const { answer, refusal } = own;
    root.hidden = false;
    sides.hidden = !answer;
    mark.hidden = !answer?.differ;
    for (const [at, name] of SIDES.entries()) choices[at].setAttribute("aria-pressed", String(name === side));
    // One sentence after the other: whoever hears the page is told all of it at once.
    const found = (answer?.found ?? []).map(({ message }) => message);
    const sentences = [answer?.message, ...found, answer?.unknown, answer?.assumption];
    const nodes = sentences.flatMap((each) => (each ? [element("span", {}, each), " "] : []));
    const words = refusal ?? (answer ? "" : say("mine.asking"));
    const next = element("p", {}, ...(words ? [words] : nodes));
    if (said.textContent !== next.textContent) said.replaceChildren(...next.childNodes); // else it would be told again
    said.classList.toggle("amiss", Boolean(refusal));
    said.classList.toggle("agrees", answer?.differ === 0);
    retry.hidden = !refusal;
    flat = answer?.first ? flatOf(array, answer.first) : -1;
    sum.hidden = flat < 0;
    if (flat >= 0) tellFirst(nameOf(array, flat), sumOf(flat));
    tellWalks(answer?.found ?? []);
    // Whoever has just chosen what is rounding keeps the focus while the answer comes.
    rounding.hidden = !answer && !refusal && !rounding.contains(document.activeElement);
    if (answer)
      write(summary, filled(say, "mine.rounding", { rtol: exact(tidy(answer.rtol)), atol: exact(tidy(answer.atol)) }));
    else write(summary, say("mine.rounding.none"));
    show(own);
  }

  /** The first cell that differs, as a button that leads there, and its sum.
   * @param {string} cell @param {(Node|string)[]} line */
  function tellFirst(cell, line) {
    write(first, cell);
    first.setAttribute("aria-label", filled(say, "mine.show", { cell }));
    first.title = filled(say, "mine.show", { cell });
    if (first.parentNode !== sum) sum.append(first, element("span"));
    /** @type {Element} */ (sum.lastElementChild).replaceChildren(...line);
  }

  /** The walks that show the mistakes; or why none does. @param {import("./asked.js").Answer["found"]} found */
  function tellWalks(found) {
    const links = found.flatMap(({ walk }) => (walk ? [linkTo(walk)] : []));
    const told = links.length ? links : [...new Set(found.flatMap(({ unshown }) => unshown ?? []))];
    walks.hidden = !told.length;
    walks.replaceChildren(...told.flatMap((each, at) => [at ? " " : "", each]));
  }

  /** What counts as rounding; where the reader has left that open, as the server has chosen. @param {Own} own */
  function show({ rule, answer }) {
    kind.value = rule.dtype ?? "";
    for (const [input, name] of /** @type {const} */ ([
      [rtol, "rtol"],
      [atol, "atol"],
    ])) {
      // prettier-ignore
      if (document.activeElement !== input) input.value = String(rule[name] ?? "");
      input.placeholder = answer ? String(answer[name]) : "";
    }
  }

  /** In a window of its own, beside this one: what was compared stays.
   * @param {import("./asked.js").Walk} walk */
  function linkTo({ title, address, part }) {
    const to = new URL(address, location.href);
    to.searchParams.set("lang", document.documentElement.lang.slice(0, 2));
    return element(
      "a",
      { href: to.href, target: "_blank", rel: "noopener" },
      filled(say, part ? "mine.walk.part" : "mine.walk", { title, part: part ?? "" }),
    );
  }

  rounding.addEventListener("toggle", () => rounding.scrollIntoView({ block: "nearest" }));
  const numberIn = (/** @type {HTMLInputElement} */ { value }) => {
    const { value: number, reason } = numberOf(value);
    return reason === "empty" ? null : (number ?? value);
  };
  rounding.addEventListener("change", () => {
    rule({ rtol: numberIn(rtol), atol: numberIn(atol), dtype: kind.value || null });
  });
  return { root, draw, alter };
}
