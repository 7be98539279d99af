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

/** Make a button. @param {Record<string, string>} attributes @param {() => void} act when it is pressed
 * @param {...(Node|string)} children */
export function button(attributes, act, ...children) {
  const made = element("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", act);
  return made;
}

/** Find a part that the page surely has.
 * @param {string} selector @param {ParentNode} [within] @returns {HTMLElement} */
export function part(selector, within = document) {
  const found = within.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`);
  return found;
}

/** Set an element's text, if it has another one. @param {HTMLElement} where @param {string} text */
export function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/** Say something in a place of its own, which is there as long as there is something to say.
 * @param {HTMLElement} where @param {string} message */
export function tell(where, message) {
  write(where, message);
  where.hidden = !message;
}

/** Give an element attributes, where it has others; one that is false is taken away.
 * @param {Element} where @param {Record<string, string|boolean>} attributes */
export function attribute(where, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const wanted = value === true ? "" : value;
    if (where.getAttribute(name) === (wanted === false ? null : wanted)) continue;
    if (wanted === false) where.removeAttribute(name);
    else where.setAttribute(name, wanted);
  }
}

/** Do what is not of the picture once it stands. @param {() => void} work */
export const afterPicture = (work) => void requestAnimationFrame(() => setTimeout(work));

/** Until the picture stands, or for a moment: of a page that nobody sees none is made. @returns {Promise<void>} */
export const pictured = () =>
  new Promise((done) => {
    const latest = setTimeout(done, 100);
    afterPicture(() => (clearTimeout(latest), done()));
  });

/** Whether something lies over the page that Escape closes: a dialog, a menu. */
export const isOverlaid = () => document.querySelector("dialog:modal, :popover-open") !== null;

/** Keep what has the focus in mind while the part of the page around it is built anew.
 * @returns {() => void} gives the focus, if it was lost, to the same element, to its successor, which is of the same
 *   kind and bears the same data, or else to what stood around it */
export function holdFocus() {
  const held = document.activeElement;
  if (!(held instanceof HTMLElement) || held === document.body) return () => {};
  /** @type {HTMLElement[]} */ const around = [];
  for (let each = held.parentElement; each && each !== document.body; each = each.parentElement) around.push(each);
  return () => {
    if (document.activeElement !== document.body) return;
    const root = around.find((each) => each.isConnected && each.checkVisibility());
    if (!root) return;
    const [key, value] = Object.entries(held.dataset)[0] ?? [];
    const alike = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(held.localName)]);
    const successor = held.isConnected ? held : key && alike.find((each) => each.dataset[key] === value);
    if (!successor && !root.hasAttribute("tabindex")) root.tabIndex = -1;
    (successor || root).focus({ preventScroll: true });
  };
}
