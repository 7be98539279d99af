// @ts-check
// Several controls that are one stop for Tab: the arrow keys lead from one to the next, Home and End to the ends.

/** @param {HTMLElement} root @param {string} selector of the controls, some of which may not be there yet
 * @returns {(control?: Element) => void} says which one Tab comes to from now on: without a name the first */
export function rove(root, selector) {
  const all = () => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
  const seen = () => all().filter((each) => each.checkVisibility());

  /** @param {Element} [control] */
  function settle(control = seen()[0]) {
    for (const each of all()) each.tabIndex = each === control ? 0 : -1;
  }

  root.addEventListener("focusin", ({ target }) => {
    if (target instanceof Element && target.matches(selector)) settle(target);
  });
  root.addEventListener("keydown", (event) => {
    const controls = seen();
    const at = controls.findIndex((each) => each === event.target);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { length } = controls;
    /** @type {Record<string, number>} */
    const ways = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: length - 1,
    };
    const to = ways[event.key];
    if (to === undefined) return;
    event.preventDefault();
    controls[(to + length) % length].focus();
  });
  settle();
  return settle;
}
