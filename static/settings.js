// @ts-check
// The form of the settings. The server wrote it and says which values are legal beside the others; this module keeps
// the ranges up to date, tells what was changed, and shows a refusal beside the control it is about.

import { element, part, write } from "./page.js";

/** @param {HTMLFormElement} form @param {(text: string) => string} say
 * @param {(name: string, value: string) => void} change called with a setting and its new value as a URL writes it
 * @param {(array: string) => void} drop called with an array that the link gives and the reader wants to be without */
export function settings(form, say, change, drop) {
  /** @type {Map<string, (HTMLInputElement|HTMLSelectElement)[]>} */ const controls = new Map();
  for (const control of form.querySelectorAll("[data-setting]")) {
    if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement)) continue;
    const name = /** @type {string} */ (control.dataset.setting);
    controls.set(name, [...(controls.get(name) ?? []), control]);
  }
  let waiting = 0;
  /** @type {Record<string, string>} */ let shown = {};

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

  /** A field that is left empty gets back what stands. @param {EventTarget|null} target */
  function restoreIfEmpty(target) {
    if (!(target instanceof HTMLInputElement) || target.value !== "") return;
    const name = target.dataset.setting ?? "";
    const values = (shown[name] ?? "").split(",");
    target.value = values[controls.get(name)?.indexOf(target) ?? 0] ?? values[0];
  }

  /** @param {EventTarget|null} target */
  function changed(target) {
    clearTimeout(waiting);
    if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
    const name = target.dataset.setting;
    const both = name ? controls.get(name) : undefined;
    if (!name || !both || target.value === "") return;
    // The second field of a pair follows the first until it has been given a value of its own.
    const follows = both.length === 2 && target === both[0] && !shown[name].includes(",");
    const values = follows ? [target.value] : both.map((control) => control.value);
    const value = values.length === 2 && values[0] === values[1] ? values[0] : values.join(",");
    if (value !== shown[name]) change(name, value);
  }

  /** @param {Record<string, any>} values of every setting, as the header gives them */
  function show(values) {
    shown = {};
    refuse(null, "");
    for (const [name, value] of Object.entries(values)) {
      shown[name] = [value].flat().join(",");
      const parts = [value].flat();
      controls.get(name)?.forEach((control, at) => (control.value = String(parts[at] ?? parts[0])));
      refuse(name, "");
    }
  }

  /** @param {Record<string, any[]>} legal the values that each setting can take beside the others */
  function allow(legal) {
    for (const [name, values] of Object.entries(legal)) {
      const both = controls.get(name) ?? [];
      const [height, width] = both.map((control) => control.value);
      both.forEach((control, at) => {
        const alone = both.length === 2 && shown[name]?.includes(",");
        const possible = values
          .filter((value) => (Array.isArray(value) ? alone || at === 1 : !alone || Number(value) === Number(at ? height : width)))
          .filter((value) => !Array.isArray(value) || String(value[1 - at]) === (at ? height : width))
          .map((value) => [value].flat()[Array.isArray(value) ? at : 0]);
        if (control instanceof HTMLSelectElement)
          for (const option of control.options) option.disabled = !possible.includes(option.value);
        else if (possible.length) {
          control.min = String(Math.min(...possible));
          control.max = String(Math.max(...possible));
        }
      });
    }
  }

  /** Say beside a control why its value was refused; an empty message takes it away.
   * @param {string|null} name @param {string} message */
  function refuse(name, message) {
    const both = controls.get(name ?? "") ?? [];
    const where = both.length ? part(`[data-refusal="${name}"]`, form) : part("[data-refusal='']", form);
    write(where, message);
    where.hidden = !message;
    for (const control of both) control.setAttribute("aria-invalid", String(Boolean(message)));
  }

  /** The size of the output as a formula with its numbers. @param {any[]} lines */
  function size(lines) {
    part(".formula", form).replaceChildren(
      ...lines.map(({ label, symbols, numbers, value }) =>
        element("div", {}, element("span", {}, `${say(label)}`), element("code", {}, `${symbols} = ${numbers} = `,
          element("b", {}, String(value)))), // prettier-ignore
      ),
    );
  }

  /** Name the arrays that come with the link, each with a button that does away with it. @param {string[]} arrays */
  function brought(arrays) {
    const where = part(".brought", form);
    where.hidden = arrays.length === 0;
    where.replaceChildren(
      ...arrays.map((name) => {
        const button = element("button", { type: "button", "aria-label": `${say("settings.drop")} ${name}` }, "×");
        button.addEventListener("click", () => drop(name));
        return element("span", {}, element("code", {}, name), ` ${say("settings.brought")} `, button);
      }),
    );
  }

  return { show, allow, refuse, size, brought };
}
