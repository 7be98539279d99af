// @ts-check
// The dialog in which the arrays of a file are handed out to those of the walk: a name that both have stays, and what
// the walk computes is compared with that.

import { button, element, tell, write } from "../page/page.js";
import { filled, sentence } from "./refused.js";

/** @typedef {import("./npy.js").Matrix} Matrix */
/** @typedef {import("./npz.js").Named} Named */
/** @typedef {{select: HTMLSelectElement, matrix: Matrix, own: string}} Row own is what it is compared with */

const COMPARED = "="; // no array has that name

/** @param {(key: string) => string} say
 * @param {{takeAll: (arrays: Map<string, Matrix>) => Promise<string|undefined>,
 *   compare: (arrays: Map<string, Matrix>) => void, computed: () => string[],
 *   show: (dialog: HTMLDialogElement) => void}} host
 *   computed: the arrays that the walk computes */
export function handing(say, host) {
  const list = element("div", { class: "handed" });
  const refusal = element("p", { class: "said", role: "alert", hidden: "" });
  const walk = element("button", { class: "apply" }, say("bring.walk.all"));
  const cancel = button({}, () => dialog.close(), say("bring.cancel"));
  const form = element("form", { method: "dialog" }, element("h2", { id: "handing-title" }, say("bring.title.arrays")),
    list, refusal, element("p", { class: "private" }, say("bring.private.file")),
    element("div", { class: "answers" }, walk, cancel)); // prettier-ignore
  const dialog = element("dialog", { class: "editor bring handing", "aria-labelledby": "handing-title" }, form);
  document.body.append(dialog);

  /** @type {Row[]} */ let rows = [];

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
    const compared = own ? [new Option(filled(say("bring.compare"), { name: own }), COMPARED)] : [];
    const given = names.map((each) => new Option(each));
    const select = element("select", {}, new Option(say("bring.nowhere"), ""), ...compared, ...given);
    select.value = names.find(isMeant) ?? (own && COMPARED);
    select.addEventListener("change", judge);
    rows.push({ select, matrix, own });
    return element("label", {}, called, element("span", {}, matrix.shape.join("×")), select);
  }

  /** What is to become of the arrays, by the names of those of the walk. */
  function chosen() {
    /** @type {[string, Matrix][]} */ const given = [];
    /** @type {[string, Matrix][]} */ const compared = [];
    for (const { select, matrix, own } of rows)
      if (select.value === COMPARED) compared.push([own, matrix]);
      else if (select.value) given.push([select.value, matrix]);
    return { given, compared };
  }

  function judge() {
    const { given, compared } = chosen();
    const names = given.map(([name]) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    tell(refusal, twice ? filled(say("bring.twice"), { name: twice }) : "");
    walk.disabled = !(given.length || compared.length) || Boolean(twice);
    write(walk, say(!compared.length ? "bring.walk.all" : given.length ? "bring.walk.compare" : "bring.compare.all"));
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.inert || walk.disabled) return;
    const { given, compared } = chosen();
    form.inert = true;
    /** @type {string|undefined} */ let refused = "";
    try {
      if (given.length) refused = await host.takeAll(new Map(given));
    } finally {
      form.inert = false;
    }
    if (refused === "") {
      dialog.close();
      if (compared.length) host.compare(new Map(compared));
    }
    tell(refusal, refused ?? "");
  });
  return { open, close: () => dialog.close() };
}
