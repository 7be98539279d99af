// @ts-check
// Two presses in quick succession are for one button: the second is lost where another button lies there by now.

/** @param {HTMLElement} root */
export function holdDouble(root) {
  /** @type {Element|null} */ let first;
  root.addEventListener(
    "click",
    (event) => {
      const pressed = /** @type {Element} */ (event.target).closest("button");
      if (event.detail < 2)
        first = pressed; // a key has none
      else if (pressed !== first) event.stopPropagation();
    },
    true,
  );
}
