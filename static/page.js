// @ts-check
// Small words for making and finding parts of the page.

/** Make an element. @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, string>} attributes @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[K]} */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Find a part that the page surely has. @param {string} selector @param {ParentNode} [within] @returns {HTMLElement} */
export function part(selector, within = document) {
  const found = within.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`);
  return found;
}

/** Set an element's text, if it has another one. @param {HTMLElement} where @param {string} text */
export function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}
