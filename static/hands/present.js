// @ts-check
// The presenter view: large type, nothing but the stage and what is said of it, for the last row of a lecture hall. It
// knows how a page is shown, which its address says too, and nothing of what is shown.

import { element, part } from "../page/page.js";

const REST = 2500; // milliseconds without a hand on the mouse, after which the controls go

/** @param {Record<string, string>} asked how the page was asked for: the part of its query that is not of the walk
 * @param {(text: string) => string} say @param {(message: string) => void} note says something for a while
 * @param {() => boolean} isPinned whether Escape is for a cell
 * @param {(before: Record<string, string>) => void} turned called when the reader has turned the view on or off, with
 *   how the page was shown before */
export function presenter(asked, say, note, isPinned, turned) {
  const html = document.documentElement;
  const spotlight = element("div", { class: "spotlight", "aria-hidden": "true" });
  const curtain = element("div", { class: "curtain", hidden: "" });
  const is = () => html.classList.contains("presenting");
  let resting = 0; // the timer of the controls
  /** @type {WakeLockSentinel|undefined} */ let awake;

  document.body.append(spotlight, curtain);
  curtain.addEventListener("click", () => (curtain.hidden = true));

  // --- the view ---------------------------------------------------------------------------------------------------

  /** @param {boolean} on */
  function show(on) {
    if (on === is()) return;
    html.classList.toggle("presenting", on);
    if (!on) {
      light(false);
      curtain.hidden = true;
      for (const name of ["controls", "text"]) open(name, false);
    }
    // The button that was pressed is gone, and with it the focus.
    part(on ? "#stage" : "[data-does=present]").focus();
    attend();
  }

  function turn() {
    const before = view();
    show(!is());
    turned(before);
  }

  /** How the page is shown, for its address. */
  function view() {
    const { present, ...others } = asked;
    return is() ? { present: "1", ...others } : others;
  }

  /** The next smaller view: what lies over the stage goes first, then the full screen, then the presenter view. */
  function leave() {
    if (isPinned()) return;
    if (!curtain.hidden) curtain.hidden = true;
    else if (html.classList.contains("lit")) light(false);
    else if (document.fullscreenElement) void document.exitFullscreen();
    else if (is()) turn();
  }

  /** What presenting needs of the machine: a screen that stays on, and controls that go when nobody wants them. */
  function attend() {
    wake();
    void keepAwake();
  }

  async function keepAwake() {
    if (!is() || document.hidden) {
      await awake?.release();
      awake = undefined;
    } else if (!awake || awake.released) {
      // Not every browser has it, and one that saves its battery refuses.
      awake = await navigator.wakeLock?.request("screen").catch(() => undefined);
    }
  }

  async function fullscreen() {
    try {
      await (document.fullscreenElement ? document.exitFullscreen() : html.requestFullscreen());
    } catch {
      note(say("present.no-fullscreen"));
    }
  }

  /** Have the controls that lead elsewhere, or what there is to read, beside the stage. @param {string} name
   * @param {boolean} isOpen */
  function open(name, isOpen) {
    html.classList.toggle(`with-${name}`, isOpen);
    part(`.hands [data-does=${name}]`).setAttribute("aria-pressed", String(isOpen));
  }

  /** @param {string} name */
  const turnOpen = (name) => () => open(name, !html.classList.contains(`with-${name}`));

  // --- the controls, which rest -----------------------------------------------------------------------------------

  function wake() {
    clearTimeout(resting);
    html.classList.remove("resting");
    if (is()) resting = window.setTimeout(() => html.classList.add("resting"), REST);
  }

  /** @param {PointerEvent} event */
  function onPointer(event) {
    if (!is()) return;
    const lit = html.classList.contains("lit");
    // A spotlight is moved all the time: then the controls are where they were, at the foot of the page.
    if (!lit || event.type === "pointerdown" || event.clientY > innerHeight * 0.8) wake();
    spotlight.style.setProperty("--x", `${event.clientX}px`);
    spotlight.style.setProperty("--y", `${event.clientY}px`);
  }

  // --- the spotlight ----------------------------------------------------------------------------------------------

  /** @param {boolean} on */
  function light(on) {
    html.classList.toggle("lit", on);
    part(".hands [data-does=spotlight]").setAttribute("aria-pressed", String(on));
  }

  document.addEventListener("pointermove", onPointer);
  document.addEventListener("pointerdown", onPointer);
  // A clicker steps without showing the controls; who presses anything else, such as Tab, looks for them. The table of
  // the keys has had its turn when a key comes here.
  window.addEventListener("keydown", (event) => is() && !event.defaultPrevented && wake());
  document.addEventListener("visibilitychange", () => void keepAwake());
  document.addEventListener("fullscreenchange", () => {
    const isFull = document.fullscreenElement !== null;
    part(".hands [data-does=fullscreen]").setAttribute("aria-pressed", String(isFull));
  });
  if (is()) attend();

  return {
    is,
    view,
    /** The reader has gone back or forward. @param {Record<string, string>} view how the page is to be shown now */
    follow: (view) => show(view.present === "1"),
    actions: {
      present: turn,
      leave,
      fullscreen: () => void fullscreen(),
      blank: () => (curtain.hidden = !curtain.hidden),
      controls: turnOpen("controls"),
      text: turnOpen("text"),
      spotlight: () => light(!html.classList.contains("lit")),
    },
  };
}
