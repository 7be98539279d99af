// @ts-check
// The links to what is on the screen, to be copied. It knows how a link is written on, and not how it is made.

import { copy } from "../page/clipboard.js";
import { part, write } from "../page/page.js";

/** @param {(text: string) => string} say
 * @param {(view: Record<string, string>) => string} addressOf this very step, shown in a way */
export function share(say, addressOf) {
  const root = part("#share");
  const said = part(".said", root);
  const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (part(`#${id}`, root));
  const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("[type=checkbox]"));

  /** The address in full. @param {Record<string, string>} view */
  const linkTo = (view) => new URL(addressOf(view), location.href).href;

  function fill() {
    const hidden = [...boxes].filter((box) => box.checked).map((box) => box.value);
    field("share-step").value = linkTo({});
    field("share-presenter").value = linkTo({ present: "1" });
    const view = { embed: "1", ...(hidden.length && { hide: hidden.join(",") }) };
    field("share-frame").value = frame(linkTo(view), document.title);
    part(".room", root).setAttribute("href", `/join${addressOf({})}`);
    write(said, "");
  }

  /** @param {string} id of the field with a link */
  async function take(id) {
    const from = field(id);
    from.select();
    try {
      await copy(from.value);
      write(said, say("share.done"));
    } catch {
      from.focus();
      write(said, say("share.by-hand"));
    }
  }

  root.addEventListener("beforetoggle", (event) => /** @type {ToggleEvent} */ (event).newState === "open" && fill());
  for (const box of boxes) box.addEventListener("change", fill);
  for (const button of root.querySelectorAll("[data-copies]"))
    button.addEventListener("click", () => void take(button.getAttribute("data-copies") ?? ""));
}

/** A page within a page. @param {string} link @param {string} title */
function frame(link, title) {
  const text = (/** @type {string} */ plain) => plain.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const shown = 'width="960" height="680" style="border:0" loading="lazy" allow="fullscreen"';
  return `<iframe src="${text(link)}" title="${text(title)}" ${shown}></iframe>`;
}
