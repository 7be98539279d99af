// @ts-check
// A layer that the one on the page is made of: where its functions run, it can be opened as a walk of its own, on the
// numbers that it has there. Which layers those are, and where their walks are, the server says.

import { attribute, element, write } from "../page/page.js";
import { filled } from "../say/describe.js";
import { ask } from "./carried.js";
import { lead as leadTo } from "./elsewhere.js";

/** @import { Frame } from "../board/stage.js" */
/** @import { Scene, Trace } from "../run/trace.js" */
/** @typedef {{layer: string, title: string, label: string, at_step: boolean, chapters: string[],
 *   arrays: string[]}} Inner
 *   - label: what the button says, if anything of its own: {name} in it is the setting of that name
 *   - at_step: whether it begins with the numbers of a step, and so is offered throughout its chapters
 *   - chapters: in which it runs
 *   - arrays: of the walk, that it has too */

/** @param {HTMLElement} root @param {(key: string) => string} say @param {Inner[]} all
 * @param {{algorithm: string, address: (opens: string, at: string, step: number) => string, longest: number,
 *   note: (message: string) => void}} walk
 *   - algorithm: that is walked: all of the layer, or one of its chapters by itself
 *   - address: where the server says what there is to open
 *   - longest: characters of an address */
export function opens(root, say, all, { algorithm, address, longest, note }) {
  const [lead, name] = [element("span", {}), element("b", {})];
  const button = element("button", { type: "button", title: say("opens.title") }, lead, " ", name);
  root.replaceChildren(button);
  /** @type {Trace} */ let trace;
  /** @type {Scene|undefined} */ let scene;
  /** @type {Inner|undefined} */ let inner;
  let moment = 0;

  const isScratch = (/** @type {string} */ array) => trace.byName.get(array)?.role === "scratch";

  /** The layer whose function runs: it has all the arrays of that. @param {Scene} scene */
  function running(scene) {
    const names = [algorithm, trace.chapters[trace.chapterOf(scene)].name];
    const used = scene.arrays.map(([, array]) => array).filter((array) => !isScratch(array));
    return all.find(
      ({ chapters, arrays, at_step: atStep }) =>
        names.some((name) => chapters.includes(name)) && (atStep || used.every((array) => arrays.includes(array))),
    );
  }

  async function open() {
    if (!inner || !scene) return;
    attribute(button, { "aria-busy": "true" });
    try {
      const response = await ask(address(inner.layer, inner.at_step ? "" : scene.source, inner.at_step ? moment : 0));
      const found = await response.json();
      if (!response.ok) return note(found.message);
      const query = new URLSearchParams({ ...found.settings, ...found.arrays });
      const lang = new URLSearchParams(location.search).get("lang");
      if (lang) query.set("lang", lang);
      const isThere = leadTo(found.path, query, Object.keys(found.arrays), longest, found.step ?? undefined);
      if (!isThere) note(say("opens.full"));
    } catch {
      note(say("opens.missing"));
    } finally {
      attribute(button, { "aria-busy": false });
    }
  }

  button.addEventListener("click", () => void open());
  return {
    /** @param {Trace} next */
    begin(next) {
      trace = next;
      scene = undefined;
    },
    /** @param {Frame} frame */
    draw(frame) {
      moment = frame.k;
      if (scene === frame.scene) return;
      scene = frame.scene;
      inner = running(scene);
      root.hidden = !inner;
      if (!inner) return;
      const { label } = inner;
      write(lead, label ? filled(() => label, label, trace.header.settings) : say("opens.layer"));
      write(name, inner.label ? "" : inner.title);
    },
    refresh() {},
  };
}
