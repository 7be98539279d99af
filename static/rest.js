// @ts-check
// Waits until a reader does nothing for a while: what takes the page a moment is done then, when nobody notices. It knows
// nothing of what is done.

const INPUTS = ["pointermove", "pointerdown", "keydown", "wheel", "touchmove", "scroll"];

/** Call once, as soon as nothing has stirred for so long. @param {number} milliseconds @param {() => void} then
 * @returns {{stir: () => void, now: () => void}} what tells of something that moves by itself, and what waits no longer */
export function whenAtRest(milliseconds, then) {
  const listening = new AbortController();
  let timer = 0;

  function stir() {
    if (listening.signal.aborted) return;
    clearTimeout(timer);
    timer = window.setTimeout(now, milliseconds);
  }

  function now() {
    if (listening.signal.aborted) return;
    clearTimeout(timer);
    listening.abort();
    then();
  }

  for (const input of INPUTS)
    window.addEventListener(input, stir, { capture: true, passive: true, signal: listening.signal });
  stir();
  return { stir, now };
}
