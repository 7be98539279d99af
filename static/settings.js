// @ts-check
// The form of the settings. The server wrote it and says which values are legal beside the others; this module keeps
// the ranges up to date, tells what was changed, and shows a refusal beside the control it is about.

import { element, part, write } from "./page.js";

/** @typedef {HTMLInputElement|HTMLSelectElement} Field */

/** One setting of the form: its fields, and the list beside them that says how several numbers stand together, or
 * puts a word in their place. */
class Knob {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.name = root.dataset.knob ?? "";
    /** @type {Field[]} */ this.fields = [...root.querySelectorAll("[data-setting]")].filter(isField);
    this.mode = /** @type {HTMLSelectElement|null} */ (root.querySelector("[data-mode]"));
    this.shown = ""; // the value that stands, as an address writes it
  }

  get isWord() {
    return this.mode !== null && this.mode.value !== "pair" && this.mode.value !== "sides";
  }

  /** What the fields say, as an address writes it. @param {string[]} parts */
  written(parts = this.fields.map((field) => field.value)) {
    if (this.isWord) return this.mode?.value ?? "";
    const each = [...new Set(parts)];
    if (each.length === 1) return each[0];
    return parts.length === 4 && parts[0] === parts[1] && parts[2] === parts[3] ? `${parts[0]},${parts[2]}` : parts.join(",");
  }

  /** The fields that turn together with one of them: those of an axis, and all of them while they are equal and the
   * first is turned. @param {number} at @returns {number[]} */
  together(at) {
    const all = this.fields.map((_, index) => index);
    if (this.mode?.value === "sides") return [at];
    if (at === 0 && !this.shown.includes(",")) return all;
    return this.fields.length === 4 ? (at < 2 ? [0, 1] : [2, 3]) : [at];
  }

  /** @param {any} value as the header gives it: a number, a word, or a list */
  show(value) {
    this.shown = [value].flat().join(",");
    const isWord = this.mode !== null && typeof value === "string";
    if (this.mode) {
      const four = [value].flat().length === 4 || (this.mode.value === "sides" && !isWord);
      this.mode.value = isWord ? value : four ? "sides" : "pair";
    }
    if (!isWord) spread(value, this.fields.length).forEach((part, at) => (this.fields[at].value = String(part)));
    this.arrange();
  }

  /** Show the fields that the list asks for. */
  arrange() {
    this.fields.forEach((field, at) => {
      if (this.mode) field.hidden = this.isWord || (this.mode.value === "pair" && at % 2 === 1);
    });
  }

  /** @param {any[]} values that it can take beside the other settings */
  allow(values) {
    for (const option of this.mode?.options ?? [])
      option.disabled = !["pair", "sides"].includes(option.value) && !values.includes(option.value);
    const now = this.fields.map((field) => Number(field.value));
    const lists = values.filter((value) => !this.mode || typeof value !== "string").map((value) => spread(value, this.fields.length));
    this.fields.forEach((field, at) => {
      const turning = this.together(at);
      const possible = lists
        .filter((list) => list.every((part, other) => (turning.includes(other) ? part === list[at] : this.isWord || part === now[other])))
        .map((list) => list[at]);
      if (field instanceof HTMLSelectElement)
        for (const option of field.options) {
          option.disabled = !possible.some((value) => String(value) === option.value);
          option.hidden = option.disabled;
        }
      else if (possible.length) {
        const sorted = [...possible].sort((a, b) => a - b);
        field.min = String(sorted[0]);
        field.max = String(sorted[sorted.length - 1]);
        // Where only every second value is legal, or every third, the arrows of the field go by as much.
        const steps = new Set(sorted.slice(1).map((value, k) => value - sorted[k]));
        if (field.step !== "any") field.step = steps.size === 1 ? String([...steps][0]) : "1";
      }
    });
  }
}

/** @param {Element} element @returns {element is Field} */
const isField = (element) => element instanceof HTMLInputElement || element instanceof HTMLSelectElement;

