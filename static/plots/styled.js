// @ts-check
// A style sheet that comes with the script that needs it.

import { element } from "../page/page.js";

/** Have a sheet come. Without it what it styles can be read all the same.
 * @param {string} name of a file beside a module @param {string} module its address @returns {Promise<unknown>} */
export function styled(name, module) {
  const sheet = element("link", { rel: "stylesheet", href: new URL(name, module).href });
  document.head.append(sheet);
  return new Promise((done) => (sheet.onload = sheet.onerror = done));
}
