// @ts-check
// The form of the settings. The server wrote it and says which values are legal beside the others; this module keeps
// the ranges up to date, tells what was changed, and shows a refusal beside the control it is about.

import { asWritten, isBegun, isHopeless, numberOf, refusalOf, turned } from "../page/number.js";
import { attribute, element, part, write } from "../page/page.js";
import { spin } from "../page/spin.js";

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
    /** @type {string|undefined} */ this.asked = undefined; // the one that is on its way
    /** @type {Set<Field>} */ this.typing = new Set(); // fields whose text is not taken yet, and is the reader's
    /** @type {Map<Field, string>} */ this.amiss = new Map(); // those whose text was refused, and why
    this.saysTyped = false; // whether what is said beside it is about what was typed
    /** @type {(number[]|undefined)[]} */ this.possible = []; // for each field the numbers that it can be turned to
  }

  /** What the fields say, each as an address writes it, if that is a number. */
  texts() {
    return this.fields.map((field) => (isText(field) ? String(numberOf(field.value, isWhole(field)).value ?? "") : field.value));
  }

  /** The text of a field was taken, or is given up. @param {Field} field */
  mend(field) {
    this.typing.delete(field);
    this.amiss.delete(field);
  }

  /** Write a number into a field, unless its text is the reader's. @param {Field} field @param {string} text */
  put(field, text) {
    if (this.typing.has(field) || this.amiss.has(field)) return;
    if (isText(field)) attribute(field, { "aria-valuenow": text });
    if (!isText(field) || field !== document.activeElement) return void (field.value !== text && (field.value = text));
    // Whoever types on goes on from what they have typed: 1e0 is not put right below their hands.
    if (asWritten(field.value) !== text && String(numberOf(field.value).value) === text) return;
    const caret = field.selectionStart;
    if (field.value !== text) field.value = text;
    field.setSelectionRange(caret, caret);
  }

  /** A field gets back what stands. @param {Field} field */
  restore(field) {
    this.mend(field);
    const isNumber = !/[a-z]/.test(this.shown);
    if (isNumber) field.value = spread(this.shown.split(","), this.fields.length)[this.fields.indexOf(field)];
  }

  get isWord() {
    return this.mode !== null && this.mode.value !== "pair" && this.mode.value !== "sides";
  }

  /** What the fields say, as an address writes it. @param {string[]} parts */
  written(parts = this.texts()) {
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
    this.asked = undefined;
    const isWord = this.mode !== null && typeof value === "string";
    if (this.mode) {
      const four = [value].flat().length === 4 || (this.mode.value === "sides" && !isWord);
      this.mode.value = isWord ? value : four ? "sides" : "pair";
    }
    if (!isWord) spread(value, this.fields.length).forEach((part, at) => this.put(this.fields[at], String(part)));
    this.arrange();
  }

  /** Show the fields that the list asks for. */
  arrange() {
    this.fields.forEach((field, at) => {
      if (this.mode) attribute(field, { hidden: this.isWord || (this.mode.value === "pair" && at % 2 === 1) });
    });
  }

  /** @param {any[]} values that it can take beside the other settings */
  allow(values) {
    for (const option of this.mode?.options ?? [])
      attribute(option, { disabled: !["pair", "sides"].includes(option.value) && !values.includes(option.value) });
    const stands = spread(this.shown.split(","), this.fields.length);
    const now = this.texts().map((text, at) => Number(text || stands[at])); // where no number is typed, what stands counts
    const lists = values.filter((value) => !this.mode || typeof value !== "string").map((value) => spread(value, this.fields.length));
    this.fields.forEach((field, at) => {
      const turning = this.together(at);
      const possible = lists
        .filter((list) => list.every((part, other) => (turning.includes(other) ? part === list[at] : this.isWord || part === now[other])))
        .map((list) => list[at]);
      if (field instanceof HTMLSelectElement)
        for (const option of field.options) {
          const isOut = !possible.some((value) => String(value) === option.value);
          attribute(option, { disabled: isOut, hidden: isOut });
        }
      else if (possible.length) {
        const sorted = [...possible].sort((a, b) => a - b);
        this.possible[at] = isWhole(field) ? sorted : undefined;
        const [min, max] = [sorted[0], sorted[sorted.length - 1]].map(String);
        attribute(field, { min, max, "aria-valuemin": min, "aria-valuemax": max });
        // Where only every second value is legal, or every third, the arrows of the field go by as much.
        const steps = new Set(sorted.slice(1).map((value, k) => value - sorted[k]));
        if (field.step !== "any") attribute(field, { step: steps.size === 1 ? String([...steps][0]) : "1" });
      }
    });
  }
}

/** @param {Element} element @returns {element is Field} */
const isField = (element) => element instanceof HTMLInputElement || element instanceof HTMLSelectElement;

/** @param {Field} field @returns {field is HTMLInputElement} */
const isText = (field) => field instanceof HTMLInputElement;

