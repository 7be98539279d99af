// @ts-check
// The surface on which a picture is drawn, with finger, mouse or pen, or cell by cell with the keyboard.

import { button, element, write } from "../page/page.js";
import { paint } from "./paint.js";
import { filled } from "./refused.js";
import { inked, THICK } from "./strokes.js";

/** @typedef {import("./strokes.js").Act} Act */
/** @typedef {import("./strokes.js").Stroke} Stroke */

const ERASER = 32; // among the buttons of a pen: its other end

/** @param {(key: string) => string} say @param {() => void} changed */
export function sketch(say, changed) {
  const canvas = element("canvas", {});
  const cursor = element("i", { class: "cursor", hidden: "" });
  const surface = element("div", { class: "surface", tabindex: "0", role: "application",
    "aria-label": say("bring.surface"), "aria-describedby": "bring-keys" }, canvas, cursor); // prettier-ignore
  const told = element("p", { class: "spoken", role: "status" });
  const tools = ["pen", "eraser"].map((tool) =>
    button({ "aria-pressed": String(tool === "pen") }, () => choose(tool === "eraser"), say(`bring.${tool}`)),
  );
  const back = button({ class: "back" }, undo, say("bring.undo"));
  const clear = button({ class: "clear" }, () => (act("clear"), surface.focus()), say("bring.clear"));
  const root = element("div", { class: "sketch" }, surface,
    element("div", { class: "tools", role: "group", "aria-label": say("bring.tools") }, ...tools, back, clear),
    element("p", { class: "keys", id: "bring-keys" }, say("bring.hands"), " ",
      element("span", { class: "by-keys" }, say("bring.keys"))), told); // prettier-ignore

  /** @type {Act[]} */ let acts = [];
  let erases = false;
  let size = 28;
  let thick = THICK;
  let [row, column] = [0, 0]; // of the keyboard's cell
  /** @type {Stroke|undefined} */ let stroke; // that is being drawn

  const isEmpty = () => !cells().includes(1);
  const cells = () => inked(acts, size, thick);

  /** @param {Act} next */
  function act(next) {
    if (next === "clear" && isEmpty()) return;
    acts.push(next);
    show();
  }

  function undo() {
    acts.pop();
    show();
    if (!acts.length) surface.focus(); // the button that had it can do no more
  }

  /** @param {boolean} next */
  function choose(next) {
    erases = next;
    tools.forEach((tool, at) => tool.setAttribute("aria-pressed", String(Boolean(at) === erases)));
  }

  function show() {
    const now = cells();
    paint(canvas, { shape: [size, size], cells: now }, 0, 1);
    back.disabled = !acts.length;
    clear.disabled = !now.includes(1);
    Object.assign(cursor.style, { left: `${(100 * column) / size}%`, top: `${(100 * row) / size}%`,
      width: `${100 / size}%`, height: `${100 / size}%` }); // prettier-ignore
    surface.style.setProperty("--cells", String(size));
    changed();
  }

  /** @param {PointerEvent} event @returns {[number, number]} */
  function placeOf({ clientX, clientY }) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  }

  surface.addEventListener("pointerdown", (event) => {
    if (event.button > 0 && !(event.buttons & ERASER)) return;
    surface.setPointerCapture(event.pointerId);
    cursor.hidden = true;
    stroke = { erases: erases || Boolean(event.buttons & ERASER), points: [placeOf(event)] };
    act(stroke);
  });
  surface.addEventListener("pointermove", (event) => {
    if (!stroke) return;
    const [last] = stroke.points.slice(-1);
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) stroke.points.push(placeOf(each));
    if (last) show();
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    surface.addEventListener(end, () => (stroke = undefined));

  // Else a swift stroke counts as a swing of the page, which swallows the next tap.
  surface.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });

  surface.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z") return (event.preventDefault(), undo());
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, [number, number]>} */
    const ways = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const way = ways[event.key];
    if (!way && event.key !== " ") return;
    event.preventDefault();
    cursor.hidden = false;
    const within = (/** @type {number} */ place) => Math.max(0, Math.min(size - 1, place));
    if (way) [row, column] = [within(row + way[0]), within(column + way[1])];
    else {
      const isInk = cells()[row * size + column] === 1;
      act({ erases: isInk || erases, points: [[(column + 0.5) / size, (row + 0.5) / size]], fine: true });
    }
    show();
    const state = say(cells()[row * size + column] ? "bring.inked" : "bring.bare");
    write(told, filled(say("bring.cell"), { row: row + 1, column: column + 1, state }));
  });
  surface.addEventListener("focus", () => (cursor.hidden = !surface.matches(":focus-visible")));
  surface.addEventListener("blur", () => (cursor.hidden = true));

  return {
    root,
    surface,
    cells,
    isEmpty,
    /** @param {number} next cells along the side @param {number} [pen] on how many of them it is two wide */
    resize(next, pen = THICK) {
      thick = pen;
      [row, column] = [row, column].map((place) => Math.min(next - 1, Math.floor((place * next) / size)));
      size = next;
      show();
    },
  };
}