/** The numbers of a setting, one for each field. @param {any} value @param {number} count @returns {any[]} */
function spread(value, count) {
  const parts = [value].flat();
  return parts.flatMap((part) => Array(count / parts.length).fill(part));
}

/** @param {HTMLFormElement} form @param {(text: string) => string} say
 * @param {(name: string, value: string) => void} change called with a setting and its new value as a URL writes it
 * @param {(array: string) => void} drop called with an array that the link gives and the reader wants to be without */
export function settings(form, say, change, drop) {
  /** @type {Map<string, Knob>} */ const knobs = new Map();
  for (const root of form.querySelectorAll("[data-knob]")) {
    const knob = new Knob(/** @type {HTMLElement} */ (root));
    knobs.set(knob.name, knob);
  }
  let waiting = 0;

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    restoreIfEmpty(event.target);
    changed(event.target);
  });
  form.addEventListener("input", (event) => {
    // Typing is not finished at the first digit.
    clearTimeout(waiting);
    const { target } = event;
    waiting = window.setTimeout(() => changed(target), 400);
  });

  /** @param {EventTarget|null} target @returns {Knob|undefined} */
  const knobOf = (target) =>
    target instanceof HTMLElement ? knobs.get(target.dataset.setting ?? target.dataset.mode ?? "") : undefined;

  /** A field that is left empty gets back what stands. @param {EventTarget|null} target */
  function restoreIfEmpty(target) {
    const knob = knobOf(target);
    if (!knob || !(target instanceof HTMLInputElement) || target.value !== "") return;
    target.value = spread(knob.shown.split(","), knob.fields.length)[knob.fields.indexOf(target)];
  }

  /** @param {EventTarget|null} target */
  function changed(target) {
    clearTimeout(waiting);
    const knob = knobOf(target);
    if (!knob || !(target instanceof Element) || !isField(target) || target.value === "") return;
    if (target === knob.mode) {
      if (knob.mode.value === "pair") [1, 3].forEach((at) => (knob.fields[at].value = knob.fields[at - 1].value));
      knob.arrange();
    } else {
      const turned = knob.together(knob.fields.indexOf(target));
      for (const at of turned) knob.fields[at].value = target.value;
    }
    const value = knob.written();
    if (value !== knob.shown) change(knob.name, value);
  }

  /** @param {Record<string, any>} values of every setting, as the header gives them */
  function show(values) {
    refuse(null, "");
    for (const [name, value] of Object.entries(values)) {
      knobs.get(name)?.show(value);
      refuse(name, "");
    }
  }

  /** @param {Record<string, any[]>} legal the values that each setting can take beside the others */
  function allow(legal) {
    for (const [name, values] of Object.entries(legal)) knobs.get(name)?.allow(values);
  }

  /** Say beside a control why its value was refused; an empty message takes it away.
   * @param {string|null} name @param {string} message */
  function refuse(name, message) {
    const knob = knobs.get(name ?? "");
    const where = knob ? part(`[data-refusal="${name}"]`, form) : part("[data-refusal='']", form);
    write(where, message);
    where.hidden = !message;
    form.classList.toggle("several", form.querySelectorAll(".refusal:not([hidden])").length > 1);
    for (const field of knob?.fields ?? []) field.setAttribute("aria-invalid", String(Boolean(message)));
    const hiding = message ? where.closest("[popover]") : null;
    if (hiding instanceof HTMLElement && getComputedStyle(hiding).display === "none") hiding.showPopover();
  }

  /** Name the arrays that come with the link, each with a button that does away with it. @param {string[]} arrays */
  function brought(arrays) {
    const where = part(".brought", form);
    where.hidden = arrays.length === 0;
    where.replaceChildren(
      ...arrays.map((name) => {
        const button = element("button", { type: "button", "data-drop": name, "aria-label": `${say("settings.drop")} ${name}` }, "×");
        button.addEventListener("click", () => drop(name));
        return element("span", {}, element("code", {}, name), ` ${say("settings.brought")} `, button);
      }),
    );
  }

  return { show, allow, refuse, brought };
}
