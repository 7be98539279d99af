// @ts-check
// The question of an item, to be put in other words: its text, and where it has them its answers and which of them are
// right. It knows one item, and nothing of the lesson around it.

import { attribute, part, tell, write } from "../page/page.js";
import { optionsOf } from "./asked.js";
import { withLanguage } from "./lesson.js";
import { OPTIONS } from "./offer.js";
import { inLanguage, textOf } from "./wording.js";

/** @import { Item, LessonQuestion } from "./lesson.js" */
/** @import { Say } from "./wording.js" */

/** @param {HTMLElement} root @param {Say} say @param {string} lang
 * @param {(act: (item: Item) => void) => void} change the item where the class is
 * @returns {(item: Item, at: number) => void} shows an item */
export function edited(root, say, lang, change) {
  const [head, odd] = [part("legend", root), part(".odd", root)];
  const text = /** @type {HTMLInputElement} */ (part(".asks", root));
  const lines = /** @type {HTMLTextAreaElement} */ (part(".offers", root));

  /** @param {(question: LessonQuestion) => void} act */
  const changeQuestion = (act) => change(({ question }) => question && act(question));

  text.addEventListener("input", () =>
    changeQuestion((question) => {
      const told = withLanguage(question.text, lang, text.value.trim());
      if (!told && question.options) return tell(odd, say("room.own.empty"));
      tell(odd, "");
      if (told) question.text = told;
      else delete question.text;
    }),
  );
  lines.addEventListener("input", () => {
    const { options, truth } = optionsOf(lines.value);
    const isAmiss = options.length < OPTIONS[0] || options.length > OPTIONS[1];
    tell(odd, isAmiss ? say("room.own.few").replace("{count}", () => String(options.length)) : "");
    if (isAmiss) return; // what was there stays until it makes sense
    changeQuestion((question) => {
      question.options = options.map((said, at) => withLanguage(question.options?.[at], lang, said) ?? said);
      question.right = truth;
    });
  });
  part(".unask", root).addEventListener("click", () => change((item) => void delete item.question));

  return ({ question }, at) => {
    root.hidden = !question;
    if (!question) return;
    write(
      head,
      say("room.lesson.of.question").replace("{number}", () => String(at + 1)),
    );
    const usual = textOf({ ...question, text: undefined }, say, lang);
    attribute(text, {
      placeholder: question.options ? false : say("room.lesson.as-usual").replace("{question}", () => usual),
    });
    const { options, right = [] } = question;
    // A square of numbers has lines of its own, and cannot be told from several answers.
    const isPlain = options?.every((one) => !inLanguage(one, lang).includes("\n")) ?? false;
    /** @type {HTMLElement} */ (lines.parentElement).hidden = !isPlain;
    if (document.activeElement !== text) text.value = inLanguage(question.text, lang);
    if (document.activeElement !== lines)
      lines.value = (options ?? [])
        .map((one, nth) => (right.includes(nth) ? "* " : "") + inLanguage(one, lang))
        .join("\n");
    if (![text, lines].includes(/** @type {any} */ (document.activeElement))) tell(odd, "");
  };
}
