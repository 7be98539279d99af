// @ts-check
// An array that is named somewhere, in a text or in a formula, is lit wherever it is shown. Several may name one, or
// one several, at a time: it is lit as long as there is a reason. It knows who names what, and nothing of why.

/** @type {Map<unknown, string>} the array that each of those who name one names */ const named = new Map();
/** @type {Set<string>} */ let lit = new Set();

/** @param {unknown} who @param {string|undefined} array that it names from now on, if any */
export function light(who, array) {
  if (named.get(who) === array) return;
  if (array === undefined) named.delete(who);
  else named.set(who, array);
  relight();
}

/** What shows the arrays may have been built anew. */
export function relight() {
  const now = new Set(named.values());
  if (!now.size && !lit.size) return;
  lit = now;
  for (const place of document.querySelectorAll("#stage [data-array], [data-thumb], #formula [data-names]")) {
    const { array, thumb, names } = /** @type {HTMLElement} */ (place).dataset;
    place.classList.toggle("named", now.has(array ?? thumb ?? names ?? ""));
  }
}
