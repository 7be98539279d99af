// @ts-check
// The dialog in which the arrays of a file are handed out to those of the walk: a name that both have stays, what the
// walk computes is compared with that, and a number with the name of a setting sets it. What does not fit as it is can
// be made to.

import { button, element, tell, write } from "../page/page.js";
import { filled, sentence } from "./refused.js";

/** @typedef {import("./npy.js").Matrix} Matrix */
/** @typedef {import("./npz.js").Named} Named */
/** @typedef {{name: string, label: string, matrix: Matrix, settings: Record<string, string>}} Move an array as it
 *   would fit, and settings that go with it */
/** @typedef {(arrays: Map<string, Matrix>, settings: Record<string, string>) =>
 *   Promise<{refused: string|undefined, moves: Move[]}>} TakeAll says why not, with nothing to say where something
 *   else has come in between, and what would make it fit */
/** @typedef {{select: HTMLSelectElement, size: HTMLElement, matrix: Matrix, own: string, setting: string}} Row own is
 *   what it is compared with, setting what it sets */

const COMPARED = "="; // no array has that name
const SET = ":"; // nor that
const NUMBERS = 4; // of a setting, at most

/** @param {(key: string) => string} say
 * @param {{takeAll: TakeAll, compare: (arrays: Map<string, Matrix>) => void, computed: () => string[],
 *   settings: () => string[], show: (dialog: HTMLDialogElement) => void}} host
 *   - computed: the arrays that the walk computes
 *   - settings: by their names */
export function handing(say, host) {
  const list = element("div", { class: "handed" });
  const refusal = element("p", { class: "said", role: "alert", hidden: "" });
  const moves = element("div", { class: "moves" });
  const walk = element("button", { class: "apply" }, say("bring.walk.all"));
  const cancel = button({}, () => dialog.close(), say("bring.cancel"));
  const form = element("form", { method: "dialog" }, element("h2", { id: "handing-title" }, say("bring.title.arrays")),
    list, refusal, moves, element("p", { class: "private" }, say("bring.private.file")),
    element("div", { class: "answers" }, walk, cancel)); // prettier-ignore
  const dialog = element("dialog", { class: "editor bring handing", "aria-labelledby": "handing-title" }, form);
  document.body.append(dialog);

  /** @type {Row[]} */ let rows = [];
  /** @type {Record<string, string>} */ let extra = {}; // settings that go with what was made to fit

  /** @param {Named[]} arrays of a file @param {string[]} names of those that a reader may give */
  function open(arrays, names) {
    rows = [];
    list.replaceChildren(...arrays.map((each) => row(each, names)));
    judge();
    if (!dialog.open) host.show(dialog);
  }

  /** @param {Named} array @param {string[]} names */
  function row({ name, matrix, refused }, names) {
    const called = element("code", {}, name);
    if (!matrix)
      return element("p", {}, called, element("span", { class: "told" }, refused ? sentence(refused, say) : ""));
    const isMeant = (/** @type {string} */ each) => each.toLowerCase() === name.toLowerCase();
    const own = host.computed().find(isMeant) ?? "";
    const setting = (matrix.cells.length <= NUMBERS && host.settings().find(isMeant)) || "";
    const compared = own ? [new Option(filled(say("bring.compare"), { name: own }), COMPARED)] : [];
    const sets = setting ? [new Option(say("bring.set"), SET)] : [];
    const given = names.map((each) => new Option(each));
    const select = element("select", {}, new Option(say("bring.nowhere"), ""), ...compared, ...sets, ...given);
    select.value = names.find(isMeant) ?? (own ? COMPARED : setting && SET);
    select.addEventListener("change", judge);
    const size = element("span", {}, setting ? matrix.cells.join(", ") : matrix.shape.join("×"));
    rows.push({ select, size, matrix, own, setting });
    return element("label", {}, called, size, select);
  }

  /** What is to become of the arrays, by the names of those of the walk. */
  function chosen() {
    /** @type {[string, Matrix][]} */ const given = [];
    /** @type {[string, Matrix][]} */ const compared = [];
    /** @type {[string, string][]} */ const set = [];
    for (const { select, matrix, own, setting } of rows)
      if (select.value === COMPARED) compared.push([own, matrix]);
      else if (select.value === SET) set.push([setting, matrix.cells.join()]);
      else if (select.value) given.push([select.value, matrix]);
    return { given, compared, set };
  }

  function judge() {
    const { given, compared, set } = chosen();
    const names = [...given, ...set].map(([name]) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    tell(refusal, twice ? filled(say("bring.twice"), { name: twice }) : "");
    extra = {};
    moves.replaceChildren();
    walk.disabled = !(names.length || compared.length) || Boolean(twice);
    write(walk, say(!compared.length ? "bring.walk.all" : names.length ? "bring.walk.compare" : "bring.compare.all"));
  }

  async function send() {
    if (form.inert || walk.disabled) return;
    const { given, compared, set } = chosen();
    form.inert = true;
    /** @type {Awaited<ReturnType<TakeAll>>} */ let answer = { refused: "", moves: [] };
    try {
      const isOther = given.length || set.length;
      if (isOther) answer = await host.takeAll(new Map(given), { ...Object.fromEntries(set), ...extra });
    } finally {
      form.inert = false;
    }
    if (answer.refused === "") {
      dialog.close();
      if (compared.length) host.compare(new Map(compared));
    }
    tell(refusal, answer.refused ?? "");
    moves.replaceChildren(...answer.moves.map((move) => button({}, () => void make(move), move.label)));
  }

  /** Have an array fit, and walk. @param {Move} move */
  function make({ name, matrix, settings }) {
    const row = rows.find(({ select }) => select.value === name);
    if (!row) return;
    row.matrix = matrix;
    write(row.size, matrix.shape.join("×"));
    extra = { ...extra, ...settings };
    return send();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  return { open, close: () => dialog.close() };
}
