// @ts-check
// The form of the settings. The server wrote it and says which values are legal beside the others; this module keeps
// the ranges up to date, tells what was changed, and shows a refusal beside the control it is about.

import { asWritten, isBegun, isHopeless, numberOf, refusalOf, turned } from "../page/number.js";
import { attribute, button, element, part, tell } from "../page/page.js";
import { explain } from "../page/explained.js";
import { spin } from "../page/spin.js";
import { toTheStage } from "./focus.js";
import { markPreset } from "./presets.js";

/** @typedef {HTMLInputElement|HTMLSelectElement} Field */

/** One setting of the form: its fields, and the list beside them that says how several numbers stand together, or
 * puts a word in their place. */
class Knob {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.name = root.dataset.knob ?? "";
    this.heldBy = ""; // the arrays that set it
    this.refusal = part(".refusal", root);
    /** @type {Field[]} */ this.fields = [...root.querySelectorAll("[data-setting]")].filter(isField);
    this.mode = /** @type {HTMLSelectElement|null} */ (root.querySelector("[data-mode]"));
    this.isAside = root.closest("[popover]") !== null; // it waits behind the button
    this.shown = ""; // the value that stands, as an address writes it
    /** @type {string|undefined} */ this.asked = undefined; // the one that is on its way
    /** @type {Set<Field>} */ this.typing = new Set(); // fields whose text is not taken yet, and is the reader's
    /** @type {Map<Field, string>} */ this.amiss = new Map(); // those whose text was refused, and why
    this.saysTyped = false; // whether what is said beside it is about what was typed
    /** @type {(number[]|undefined)[]} */ this.possible = []; // for each field the numbers that it can be turned to
  }

  /** The value that stands, one part for each field. */
  get stands() {
    return spread(this.shown.split(","), this.fields.length);
  }

  /** What the fields say, each as an address writes it, if that is a number. */
  texts() {
    return this.fields.map((field) => (isText(field) ? String(numberIn(field).value ?? "") : field.value));
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
    if (!/[a-z]/.test(this.shown)) field.value = this.stands[this.fields.indexOf(field)];
  }

  get isWord() {
    return this.mode !== null && this.mode.value !== "pair" && this.mode.value !== "sides";
  }

  /** What the fields say, as an address writes it. */
  written() {
    if (this.isWord) return this.mode?.value ?? "";
    const parts = this.texts();
    const [top, bottom, left, right] = parts;
    if (new Set(parts).size === 1) return top;
    return parts.length === 4 && top === bottom && left === right ? `${top},${left}` : parts.join(",");
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
    const parts = [value].flat();
    this.shown = parts.join(",");
    this.asked = undefined;
    const isWord = this.mode !== null && typeof value === "string";
    const isFour = parts.length === 4 || this.mode?.value === "sides";
    if (this.mode) this.mode.value = isWord ? value : isFour ? "sides" : "pair";
    if (!isWord) this.stands.forEach((part, at) => this.put(this.fields[at], part));
    this.arrange();
  }

  /** Its value is set by arrays, or is free again. @param {string[]} arrays @param {() => HTMLElement} note says so */
  hold(arrays, note) {
    if (this.heldBy === arrays.join()) return;
    this.heldBy = arrays.join();
    const isHeld = arrays.length > 0;
    for (const field of [...this.fields, ...(this.mode ? [this.mode] : [])]) field.disabled = isHeld;
    this.root.classList.toggle("is-held", isHeld);
    const row = part(".fields", this.root);
    row.querySelector(".held")?.remove();
    if (isHeld) row.append(note());
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
    const { stands, fields } = this;
    // Where no number is typed, what stands counts.
    const now = this.texts().map((text, at) => Number(text || stands[at]));
    const numbers = values.filter((value) => !this.mode || typeof value !== "string");
    const lists = numbers.map((value) => spread(value, fields.length));
    fields.forEach((field, at) => {
      const turning = this.together(at);
      const isFree = this.isWord; // the other numbers of the setting do not stand
      const fits = (/** @type {any} */ part, /** @type {number} */ other, /** @type {any[]} */ list) =>
        turning.includes(other) ? part === list[at] : isFree || part === now[other];
      const possible = lists.filter((list) => list.every(fits)).map((list) => list[at]);
      if (!isText(field))
        for (const option of field.options) {
          const isOut = !possible.map(String).includes(option.value);
          attribute(option, { disabled: isOut, hidden: isOut });
        }
      else if (possible.length) {
        const sorted = possible.sort((a, b) => a - b);
        this.possible[at] = isWhole(field) ? sorted : undefined;
        attribute(field, { "aria-valuemin": String(sorted[0]), "aria-valuemax": String(sorted.at(-1)) });
      }
    });
  }
}

