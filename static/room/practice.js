// @ts-check
// A link with which somebody goes through a walk of a lesson alone, and is asked where the lesson asks. It knows
// lessons, and no page.

/** @import { Item, Lesson } from "./lesson.js" */

const ASKED = ["value", "place"]; // what a walk can ask by itself

/** @param {Item} item */
const walkOf = ({ walk: { layer, algorithm, query } }) => `/${layer}/${algorithm}?${query}`;

/** The address for the walk of an item; "" where the lesson asks nothing in it. @param {Lesson} lesson
 * @param {number} at */
export function practiceOf({ items }, at) {
  const here = items.filter((item) => walkOf(item) === walkOf(items[at]));
  const asked = here.filter(({ question }) => question && ASKED.includes(question.kind));
  const steps = [...new Set(asked.map(({ step }) => step))].sort((one, other) => one - other);
  if (!steps.length) return "";
  const query = new URLSearchParams(items[at].walk.query);
  query.set("predict", ["at", ...steps].join("-"));
  return `/${items[at].walk.layer}/${items[at].walk.algorithm}?${query}#${Math.min(...here.map(({ step }) => step))}`;
}
