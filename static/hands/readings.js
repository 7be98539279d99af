// @ts-check
// Buttons for what a text can mean, where that is more than one thing: whoever pasted it chooses. It knows no text.

import { element } from "../page/page.js";

/** @typedef {import("../paste/unreadable.js").Reading} Reading */

/** @param {(text: string) => string} say @param {(matrix: import("../paste/unreadable.js").Matrix) => void} choose */
export function readings(say, choose) {
  const root = element("div", { class: "fills readings", role: "group", "aria-label": say("editor.readings"), hidden: "" });

  /** @param {Reading[]} all */
  function offer(all) {
    root.hidden = !all.length;
    root.replaceChildren(
      ...all.map(({ label, matrix }) => {
        const button = element("button", { type: "button" }, label);
        button.addEventListener("click", () => choose(matrix));
        return button;
      }),
    );
  }

  return { root, offer };
}
