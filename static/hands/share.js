// @ts-check
// The links to what is on the screen, to be copied. It knows how a link is written on, and not how it is made. One
// that only this machine can follow gets the machine's address on its network, and says so.

import { copy } from "../page/clipboard.js";
import { element, part, tell, write } from "../page/page.js";

const OWN = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/; // hosts that mean the machine of whoever asks

/** @param {(text: string) => string} say
 * @param {(view: Record<string, string>) => string} addressOf this very step, shown in a way
 * @param {() => string} figure the address of its chapter as a figure */
export function share(say, addressOf, figure) {
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
    const hidden = [...boxes].filter((box) => box.checked).map((box) => box.value);
    field("share-step").value = linkTo({});
    field("share-presenter").value = linkTo({ present: "1" });
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
