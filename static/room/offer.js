// @ts-check
// What a teacher can ask at any moment: which number comes next, which cell, what else the walk offers, or a question
// of their own.

import { button, part, tell, write } from "../page/page.js";
import { nextCell, optionsOf } from "./asked.js";
import { inLanguage } from "./wording.js";

/** @import { Offer } from "../predict/offered.js" */
/** @import { WalkIn } from "./main.js" */
/** @import { Right } from "./asking.js" */

export const OPTIONS = [2, 5]; // fewest and most

/** @param {(key: string) => string} say @param {string} lang @param {WalkIn} walk
 * @param {(question: import("./asking.js").Asked, right: Right) => Promise<void>} asked */
export function offers(say, lang, walk, asked) {
  const form = /** @type {HTMLFormElement} */ (part("#ask"));
  const [value, place] = [".next-value", ".next-place"].map(
    (each) => /** @type {HTMLButtonElement} */ (part(each, form)),
  );
  const [more, amiss] = [part(".offered", form), part(".amiss", form)];
  /** @type {import("./asked.js").Next|undefined} */ let next;

  form.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open") void Promise.all([offer(), offerMore()]);
  });

  /** What can be asked at this moment. */
  async function offer() {
    const here = walk.where();
    next = here && nextCell(await walk.page().cells(), here.step);
    const { array = "", place: index = [] } = next ?? {};
    const cell = `${array}[${index.join(", ")}]`;
    for (const each of [value, place]) each.disabled = !next;
    write(value, next ? say("room.next-value").replace("{cell}", () => cell) : say("room.next-none"));
    write(place, next ? say("room.next-place").replace("{array}", () => array) : say("room.next-none"));
  }

  /** What else the steps that come next give to ask. */
  async function offerMore() {
    const here = walk.where();
    more.replaceChildren();
    const found = here ? /** @type {Offer[]} */ (await walk.page().offered(here.step)) : [];
    if (walk.where()?.step !== here?.step) return; // the walk has gone on
    more.replaceChildren(
      ...found.map(({ asks, question, truth, stop }) =>
        button({ "data-asks": asks }, () => ask(question, { truth, stop }), inLanguage(question.text, lang)),
      ),
    );
  }

  /** @param {import("./asking.js").Asked} question @param {Right} right */
  function ask(question, right) {
    form.hidePopover();
    void asked(question, right);
  }

  value.addEventListener("click", async () => {
    await offer(); // the walk may have gone on meanwhile
    if (!next) return;
    const { array, place, first, stop } = next;
    const step = Math.max(first, walk.where()?.step ?? 0);
    ask({ kind: "value", array, cell: place, step }, { array, place, stop });
  });
  place.addEventListener("click", async () => {
    await offer();
    if (!next) return;
    const { array, place, first, stop } = next;
    ask({ kind: "place", array, step: first }, { truth: [place], stop });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const own = ownQuestion(form);
    tell(amiss, own.amiss ? say(own.amiss).replace("{count}", () => String(own.options.length)) : "");
    if (!own.amiss) ask({ kind: "free", text: own.text, options: own.options }, { truth: own.truth });
  });
}

/** A question of one's own as its fields have it, and what is amiss with it. @param {HTMLElement} fields */
export function ownQuestion(fields) {
  const [text, lines] = [".text", ".options"].map(
    (each) => /** @type {HTMLInputElement} */ (part(each, fields)).value,
  );
  const { options, truth } = optionsOf(lines);
  const isFew = options.length < OPTIONS[0] || options.length > OPTIONS[1];
  return { text: text.trim(), options, truth, amiss: !text.trim() ? "room.own.empty" : isFew ? "room.own.few" : "" };
}
