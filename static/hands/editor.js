// @ts-check
// Changing a whole array: a dialog in which it stands as text, to be typed, pasted, filled or set to a known kernel. It
// tells live what it read. It knows texts and shapes; which sizes go together is the server's to say.

import { layouts } from "./layout.js";
import { Look, themeOf } from "../say/look.js";
import { address, FILLS, filled, fit, lines, parse, Unreadable, withKernel } from "../paste/matrix.js";
import { element, write } from "../page/page.js";
import { readings } from "./readings.js";

/** @typedef {import("../paste/matrix.js").Matrix} Matrix */
/** @typedef {import("../run/trace.js").NamedArray} NamedArray */
/** @typedef {{name: string, look: string, rows: number[][], divide: number}} Kernel */

/** @param {(text: string) => string} say
 * @param {{trace: () => import("../run/trace.js").Trace, change: import("./edit.js").Change,
 *  layoutUrl: (array: string, shape: number[], settings: Record<string, string>) => string, room: (array: string) => number}} walk */
export function editor(say, walk) {
  const title = element("h2", { id: "editor-title" });
  const text = element("textarea", { spellcheck: "false", autocapitalize: "off", wrap: "off", "aria-labelledby": "editor-title",
    "aria-describedby": "editor-help editor-read" }); // prettier-ignore
  const told = element("p", { class: "read", id: "editor-read", role: "status" });
  const choice = readings(say, (chosen) => (put(chosen), text.focus()));
  const refusal = element("p", { class: "said", role: "alert", hidden: "" });
  const fills = element("div", { class: "fills" });
  const parts = element("select", { id: "editor-part" });
  const presets = element("div", { class: "presets" });
  const look = element("p", { class: "look", role: "status" });
  const kernelParts = element("p", {}, element("label", { for: "editor-part" }, say("editor.part")), parts);
  const kernels = element("section", { class: "kernels" }, element("h3", {}, say("editor.kernels")), kernelParts, presets, look);
  const apply = element("button", { class: "apply" }, say("settings.apply"));
  const cancel = element("button", { type: "button" }, say("editor.cancel"));
  const layout = layouts(say, walk, { put: (next) => (put(next), toStart()), text: () => text.value, restore, judge: () => read() });
  const form = element("form", { method: "dialog" }, title,
    element("div", { class: "sheet" },
      element("div", { class: "typed" }, element("p", { id: "editor-help" }, say("editor.help")), text, told, choice.root, layout.root),
      element("div", { class: "offered" }, element("section", {}, element("h3", {}, say("editor.fill")), fills), kernels)),
    refusal, element("div", { class: "answers" }, apply, cancel)); // prettier-ignore
  const dialog = element("dialog", { class: "editor", "aria-labelledby": "editor-title" }, form);
  document.body.append(dialog);

  /** @type {NamedArray|undefined} */ let array; // the one that is edited
  /** @type {Matrix|undefined} */ let matrix; // what the text says, if it is an array
  let isAmiss = false; // whether it cannot be applied
  /** @type {Kernel[]|undefined} */ let known;

  /** @param {string} name of an array @param {string} [pasted] */
  function open(name, pasted) {
    array = walk.trace().byName.get(name);
    if (!array || dialog.open) return;
    title.replaceChildren(element("code", {}, name), ` ${say(array.label)}`);
    text.value = pasted ?? lines({ shape: array.shape, cells: [...array.start] });
    offerFills(array.shape.length > 1 && array.role !== "parameter");
    void offerKernels(array);
    layout.open(name);
    read();
    tell("");
    dialog.showModal();
    toStart();
  }

  /** @param {string} message why the array was refused */
  function tell(message) {
    write(refusal, message);
    refusal.hidden = !message;
  }

  /** Tell what the text says. @param {boolean} [typed] by hand, so that nothing can be put back */
  function read(typed = false) {
    if (!array) return;
    matrix = undefined;
    choice.offer([]);
    /** @type {Matrix|undefined} */ let plain;
    let said = "";
    try {
      plain = parse(text.value);
      matrix = fit(plain, array.shape);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      said = sentence(error);
      choice.offer(error.readings);
    }
    layout.consider(matrix ?? plain, typed);
    const shape = (matrix ?? plain)?.shape ?? [];
    const refused = layout.refusal();
    if (matrix) said = say(shape.join() === array.shape.join() ? "editor.same" : "editor.sizes");
    if (plain && refused) said = refused;
    isAmiss = !matrix || Boolean(refused);
    const sizes = shape.join("×");
    write(told, plain && (matrix || refused) && !said.includes(sizes) ? `${sizes} · ${said}` : said);
    told.classList.toggle("amiss", isAmiss);
    text.setAttribute("aria-invalid", String(isAmiss));
    apply.disabled = isAmiss;
  }

  /** @param {Unreadable} error */
  function sentence({ reason, values }) {
    const said = {
      nothing: () => say("editor.nothing"),
      brackets: () => say("editor.brackets"),
      dots: () => say("editor.dots"),
      word: () => say("editor.word"),
      empty: () => say("editor.empty"),
      ragged: () => say("editor.ragged"),
      maps: () => say("editor.maps"),
      axes: () => say("editor.axes"),
      cut: () => say("editor.cut"),
      dotted: () => say("editor.dotted"),
      names: () => say("editor.names"),
      several: () => say("editor.several"),
      doubt: () => say("editor.doubt"),
      comma: () => say("editor.comma"),
      call: () => say("editor.call"),
      hidden: () => say("editor.hidden"),
      size: () => say("editor.size"),
      shape: () => say("editor.shape"),
      order: () => say("editor.order"),
      comment: () => say("editor.comment"),
      some: () => say("editor.some"),
    }[reason]();
    return Object.entries(values).reduce((line, [name, value]) => line.replace(`{${name}}`, String(value)), said);
  }

  /** @param {Matrix} next */
  function put(next) {
    text.value = lines(next);
    tell("");
    read();
  }

  /** Put back what stood there. @param {string} old */
  function restore(old) {
    text.value = old;
    tell("");
    read();
    toStart();
  }

  function toStart() {
    text.focus();
    text.setSelectionRange(0, 0);
    text.scrollTo(0, 0);
  }

  /** @param {boolean} pictures whether those that show what a kernel does to a picture are offered too */
  function offerFills(pictures) {
    /** @type {[keyof typeof FILLS, string][]} */ const all = [
      ["zeros", say("editor.zeros")], ["ones", say("editor.ones")], ["ramp", say("editor.ramp")], ["random", say("editor.random")],
      ["edge", say("editor.edge")], ["dot", say("editor.dot")],
    ]; // prettier-ignore
    fills.replaceChildren(
      ...all.slice(0, pictures ? 6 : 4).map(([kind, name]) => {
        const button = element("button", { type: "button", "data-fill": kind }, name);
        button.addEventListener("click", () => array && put(filled(kind, (matrix ?? array).shape)));
        return button;
      }),
    );
  }

  /** Known kernels, for a parameter that has maps. @param {NamedArray} chosen */
  async function offerKernels(chosen) {
    const { name, shape } = chosen;
    kernels.hidden = true;
    if (chosen.role !== "parameter" || shape.length < 2) return;
    known ??= await fetch(new URL("./kernels.json", import.meta.url)).then((answer) => answer.json());
    if (array !== chosen || !known) return; // another array was opened meanwhile
    kernels.hidden = false;
    write(look, say("editor.look"));
    kernelParts.hidden = shape.length < 3 || shape[0] === 1;
    parts.replaceChildren(
      element("option", { value: "" }, say("editor.all")),
      ...Array.from({ length: shape.length < 3 ? 0 : shape[0] }, (_, at) => element("option", { value: String(at) }, `${name}[${at}]`)),
    );
    presets.replaceChildren(...known.map(preset));
  }

  /** @param {Kernel} kernel */
  function preset({ name, look: seen, rows, divide }) {
    const cells = rows.flat();
    const colours = new Look(themeOf(), Math.max(...cells.map(Math.abs)));
    const picture = element("span", { class: "kernel-cells", "aria-hidden": "true" });
    for (const cell of cells) picture.append(element("i")), (/** @type {HTMLElement} */ (picture.lastChild).style.background = colours.of(cell).fill);
    const button = element("button", { type: "button", "aria-pressed": "false" }, picture, say(name));
    button.addEventListener("click", () => {
      if (!array) return;
      const into = matrix ?? { shape: array.shape, cells: [...array.start] };
      const kernel = rows.map((row) => row.map((cell) => cell / divide));
      put(withKernel(into, kernel, parts.value === "" ? undefined : Number(parts.value)));
      for (const each of presets.children) each.setAttribute("aria-pressed", String(each === button));
      write(look, say(seen));
    });
    return button;
  }

  async function send() {
    if (!array || !matrix || isAmiss || form.inert) return;
    const { name } = array;
    tell("");
    form.inert = true;
    let refused = "";
    let isShown = false;
    try {
      isShown = await walk.change({ [name]: address(matrix), ...layout.settings() }, (_, message) => (refused = message));
    } finally {
      form.inert = false;
    }
    if (refused) {
      tell(refused);
      text.focus();
    } else if (isShown) {
      dialog.close();
      // The button that opened it went with the old run's panel; the new one's has the focus once it is drawn.
      requestAnimationFrame(() => {
        const button = document.querySelector(`[data-array="${name}"] .edit-array`);
        if (button instanceof HTMLElement) button.focus({ preventScroll: true });
      });
    }
  }

  text.addEventListener("input", () => {
    tell("");
    read(true);
    for (const each of presets.children) each.setAttribute("aria-pressed", "false");
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close()); // beside it
  return { open };
}
