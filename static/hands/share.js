// @ts-check
// The links to what is on the screen, to be copied. It knows how a link is written on, and not how it is made.

import { part, write } from "../page/page.js";

/** @param {(text: string) => string} say
 * @param {(view: Record<string, string>) => string} addressOf this very step, shown in a way */
export function share(say, addressOf) {
  const root = part("#share");
  const said = part(".said", root);
  const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (part(`#share-${id}`, root));
  const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("[type=checkbox]"));

  /** The address in full. @param {Record<string, string>} view */
  const linkTo = (view) => new URL(addressOf(view), location.href).href;

  function fill() {
    const hidden = [...boxes].filter((box) => box.checked).map((box) => box.value);
    field("step").value = linkTo({});
    field("presenter").value = linkTo({ present: "1" });
    field("frame").value = frame(linkTo({ embed: "1", ...(hidden.length && { hide: hidden.join(",") }) }), document.title);
    part(".room", root).setAttribute("href", `/join${addressOf({})}`);
    write(said, "");
  }

  /** @param {HTMLInputElement} from */
  async function copy(from) {
    from.select();
    try {
      await navigator.clipboard.writeText(from.value); // there is none where a page comes by plain http from elsewhere
      write(said, say("share.done"));
    } catch {
      from.focus();
      write(said, say("share.by-hand"));
    }
  }

  root.addEventListener("beforetoggle", (event) => /** @type {ToggleEvent} */ (event).newState === "open" && fill());
  for (const box of boxes) box.addEventListener("change", fill);
  for (const button of root.querySelectorAll("[data-copies]"))
    button.addEventListener("click", () => {
      void copy(/** @type {HTMLInputElement} */ (part(`#${button.getAttribute("data-copies")}`, root)));
    });
}

/** A page within a page. @param {string} link @param {string} title */
function frame(link, title) {
  const text = (/** @type {string} */ plain) => plain.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<iframe src="${text(link)}" title="${text(title)}" width="960" height="680" style="border:0" loading="lazy" allow="fullscreen"></iframe>`;
}
