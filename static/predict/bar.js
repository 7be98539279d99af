// @ts-check
// Where a question stands on the page: a line below the boards and the sum, with a field, options or the word to
// point, and quietly a hint, the way past it and the count. It knows what it is to show, and nothing of walks.

import { attribute, button, element, write } from "../page/page.js";
import { isHopeless, numberOf, refusalOf } from "../page/number.js";

/** @import { Say } from "../say/describe.js" */
/** @import { Nodes } from "./words.js" */
/** @typedef {object} Shown
 * @property {"idle"|"asked"|"told"|"end"} state
 * @property {string} key of what is shown: the same as long as nothing has changed
 * @property {Nodes} head what is asked, or what came of it
 * @property {Nodes} more a hint, or what else there is to say
 * @property {"value"|"place"|"choice"} [kind] of the question
 * @property {string[]} [options]
 * @property {string} [label] of the field
 * @property {boolean} [isRight] of what is told
 * @property {boolean} [canHint]
 * @property {boolean} [canGo] whether there is a step to go on to
 * @typedef {object} Hand
 * @property {(given: {text?: string, option?: string}) => void} answer
 * @property {() => void} hint
 * @property {() => void} skip
 * @property {() => void} next
 * @property {() => void} leave */

const TOUCH = matchMedia("(pointer: coarse)"); // a keyboard that comes up covers the stage

/** @param {Say} say @param {Hand} hand @param {HTMLElement} count the button of the count, and what it opens */
export function bar(say, hand, count) {
  const head = element("p", { class: "head", id: "predict-asks" });
  const more = element("p", { class: "more", id: "predict-more" });
  const says = element("div", { class: "says" }, head, more);
  const described = { "aria-labelledby": "predict-asks", "aria-describedby": "predict-more predict-refusal" };
  const input = element("input", { type: "text", autocomplete: "off", spellcheck: "false", size: "7", ...described });
  const check = element("button", { class: "check" }, say("predict.check"));
  const options = element("div", { class: "options", role: "group", "aria-labelledby": "predict-asks" });
  const refusal = element("output", { class: "refusal", id: "predict-refusal", role: "alert", hidden: "" });
  const next = button({ class: "check go-on" }, hand.next, say("predict.next"));
  const gives = element("div", { class: "gives" }, input, check, options, refusal, next);
  const hint = button({ class: "hint-button" }, hand.hint, say("predict.hint"));
  const skip = button({ class: "skip-button" }, hand.skip, say("predict.skip"));
  const leave = button(
    { class: "leave", "aria-label": say("predict.leave"), title: `${say("predict.leave")} (Q)` },
    hand.leave,
    "×",
  );
  const quiet = element("div", { class: "quiet" }, hint, skip, count, leave);
  const heard = element("p", { class: "spoken", role: "status" });
  const root = element(
    "form",
    { class: "predict", "aria-label": say("predict"), novalidate: "" },
    says,
    gives,
    quiet,
    heard,
  );
  let shown = "";
  let [state, kind] = ["", ""];

  root.addEventListener("submit", (event) => {
    event.preventDefault();
    if (state === "asked" && kind === "value") submit();
  });
  root.addEventListener("keydown", (event) => {
    // The page's own keys are for who is elsewhere.
    if (event.key === "Escape" && state === "asked" && event.target === input && input.value) {
      input.value = "";
      refuse("");
      event.stopPropagation();
      event.preventDefault();
    }
  });
  input.addEventListener("input", () => refuse(isHopeless(input.value) ? refusalOf("number", input.value, say) : ""));

  /** @param {string} message why what was typed is no number */
  function refuse(message) {
    write(refusal, message);
    refusal.hidden = !message;
    input.setAttribute("aria-invalid", String(Boolean(message)));
  }

  function submit() {
    const { value, reason } = numberOf(input.value);
    if (value === undefined) {
      refuse(refusalOf(/** @type {any} */ (reason), input.value, say));
      return input.focus();
    }
    hand.answer({ text: input.value });
  }

  /** @param {Shown} to what the line is to show */
  function show(to) {
    if (to.key === shown) return;
    const isHinted = to.state === "asked" && state === "asked" && to.key.split("/")[0] === shown.split("/")[0];
    const hadFocus = root.contains(document.activeElement);
    shown = to.key;
    [state, kind] = [to.state, to.kind ?? ""];
    root.dataset.state = to.state;
    attribute(root, { "data-right": to.isRight === undefined ? false : String(to.isRight) });
    head.replaceChildren(...to.head);
    more.replaceChildren(...to.more);
    const isAsked = to.state === "asked";
    input.hidden = check.hidden = !(isAsked && to.kind === "value");
    options.hidden = !(isAsked && to.kind === "choice");
    hint.hidden = skip.hidden = !isAsked;
    hint.disabled = !to.canHint;
    next.hidden = isAsked || !to.canGo;
    if (!isHinted) {
      input.value = "";
      refuse("");
      options.replaceChildren(
        ...(to.options ?? []).map((option) =>
          button({ class: "check" }, () => hand.answer({ option }), say(`predict.${option}`)),
        ),
      );
    }
    // Who hears the page is told what is asked as the field gets the focus, and of all else here.
    const isFocused = isAsked && !isHinted && to.kind !== "place" && !TOUCH.matches;
    write(heard, isFocused ? "" : [...says.children].map((each) => each.textContent).join(" "));
    const isLost = hadFocus && (!root.contains(document.activeElement) || hint.disabled);
    if (!isHinted || isLost) focus();
  }

  /** Give the focus to what is to be done next; a finger finds it without. */
  function focus() {
    if (TOUCH.matches) return;
    const first =
      state === "asked" ? { value: input, choice: options.firstElementChild }[kind] : next.hidden ? null : next;
    if (first instanceof HTMLElement && state !== "idle") first.focus({ preventScroll: true });
  }

  return { root, show, focus };
}