/** @param {Element} element @returns {element is Field} */
const isField = (element) => element instanceof HTMLInputElement || element instanceof HTMLSelectElement;

/** @param {Field} field @returns {field is HTMLInputElement} */
const isText = (field) => field instanceof HTMLInputElement;

/** @param {HTMLInputElement} field */
const isWhole = (field) => field.inputMode === "numeric";

/** @param {HTMLInputElement} field */
const numberIn = (field) => numberOf(field.value, isWhole(field));

/** The numbers of a setting, one for each field. @param {any} value @param {number} count @returns {any[]} */
function spread(value, count) {
  const parts = [value].flat();
  return parts.flatMap((part) => Array(count / parts.length).fill(part));
}

/** @param {HTMLFormElement} form @param {(text: string) => string} say
 * @param {Record<string, any>} defaults the value of each setting that nobody has set
 * @param {(changes: Record<string, string>) => void} change called with a setting and its new value as a URL writes
 *   it, or with an empty value for an array that the link gives and the reader wants to be without */
export function settings(form, say, defaults, change) {
  const roots = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-knob]"));
  const knobs = new Map([...roots].map((root) => [root.dataset.knob ?? "", new Knob(root)]));
  let waiting = 0;

  for (const word of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-explanation]")))
    explain(word, () => [word.dataset.explanation ?? ""]);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    const knob = knobOf(target);
    // A field that is left empty gets back what stands.
    if (!knob || !isNumber(target) || target.value !== "" || knob.amiss.has(target)) return changed(target);
    knob.restore(target);
    tellTyped(knob);
  });
  form.addEventListener("input", ({ target }) => {
    clearTimeout(waiting);
    const knob = knobOf(target);
    if (!knob || !isNumber(target)) return;
    knob.typing.add(target);
    knob.amiss.delete(target);
    if (isHopeless(target.value, isWhole(target))) return changed(target);
    tellTyped(knob);
    // Typing is not finished at the first digit, nor behind a point.
    if (target.value !== "" && !isBegun(target.value)) waiting = window.setTimeout(() => changed(target), 400);
  });
  form.addEventListener("keydown", (event) => {
    const { target, key } = event;
    const knob = knobOf(target);
    if (!knob || !isNumber(target)) return;
    if (key === "Enter") {
      changed(target);
      understood(knob, target);
      if (!knob.amiss.has(target)) toTheStage();
    }
    if (key !== "Escape" || !(knob.typing.has(target) || knob.amiss.has(target))) return;
    clearTimeout(waiting);
    knob.restore(target);
    tellTyped(knob);
    toTheStage();
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
    const from = numberOf(field.value).value ?? Number(knob.stands[at]);
    const [low, high] = [field.ariaValueMin, field.ariaValueMax].map(Number);
    const next = turned(from, way, { values: knob.possible[at], low, high, isWhole: isWhole(field) });
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
    const { value } = numberIn(field);
    if (value !== undefined && !knob.amiss.has(field) && field.value !== String(value)) field.value = String(value);
  }

  /** @param {EventTarget|null} target */
  function changed(target) {
    clearTimeout(waiting);
    const knob = knobOf(target);
    if (!knob || !(target instanceof Element) || !isField(target)) return;
    const wasRefused = knob.refusal.textContent !== ""; // also what a link has asked for
    if (target === knob.mode) {
      for (const field of [...knob.typing, ...knob.amiss.keys()]) knob.restore(field);
      if (knob.mode.value === "pair") [1, 3].forEach((at) => (knob.fields[at].value = knob.fields[at - 1].value));
      knob.arrange();
    } else {
      const { value, reason } = isText(target) ? numberIn(target) : { value: target.value, reason: undefined };
      knob.mend(target);
      if (reason !== undefined) {
        knob.amiss.set(target, refusalOf(reason, target.value, say));
        return tellTyped(knob);
      }
      for (const at of knob.together(knob.fields.indexOf(target))) {
        knob.mend(knob.fields[at]);
        knob.put(knob.fields[at], String(value));
      }
    }
    tellTyped(knob);
    if (knob.amiss.size) return; // another field of it is no number
    const value = knob.written();
    if (value === (knob.asked ?? knob.shown) && !wasRefused) return;
    if (wasRefused) refuse(knob.name, "");
    knob.asked = value;
    change({ [knob.name]: value });
  }

  /** Say beside a setting why what was typed is refused; or nothing, once it is mended. @param {Knob} knob */
  function tellTyped(knob) {
    if (knob.amiss.size || knob.saysTyped) refuse(knob.name, "");
    knob.saysTyped = knob.amiss.size > 0;
  }

  /** @param {Record<string, any>} values of every setting, as the header gives them
   * @param {boolean} isOwn whether they are of a walk on arrays of one's own */
  function show(values, isOwn) {
    refuse(null, "");
    for (const [name, value] of Object.entries(values)) {
      knobs.get(name)?.show(value);
      refuse(name, "");
    }
    const others = [...knobs.values()].filter(({ isAside }) => isAside);
    const changed = others.filter(({ name, shown }) => shown !== [defaults[name]].flat().join(",")).length;
    const count = form.querySelector(".more-button .changed");
    if (count) count.textContent = changed ? say("settings.changed").replace("{count}", String(changed)) : "";
    markPreset(form, values, isOwn);
  }

  /** Say how large the output is. What holds for the height and the width alike is said once.
   * @param {{label: string, symbols: string, numbers: string, value: number}[]} sizes */
  function measure(sizes) {
    /** @type {Map<string, typeof sizes>} */ const alike = new Map();
    for (const each of sizes) {
      const key = `${each.numbers} ${each.value}`;
      alike.set(key, [...(alike.get(key) ?? []), each]);
    }
    part(".sizes", form).replaceChildren(
      ...[...alike.values()].map((lines) => {
        const [{ numbers, value }] = lines;
        const both = lines.map(({ label }) => label).join(", ");
        const label = say(both) === both ? lines.map(({ label }) => say(label)).join(", ") : say(both);
        const code = element("code", {}, `${numbers} = `, element("b", {}, String(value)));
        const title = lines.map(({ label, symbols }) => `${say(label)}: ${symbols}`).join("\n");
        return element("div", { title }, element("span", {}, label), code);
      }),
    );
  }

  /** @param {Record<string, any[]>} legal the values that each setting can take beside the others */
  function allow(legal) {
    for (const [name, values] of Object.entries(legal)) knobs.get(name)?.allow(values);
  }

  /** Say beside a control why its value was refused; an empty message takes it away.
   * @param {string|null} name @param {string} message @returns {HTMLElement} where it is said */
  function refuse(name, message) {
    const knob = knobs.get(name ?? "");
    const where = knob?.refusal ?? part('[data-refusal=""]', form);
    const [typed = ""] = knob?.amiss.values() ?? []; // which stays until it is mended
    message ||= typed;
    for (const field of knob?.fields ?? [])
      attribute(field, { "aria-invalid": String(typed ? knob?.amiss.has(field) : Boolean(message)) });
    if (where.textContent === message) return where;
    tell(where, message);
    form.classList.toggle("several", form.querySelectorAll(".refusal:not([hidden])").length > 1);
    const hiding = message ? where.closest("[popover]") : null;
    if (hiding instanceof HTMLElement && getComputedStyle(hiding).display === "none") hiding.showPopover();
    return where;
  }

  /** Say at each control which given arrays hold it, with a button that lets each go; and beside the button that they
   * wait behind, where they all do. @param {Record<string, string[]>} held the settings that each array holds */
  function hold(held) {
    const arrays = Object.keys(held);
    for (const knob of knobs.values()) {
      const holding = arrays.filter((array) => held[array].includes(knob.name));
      knob.hold(holding, () => chips("settings.held", holding));
    }
    const hidden = arrays.filter((array) => held[array].every((name) => knobs.get(name)?.isAside));
    const where = part(".brought", form);
    if (!hidden.length && where.hidden) return;
    where.hidden = hidden.length === 0;
    where.replaceChildren(...(hidden.length ? [chips("settings.brought", hidden)] : []));
  }

  /** @param {string} key of what is said of some arrays @param {string[]} arrays */
  function chips(key, arrays) {
    const each = arrays.map((array) => {
      const about = {
        "data-drop": array,
        "aria-label": `${say("settings.drop")} ${array}`,
        title: say("settings.let-go"),
      };
      return button(about, () => change({ [array]: "" }), element("code", {}, array), " ×");
    });
    return element("span", { class: "held" }, say(key), ...each);
  }

  return { show, allow, refuse, hold, measure };
}
