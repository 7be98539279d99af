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
/** @typedef {(name: string, value: number[]|string) => Record<string, string>|undefined} SetBy what numbers or a word
 *   set by their name, as a link has it */
/** @typedef {{select: HTMLSelectElement, size: HTMLElement, matrix: Matrix|undefined, own: string,
 *   sets: Record<string, string>|undefined}} Row own is what it is compared with */

const COMPARED = "="; // no array has that name
const SET = ":"; // nor that

/** @param {(key: string) => string} say
 * @param {{takeAll: TakeAll, compare: (arrays: Map<string, Matrix>) => void, computed: () => string[],
 *   setBy: SetBy, cancel: () => void, show: (dialog: HTMLDialogElement) => void}} host
 *   - computed: the arrays that the walk computes
 *   - cancel: wait no longer for what is to be taken */
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
  /** @type {Row[]|undefined} those that are on their way */ let sent;

  /** @param {Named[]} arrays of a file @param {string[]} names of those that a reader may give */
  function open(arrays, names) {
    rows = [];
    list.replaceChildren(...arrays.map((each) => row(each, names)));
    rest();
    judge();
    if (!dialog.open) host.show(dialog);
  }

  /** @param {Named} array @param {string[]} names */
  function row({ name, matrix, refused }, names) {
    const called = element("code", {}, name);
    const isMeant = (/** @type {string} */ each) => each.toLowerCase() === name.toLowerCase();
    const value = matrix?.cells ?? refused?.word;
    const sets = value === undefined ? undefined : host.setBy(name, value);
    if (!matrix && !sets)
      return element("p", {}, called, element("span", { class: "told" }, refused ? sentence(refused, say) : ""));
    const own = (matrix && host.computed().find(isMeant)) ?? "";
    const compared = own ? [new Option(filled(say("bring.compare"), { name: own }), COMPARED)] : [];
    const set = sets ? [new Option(say("bring.set"), SET)] : [];
    const given = matrix ? names.map((each) => new Option(each)) : [];
    const select = element("select", {}, new Option(say("bring.nowhere"), ""), ...compared, ...set, ...given);
    select.value = given.map((each) => each.value).find(isMeant) ?? (own ? COMPARED : sets ? SET : "");
    select.addEventListener("change", judge);
    const shown = sets ? Object.values(sets).join(", ") : matrix?.shape.join("×");
    const size = element("span", {}, shown ?? "");
    rows.push({ select, size, matrix, own, sets });
    return element("label", {}, called, size, select);
  }

  /** What is to become of the arrays, by the names of those of the walk. */
  function chosen() {
    /** @type {[string, Matrix][]} */ const given = [];
    /** @type {[string, Matrix][]} */ const compared = [];
    /** @type {[string, string][]} */ const set = [];
    for (const { select, matrix, own, sets } of rows)
      if (select.value === SET) set.push(...Object.entries(sets ?? {}));
      else if (matrix && select.value === COMPARED) compared.push([own, matrix]);
      else if (matrix && select.value) given.push([select.value, matrix]);
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

  /** Nothing is on its way, or is waited for any longer. */
  function rest() {
    if (sent) host.cancel();
    sent = undefined;
    list.inert = moves.inert = false;
  }

  /** Walk with what is chosen. An answer that comes after the dialog was closed, or for another file, says nothing. */
  async function send() {
    if (sent || walk.disabled) return;
    const { given, compared, set } = chosen();
    const mine = (sent = rows);
    list.inert = moves.inert = true;
    const isOther = given.length || set.length;
    const settings = { ...Object.fromEntries(set), ...extra };
    /** @type {Awaited<ReturnType<TakeAll>>} */ let answer = { refused: "", moves: [] };
    try {
      if (isOther) answer = await host.takeAll(new Map(given), settings);
    } finally {
      if (sent === mine) [sent, list.inert, moves.inert] = [undefined, false, false];
    }
    if (rows !== mine) return;
    if (answer.refused === "") {
      dialog.close();
      if (compared.length) host.compare(new Map(compared));
    }
    tell(refusal, answer.refused ?? "");
    moves.replaceChildren(...answer.moves.map((move) => button({}, () => void make(move), move.label)));
    if (answer.refused) (moves.querySelector("button") ?? walk).focus();
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
  dialog.addEventListener("close", () => {
    rest();
    rows = [];
  });
  return { open, close: () => dialog.close() };
}
