// @ts-check
// The page inside another page: it goes to a step when it is told to, and tells which step it shows.
//
//   frame.contentWindow.postMessage({ convwalk: "seek", step: 12 }, "*")
//   window.addEventListener("message", ({ data }) => data.convwalk === "step" && show(data.step, data.steps))

const PAUSE = 100; // milliseconds between two messages

/** @param {(step: unknown) => void} seek called with the step that the page around this one asks for
 * @param {() => string} address of an ordinary page that shows this very step */
export function embedded(seek, address) {
  const isFramed = window.parent !== window;
  const whole = /** @type {HTMLAnchorElement|null} */ (document.querySelector("a.whole"));
  let told = "";
  let waiting = 0;
  /** @type {{convwalk: "step", step: number, steps: number}|undefined} */ let latest;

  window.addEventListener("message", ({ source, data }) => {
    if (source === window.parent && data?.convwalk === "seek") seek(data.step);
  });
  // However a link is followed or copied, one of these comes before.
  for (const kind of ["pointerenter", "pointerdown", "focus"])
    whole?.addEventListener(kind, () => whole.setAttribute("href", address()));

  function report() {
    waiting = 0;
    const message = JSON.stringify(latest);
    if (message === told) return;
    told = message;
    window.parent.postMessage(latest, "*"); // the number of a step is no secret
    waiting = window.setTimeout(report, PAUSE);
  }

  return {
    /** @param {{k: number}} frame @param {number} steps */
    draw({ k }, steps) {
      if (!isFramed) return;
      latest = { convwalk: "step", step: k, steps };
      if (!waiting) report();
    },
  };
}
