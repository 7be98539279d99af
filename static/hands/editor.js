// @ts-check
// Changing a whole array: a dialog in which it stands as text, to be typed, pasted, filled or set to a known kernel.
// It tells live what it read, and where that is more than one thing, whoever pasted it chooses. It knows texts and
// shapes; which sizes go together is the server's to say.

import { brought } from "./brought.js";
import { isByMouse, openDialog } from "./focus.js";
import { kernels as knownKernels, weightsOf } from "./kernels.js";
import { layouts } from "./layout.js";
import { Look, themeOf } from "../say/look.js";
import { address, FILLS, filled, fit, lines, parse, Unreadable, withKernel } from "../paste/matrix.js";
import { button, element, tell, write } from "../page/page.js";
import { sentence } from "./unread.js";

/** @typedef {import("../paste/matrix.js").Matrix} Matrix */
/** @typedef {import("../run/trace.js").NamedArray} NamedArray */
/** @typedef {import("./kernels.js").Kernel} Kernel */

/** @param {(text: string) => string} say
 * @param {import("./brought.js").Walk & {room: (array: string) => number, most: (array: string) => number}} walk */
export function editor(say, walk) {
  const title = element("h2", { id: "editor-title" });
  const text = element("textarea", { spellcheck: "false", autocapitalize: "off", wrap: "off",
    "aria-labelledby": "editor-title", "aria-describedby": "editor-help editor-read" }); // prettier-ignore
  const told = element("p", { class: "read", id: "editor-read", role: "status" });
  const readings = element("div", { class: "fills readings", role: "group", "aria-label": say("editor.readings") });
  const refusal = element("p", { class: "said", role: "alert", hidden: "" });
  const fills = element("div", { class: "fills" });
  const parts = element("select", { id: "editor-part" });
  const presets = element("div", { class: "presets" });
  const look = element("p", { class: "look", role: "status" });
  const kernelParts = element("p", {}, element("label", { for: "editor-part" }, say("editor.part")), parts);
  const kernels = element("section", { class: "kernels" },
    element("h3", {}, say("editor.kernels")), kernelParts, presets, look); // prettier-ignore
  const apply = element("button", { class: "apply" }, say("settings.apply"));
  const cancel = button({}, () => dialog.close(), say("editor.cancel"));
  const layout = layouts(say, walk, {
    text: () => text.value,
    fill: (next) => (fill(next), toStart()),
    judge: () => read(),
  });
  const bring = brought(say, walk, {
    lay,
    array: () => (dialog.open ? array?.name : undefined),
    close: () => dialog.close(),
  });
  const form = element("form", { method: "dialog" }, title,
    element("div", { class: "sheet" },
      element("div", { class: "typed" },
        element("p", { id: "editor-help" }, say("editor.help")), text, told, readings, layout.root),
      element("div", { class: "offered" }, bring.row,
        element("section", {}, element("h3", {}, say("editor.fill")), fills), kernels)),
    refusal,
    element("div", { class: "answers" }, apply, cancel)); // prettier-ignore
  const dialog = element("dialog", { class: "editor", "aria-labelledby": "editor-title" }, form);
  document.body.append(dialog);

  /** @type {NamedArray|undefined} */ let array; // the one that is edited
  /** @type {Matrix|undefined} */ let matrix; // what the text says, if it is an array
  let isAmiss = false; // whether it cannot be applied
  let isFromMouse = false; // whether it was opened with the mouse, which leaves the keys to the walk

  /** @param {string} name of an array @param {string} [pasted] */
  function open(name, pasted) {
    array = walk.trace().byName.get(name);
    if (!array || dialog.open) return;
    title.replaceChildren(element("code", {}, name), ` ${say(array.label)}`);
    text.value = pasted ?? lines({ shape: array.shape, cells: [...array.start] });
    offerFills(array.shape.length > 1 && array.role !== "parameter");
    void offerKernels(array);
    bring.offer(array);
    layout.open(name);
    read();
    tell(refusal, "");
    isFromMouse = isByMouse();
    openDialog(dialog);
    toStart();
  }

  /** Offer what the text can mean, where that is more than one thing. @param {Unreadable["readings"]} all */
  function offerReadings(all) {
    readings.hidden = !all.length;
    const choose = (/** @type {Matrix} */ meant) => (put(meant), text.focus());
    readings.replaceChildren(...all.map(({ label, matrix }) => button({}, () => choose(matrix), label)));
  }

  /** Tell what the text says. @param {boolean} [typed] by hand, so that nothing can be put back */
  function read(typed = false) {
    if (!array) return;
    matrix = undefined;
    offerReadings([]);
    /** @type {Matrix|undefined} */ let plain;
    let said = "";
    try {
      plain = parse(text.value);
      matrix = fit(plain, array.shape);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      said = sentence(error, say);
      offerReadings(error.readings);
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

  const put = (/** @type {Matrix} */ next) => fill(lines(next));

  /** Lay a text before the reader; what stands there can be put back. @param {string} name @param {string} next */
  function lay(name, next) {
    if (!dialog.open) return open(name, next);
    layout.replace();
    fill(next);
    toStart();
  }

  /** @param {string} next */
  function fill(next) {
    text.value = next;
    tell(refusal, "");
    read();
  }

  function toStart() {
    text.focus();
    text.setSelectionRange(0, 0);
    text.scrollTo(0, 0);
  }

  /** @param {boolean} pictures whether those that show what a kernel does to a picture are offered too */
  function offerFills(pictures) {
    const kinds = /** @type {(keyof typeof FILLS)[]} */ (Object.keys(FILLS)).slice(0, pictures ? 6 : 4);
    fills.replaceChildren(
      ...kinds.map((kind) => {
        const act = () => array && put(filled(kind, (matrix ?? array).shape));
        return button({ "data-fill": kind }, act, say(`editor.${kind}`));
      }),
    );
  }

  /** Known kernels, for a parameter that has maps. @param {NamedArray} chosen */
  async function offerKernels(chosen) {
    const { name, shape } = chosen;
    kernels.hidden = true;
    if (chosen.role !== "parameter" || shape.length < 2) return;
    const known = await knownKernels();
    if (array !== chosen) return; // another array was opened meanwhile
    kernels.hidden = false;
    write(look, say("editor.look"));
    const count = shape.length < 3 ? 1 : shape[0];
    kernelParts.hidden = count === 1;
    const option = (/** @type {unknown} */ _, /** @type {number} */ at) => new Option(`${name}[${at}]`, String(at));
    parts.replaceChildren(new Option(say("editor.all"), ""), ...Array.from({ length: count }, option));
    presets.replaceChildren(...known.map(preset));
  }

  /** @param {Kernel} kernel */
  function preset(kernel) {
    const { name, look: seen, rows } = kernel;
    const cells = rows.flat();
    const colours = new Look(themeOf(), Math.max(...cells.map(Math.abs)));
    const picture = element("span", { class: "kernel-cells", "aria-hidden": "true" });
    for (const cell of cells) {
      const shown = element("i");
      shown.style.background = colours.of(cell).fill;
      picture.append(shown);
    }
    const chosen = button({ "aria-pressed": "false" }, take, picture, say(name));
    return chosen;

    function take() {
      if (!array) return;
      const into = matrix ?? { shape: array.shape, cells: [...array.start] };
      put(withKernel(into, weightsOf(kernel), parts.value === "" ? undefined : Number(parts.value)));
      for (const each of presets.children) each.setAttribute("aria-pressed", String(each === chosen));
      write(look, say(seen));
    }
  }

  async function send() {
    if (!array || !matrix || isAmiss || form.inert) return;
    const { name } = array;
    tell(refusal, "");
    form.inert = true;
    let refused = "";
    let isShown = false;
    try {
      const changes = { [name]: address(matrix), ...layout.settings() };
      isShown = await walk.change(changes, (_, message) => (refused = message));
    } finally {
      form.inert = false;
    }
    if (refused) {
      tell(refusal, refused);
      text.focus();
    } else if (isShown) {
      dialog.close();
      if (isFromMouse) return;
      // The button that opened it went with the old run's panel; the new one's has the focus once it is drawn.
      requestAnimationFrame(() => {
        const button = document.querySelector(`.edit-array[data-edits="${name}"]`);
        if (button instanceof HTMLElement) button.focus({ preventScroll: true });
      });
    }
  }

  text.addEventListener("input", () => {
    tell(refusal, "");
    read(true);
    for (const each of presets.children) each.setAttribute("aria-pressed", "false");
  });
  text.addEventListener("keydown", (event) => {
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && isCommand) void send();
    // The browser takes back what was typed alone.
    if (event.key === "z" && isCommand && !event.shiftKey && layout.restore()) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close()); // beside it
  return { open };
}
