// @ts-check
// What a part of the page that comes late has beside its scripts: a style sheet, and words of its own.

import { element } from "./page.js";

/** Have a sheet come. Without it what it styles can be read all the same.
 * @param {string} name of a file beside a module @param {string} module its address @returns {Promise<unknown>} */
export function styled(name, module) {
  const sheet = element("link", { rel: "stylesheet", href: new URL(name, module).href });
  document.head.append(sheet);
  return new Promise((done) => (sheet.onload = sheet.onerror = done));
}

/** The words beside a module, in the language of the page. @param {string} module its address
 * @returns {Promise<Record<string, string>>} */
export async function worded(module) {
  const answer = await fetch(new URL(`${document.documentElement.lang.slice(0, 2)}.json`, module));
  if (!answer.ok) throw new Error("the words have not come");
  return answer.json();
}
