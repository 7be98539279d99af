// @ts-check
// The dialog in which the arrays of a file are handed out to those of the walk. A name that both have is kept.

import { button, element, tell, write } from "../page/page.js";
import { filled, sentence } from "./refused.js";

/** @typedef {import("./npy.js").Matrix} Matrix */
/** @typedef {import("./npz.js").Named} Named */

/** @param {(key: string) => string} say
 * @param {{takeAll: (arrays: Map<string, Matrix>) => Promise<string|undefined>,
 *   show: (dialog: HTMLDialogElement) => void}} host */
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

  /** @type {{select: HTMLSelectElement, matrix: Matrix}[]} */ let rows = [];

  /** @param {Named[]} arrays of a file @param {string[]} names of those that a reader may give */
  function open(arrays, names) {
    rows = [];
    list.replaceChildren(...arrays.map((each) => row(each, names)));
    judge();
    host.show(dialog);
  }

  /** @param {Named} array @param {string[]} names */
  function row({ name, matrix, refused }, names) {
    const called = element("code", {}, name);
    if (!matrix)
      return element("p", {}, called, element("span", { class: "told" }, refused ? sentence(refused, say) : ""));
    const select = element(
      "select",
      {},
      new Option(say("bring.nowhere"), ""),
      ...names.map((each) => new Option(each)),
    );
    select.value = names.find((each) => each.toLowerCase() === name.toLowerCase()) ?? "";
    select.addEventListener("change", judge);
    rows.push({ select, matrix });
    return element("label", {}, called, element("span", {}, matrix.shape.join("×")), select);
  }

  function judge() {
    const chosen = rows.map(({ select }) => select.value).filter(Boolean);
    const twice = chosen.find((name, at) => chosen.indexOf(name) !== at);
    tell(refusal, twice ? filled(say("bring.twice"), { name: twice }) : "");
    walk.disabled = !chosen.length || Boolean(twice);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.inert || walk.disabled) return;
    const chosen = rows.filter(({ select }) => select.value);
    form.inert = true;
    let refused;
    try {
      refused = await host.takeAll(new Map(chosen.map(({ select, matrix }) => [select.value, matrix])));
    } finally {
      form.inert = false;
    }
    if (refused === "") dialog.close();
    else if (refused) write(refusal, refused);
    refusal.hidden = !refused;
  });
  return { open };
}
