// @ts-check
// The links to what is on the screen, to be copied. It knows how a link is written on, and not how it is made. One
// that only this machine can follow gets the machine's address on its network, and says so.

import { copy } from "../page/clipboard.js";
import { element, part, tell, write } from "../page/page.js";

const OWN = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/; // hosts that mean the machine of whoever asks

/** @param {(text: string) => string} say
 * @param {(view: Record<string, string>) => string} addressOf this very step, shown in a way
 * @param {() => string} figure the address of its chapter as a figure
 * @param {{carried: () => string, file: () => Promise<Response>}} walk the names of arrays that no link has room for,
 *   and all of it as a file */
export function share(say, addressOf, figure, { carried, file }) {
  const root = part("#share");
  const said = part(".said", root);
  const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (part(`#${id}`, root));
  const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("[type=checkbox]"));

  const local = element("p", { class: "local", hidden: "" });
  root.prepend(local);
  let server = location.href; // where others find it

  /** The address in full. @param {Record<string, string>} view */
  const linkTo = (view) => new URL(addressOf(view), server).href;

  /** Say what becomes of a link that leads everybody to a machine of their own. */
  async function lookForOthers() {
    if (!OWN.test(location.hostname)) return;
    const answer = await fetch("/addresses").catch(() => undefined);
    if (!answer?.ok) return; // the links stand as they are
    const { urls, open } = await answer.json();
    const [address] = urls;
    server = address ?? location.href;
    const key = address ? "share.network" : open ? "network.none" : "share.closed";
    tell(local, say(key).replace("{host}", location.hostname).replace("{address}", new URL(server).host));
    fill();
  }

  function fill() {
    const arrays = carried();
    tell(part(".carried", root), arrays && say("share.carried").replace("{arrays}", arrays));
    part(".linked", root).hidden = Boolean(arrays);
    local.classList.toggle("aside", Boolean(arrays)); // it is about links
    const hidden = [...boxes].filter((box) => box.checked).map((box) => box.value);
    field("share-step").value = linkTo({});
    field("share-presenter").value = linkTo({ present: "1" });
    field("share-predict").value = linkTo({ predict: "1" });
    const view = { embed: "1", ...(hidden.length && { hide: hidden.join(",") }) };
    field("share-frame").value = frame(linkTo(view), document.title);
    part(".room", root).setAttribute("href", `/join${addressOf({})}`);
    part(".as-figure", root).setAttribute("href", figure());
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

  async function keep() {
    write(said, say("share.saving"));
    const late = await import("./saved.js").catch(() => undefined);
    write(said, late ? await late.saved(file, say) : say("share.unsaved"));
  }

  part(".save", root).addEventListener("click", () => void keep());
  root.addEventListener(
    "beforetoggle",
    (event) => /** @type {ToggleEvent} */ (event).newState === "open" && (fill(), lookForOthers()),
  );
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
