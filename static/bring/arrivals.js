// @ts-check
// Files that are dropped anywhere on the page, and pictures that are pasted into it. While a file is over the page,
// where it will go is marked. A browser that is told nothing would leave the page for the file; what is dropped before
// this module is there, early.js holds. A part of the page that has a use of its own for files says in its data-drop
// what they will be, and hears of them by the event "files"; by the same event, those that are for the walk come back.

import { element, write } from "../page/page.js";

/** @typedef {{files: (files: File[], at: Element|null) => void, withheld: () => void, come: () => Promise<Over>}} Host
 *   come has what is needed come; withheld is called where a browser hands out nothing of a file */
/** @typedef {(at: Element|null, types: string[]) => string} Over what to say of the place that files are over, and of
 *   what types these are, as far as the browser tells */

/** @param {Host} host */
export function arrivals(host) {
  const mark = element("div", { class: "drop-mark", hidden: "" });
  let depth = 0; // elements that a file is over, one within the other

  const hasFiles = (/** @type {DragEvent} */ { dataTransfer }) => dataTransfer?.types.includes("Files") ?? false;
  // WebKitGTK withholds files, and tells of their addresses alone.
  const isLink = (/** @type {DragEvent} */ { dataTransfer, target }) =>
    Boolean(dataTransfer?.types.includes("text/uri-list")) && !under(target)?.closest("input, textarea");
  const isWithheld = (/** @type {DragEvent} */ event) =>
    !hasFiles(event) && /^file:/m.test(event.dataTransfer?.getData("text/uri-list") ?? "");
  const under = (/** @type {EventTarget|null} */ target) => (target instanceof Element ? target : null);
  const takerAt = (/** @type {Element|null} */ at) => at?.closest("[data-drop]") ?? null;

  /** @param {File[]} files @param {Element|null} at */
  function hand(files, at) {
    const taker = takerAt(at);
    if (taker) taker.dispatchEvent(new CustomEvent("files", { detail: files }));
    else host.files(files, at);
  }

  /** @param {Element|null} at @param {string[]} types */
  async function show(at, types) {
    const say = await host.come().catch(() => undefined);
    if (!depth || !say) return;
    const dialogs = [...document.querySelectorAll("dialog:modal")];
    const taker = takerAt(at);
    const over = taker ?? dialogs.at(-1) ?? document.querySelector("#stage");
    if (mark.parentElement !== over) over?.append(mark);
    write(mark, taker?.getAttribute("data-drop") ?? say(at, types));
    mark.hidden = false;
  }

  function leave() {
    depth = 0;
    mark.hidden = true;
  }

  document.addEventListener("files", (event) => host.files(/** @type {CustomEvent} */ (event).detail, null));
  document.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth++;
    const files = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === "file");
    void show(
      under(event.target),
      files.map(({ type }) => type),
    ); // which are told during the event alone
  });
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event) && !isLink(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  document.addEventListener("dragleave", (event) => {
    if (hasFiles(event) && --depth <= 0) leave();
  });
  document.addEventListener("drop", (event) => {
    leave();
    if (isWithheld(event)) {
      event.preventDefault(); // or it would leave the page for the file
      host.withheld();
    }
    if (!hasFiles(event)) return;
    event.preventDefault();
    hand([...(event.dataTransfer?.files ?? [])], under(event.target));
  });
  const early = /** @type {{convwalkHeld?: () => {files: File[], at: Element}|undefined}} */ (window);
  const held = early.convwalkHeld?.();
  delete early.convwalkHeld;
  if (held) queueMicrotask(() => host.files(held.files, held.at)); // once all of the sheet is there
  // Before the stage and the sheet, which paste text. A spreadsheet brings a picture of its cells besides:
  // its text is meant.
  document.addEventListener("paste", (event) => {
    const { files } = event.clipboardData ?? {};
    if (!files?.length || event.clipboardData?.getData("text/plain").trim()) return;
    event.preventDefault();
    event.stopPropagation();
    hand([...files], document.activeElement);
  }, true); // prettier-ignore
}
