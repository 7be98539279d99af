// @ts-check
// The presets that a layer offers beside its settings: which of them is shown, if any. The server has written them;
// this knows links, and no setting by its name.

/** @param {ParentNode} form @param {Record<string, any>} values of every setting, as the header gives them
 * @param {boolean} isOwn whether it is a walk on arrays of one's own, of which what a preset says may not hold */
export function markPreset(form, values, isOwn) {
  const current = form.querySelector(".for-presets .current");
  if (current) current.textContent = "";
  for (const link of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("#presets a"))) {
    const settings = Object.entries(JSON.parse(link.dataset.settings ?? "{}"));
    const isSame = settings.every(([name, value]) => JSON.stringify(value) === JSON.stringify(values[name]));
    const isCurrent = isSame && !isOwn;
    if (isCurrent) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    if (isCurrent && current) current.textContent = ` · ${link.textContent}`;
  }
}