/** @param {Field} field */
const isWhole = (field) => field.inputMode === "numeric";

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
  form.addEventListener("change", ({ target }) => {
    const knob = knobOf(target);
    // A field that is left empty gets back what stands.
    if (!knob || !isNumber(target) || target.value !== "" || knob.amiss.has(target)) return changed(target);
    knob.restore(target);
    tell(knob);
  });
  form.addEventListener("input", ({ target }) => {
    clearTimeout(waiting);
    const knob = knobOf(target);
    if (!knob || !isNumber(target)) return;
    knob.typing.add(target);
    knob.amiss.delete(target);
    if (isHopeless(target.value, isWhole(target))) return changed(target);
    tell(knob);
    // Typing is not finished at the first digit, nor behind a point.
    if (target.value !== "" && !isBegun(target.value)) waiting = window.setTimeout(() => changed(target), 400);
  });
  form.addEventListener("keydown", (event) => {
    const { target, key } = event;
    const knob = knobOf(target);
    if (!knob || !isNumber(target)) return;
    if (key === "Enter") changed(target), understood(knob, target);
    if (key !== "Escape" || !(knob.typing.has(target) || knob.amiss.has(target))) return;
    clearTimeout(waiting);
    knob.restore(target);
    tell(knob);
    event.preventDefault(); // what lies over the page stays
    event.stopPropagation();
  });
  form.addEventListener("focusout", ({ target }) => {
    const knob = knobOf(target);
    if (!knob || !isNumber(target)) return;
    if (knob.typing.has(target)) changed(target);
    understood(knob, target);
  });
  spin(form, (field, way) => {
    const knob = knobOf(field);
    if (!knob) return;
    const at = knob.fields.indexOf(field);
    const stands = spread(knob.shown.split(","), knob.fields.length)[at];
    const from = numberOf(field.value).value ?? Number(stands);
    const range = { values: knob.possible[at], low: Number(field.min), high: Number(field.max), isWhole: isWhole(field) };
    const next = turned(from, way, range);
    if (next === from && !knob.amiss.has(field)) return;
    field.value = String(next);
    changed(field);
  });

  /** @param {EventTarget|null} target @returns {Knob|undefined} */
  const knobOf = (target) =>
    target instanceof HTMLElement ? knobs.get(target.dataset.setting ?? target.dataset.mode ?? "") : undefined;
  /** @param {EventTarget|null} target @returns {target is HTMLInputElement} */
  const isNumber = (target) => target instanceof HTMLInputElement && target.dataset.setting !== undefined;

  /** Whoever is done with a field sees what was understood. @param {Knob} knob @param {HTMLInputElement} field */
  function understood(knob, field) {
    const { value } = numberOf(field.value, isWhole(field));
    if (value !== undefined && !knob.amiss.has(field) && field.value !== String(value)) field.value = String(value);
  }

  /** @param {EventTarget|null} target */
  function changed(target) {
    clearTimeout(waiting);
    const knob = knobOf(target);
    if (!knob || !(target instanceof Element) || !isField(target)) return;
    const wasRefused = part(`[data-refusal="${knob.name}"]`, form).textContent !== ""; // also what a link has asked for
    if (target === knob.mode) {
      for (const field of [...knob.typing, ...knob.amiss.keys()]) knob.restore(field);
      if (knob.mode.value === "pair") [1, 3].forEach((at) => (knob.fields[at].value = knob.fields[at - 1].value));
      knob.arrange();
    } else {
      const { value, reason } = isText(target) ? numberOf(target.value, isWhole(target)) : { value: target.value, reason: undefined };
      knob.mend(target);
      if (reason !== undefined) {
        knob.amiss.set(target, refusalOf(reason, target.value, say));
        return tell(knob);
      }
      for (const at of knob.together(knob.fields.indexOf(target))) {
        knob.mend(knob.fields[at]);
        knob.put(knob.fields[at], String(value));
      }
    }
    tell(knob);
    if (knob.amiss.size) return; // another field of it is no number
    const value = knob.written();
    if (value === (knob.asked ?? knob.shown) && !wasRefused) return;
    if (wasRefused) refuse(knob.name, "");
    knob.asked = value;
    change(knob.name, value);
  }

  /** Say beside a setting why what was typed is refused; or nothing, once it is mended. @param {Knob} knob */
  function tell(knob) {
    const [message = ""] = knob.amiss.values();
    if (message || knob.saysTyped) refuse(knob.name, "");
    knob.saysTyped = Boolean(message);
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
    const [typed = ""] = knob?.amiss.values() ?? []; // which stays until it is mended
    message ||= typed;
    const isNew = where.textContent !== message;
    write(where, message);
    if (isNew) {
      where.hidden = !message;
      form.classList.toggle("several", form.querySelectorAll(".refusal:not([hidden])").length > 1);
    }
    for (const field of knob?.fields ?? []) attribute(field, { "aria-invalid": String(typed ? knob?.amiss.has(field) : Boolean(message)) });
    const hiding = message && isNew ? where.closest("[popover]") : null;
    if (hiding instanceof HTMLElement && getComputedStyle(hiding).display === "none") hiding.showPopover();
  }

  /** Name the arrays that come with the link, each with a button that does away with it. @param {string[]} arrays */
  function brought(arrays) {
    const where = part(".brought", form);
    if (!arrays.length && where.hidden) return;
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
