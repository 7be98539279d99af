// @ts-check
// The words in a text that the glossary explains: each can be asked where it stands first. It knows the glossary, and
// not which texts there are.

import { explain } from "../page/explained.js";
import { element } from "../page/page.js";

/** As the page of words has it: the words by which texts mean a thing, and a sentence about it.
 * @typedef {{words: string[], text: string, leads?: string, see?: string}} Term
 *   - leads: to the walk that shows it, where that is the whole answer
 *   - see: what a link there says */

/** @param {Term[]} terms */
export function glossary(terms) {
  const texts = new Map(terms.flatMap((term) => term.words.map((word) => [word.toLowerCase(), term])));
  const longest = [...texts.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longest.map((word) => (/^\w/.test(word) ? `\\b${word}\\b` : word)).join("|"), "gi");

  /** A text in pieces, of which the words that are explained can be asked.
   * @param {string} text @param {Set<string>} [asked] the explanations that need not be given again
   * @returns {(HTMLElement|string)[]} */
  return function withTerms(text, asked = new Set()) {
    /** @type {(HTMLElement|string)[]} */ const pieces = [];
    let told = 0;
    for (const { 0: word, index } of texts.size ? text.matchAll(pattern) : []) {
      const found = texts.get(word.toLowerCase());
      if (!found || asked.has(found.text)) continue;
      asked.add(found.text);
      pieces.push(text.slice(told, index), term(word, found.text, found));
      told = index + word.length;
    }
    return [...pieces, text.slice(told)].filter((piece) => piece !== "");
  };
}

/** @param {string} word @param {string} explanation @param {{leads?: string, see?: string}} [more] */
export function term(word, explanation, { leads, see = "" } = {}) {
  const made = element("button", { type: "button", class: "term" }, word);
  const lang = new URLSearchParams(location.search).get("lang");
  const further = () => (leads ? [" ", element("a", { href: leads + (lang ? `?lang=${lang}` : "") }, see)] : []);
  explain(made, () => [...plainOrCode(explanation), ...further()]);
  return made;
}

/** A text with what stands between backticks as code. @param {string} text */
const plainOrCode = (text) => text.split("`").map((piece, at) => (at % 2 ? element("code", {}, piece) : piece));
