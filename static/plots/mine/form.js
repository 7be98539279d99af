// @ts-check
// Where a reader types or pastes an array of their own. It tells live what it read, and where that is more than one
// thing, they choose. Which shapes fit is the server's to say.

import { button, element, write } from "../../page/page.js";
import { filled } from "../../say/describe.js";
import { opener } from "./file.js";
import { fit, lines, parse, Unreadable } from "../../paste/matrix.js";

/** @import { Matrix } from "../../paste/unreadable.js" */
/** @import { NamedArray } from "../../run/trace.js" */
/** @import { Say } from "../../say/describe.js" */

/** @param {Say} say @param {string[]} brings arrays of the walk that a reader may give
 * @param {{take: (matrix: Matrix) => void, takeAll: (arrays: Map<string, Matrix>) => string,
 *   files: (files: File[]) => void, leave: () => void, forget: () => void}} hand take is called with what was read,
 *   takeAll with the arrays of a file: it says why none is taken; files with those that are chosen; leave when the
 *   reader has thought better of it, forget to compare no longer */
export function form(say, brings, { take, takeAll, files, leave, forget }) {
  const label = element("label", { for: "mine-text" });
  const help = element("p", { id: "mine-help" });
  const beside = element("p", { id: "mine-beside" }, filled(say, "mine.beside", { names: brings.join(", ") }));
  const text = element("textarea", { id: "mine-text", spellcheck: "false", autocapitalize: "off", wrap: "off",
    "aria-describedby": "mine-help mine-beside mine-read" }); // prettier-ignore
  const told = element("p", { class: "read", id: "mine-read", role: "status" });
  const readings = element("div", { class: "readings", role: "group", "aria-label": say("editor.readings") });
  const send = element("button", { class: "apply" }, say("mine.compare"));
  const away = button({ class: "away" }, forget, say("mine.forget"));
  const answers = element(
    "div",
    { class: "acts" },
    away,
    ...opener(say, files),
    button({}, leave, say("editor.cancel")),
    send,
  );
  const root = element("form", { class: "types", hidden: "" }, label, help, beside, text, told, readings, answers);
  /** @type {NamedArray|undefined} */ let array;
  /** @type {Matrix|undefined} */ let matrix; // what the text says

  /** @param {NamedArray} next @param {Matrix} [own] what is held of it already */
  function open(next, own) {
    if (own?.shape.length) text.value = lines(own);
    else if (array?.name !== next.name) text.value = "";
    array = next;
    write(label, filled(say, "mine.label", { name: next.name }));
    write(help, filled(say, "mine.help", { shape: next.shape.join("×") }));
    root.hidden = false;
    away.hidden = !own;
    read();
    text.focus({ preventScroll: true });
    text.select();
  }

  function read() {
    matrix = undefined;
    readings.replaceChildren();
    let said = "";
    try {
      if (text.value.trim()) matrix = fitted(parse(text.value, true));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      said = filled(say, `editor.${error.reason}`, error.values);
      readings.replaceChildren(...error.readings.map(({ label, matrix }) => button({}, () => choose(matrix), label)));
    }
    const isAmiss = Boolean(said);
    let isOther = false;
    if (matrix && array) {
      const [shape, wanted] = [matrix.shape.join("×"), array.shape.join("×")];
      isOther = shape.replace(/^(1×)+/, "") !== wanted.replace(/^(1×)+/, ""); // a batch of one is its only example
      said = filled(say, shape === wanted ? "mine.fits" : "mine.other", { shape, wanted, name: array.name });
    }
    write(told, said);
    told.classList.toggle("amiss", isAmiss);
    text.setAttribute("aria-invalid", String(isAmiss));
    send.disabled = !matrix;
    write(send, say(isOther ? "mine.why" : "mine.compare")); // the server knows what such a shape may be
  }

  /** Take what files say; a text is seen first where it may not be what is meant.
   * @param {import("./file.js").Opened} opened */
  function fill({ text: found, arrays, refusal }) {
    if (found !== undefined) {
      text.value = found;
      read();
      if (matrix && matrix.shape.join() === array?.shape.join()) take(matrix);
      return;
    }
    const refused = refusal ?? takeAll(arrays ?? new Map());
    write(told, refused);
    told.classList.toggle("amiss", Boolean(refused));
  }

  /** What has fewer axes than the array is shared out as that is. @param {Matrix} plain */
  function fitted(plain) {
    if (!array || plain.shape.length >= array.shape.length) return plain;
    return fit(plain, array.shape);
  }

  /** @param {Matrix} meant */
  function choose(meant) {
    text.value = lines(meant);
    read();
    text.focus();
  }

  text.addEventListener("input", read);
  root.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey } = event;
    if (key === "Enter" && (ctrlKey || metaKey)) root.requestSubmit();
    if (key !== "Escape" || event.target !== text) return;
    event.preventDefault();
    event.stopPropagation(); // what is pinned stays
    leave();
  });
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    if (matrix) take(matrix);
  });
  return { root, open, fill };
}
