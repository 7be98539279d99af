// @ts-check
// The dialog in which a picture becomes the numbers of an array: from a file, drawn, from the camera or the shelf.
// What is seen in it is what is taken.

import { button, element, tell, write } from "../page/page.js";
import { camera as viewfinder } from "./camera.js";
import { options as choices } from "./options.js";
import { paint } from "./paint.js";
import { planes, ranged } from "./planes.js";
import { filled, sentence } from "./refused.js";
import { shelf as shelves } from "./shelf.js";
import { sketch as surface } from "./sketch.js";
import { shared } from "./strokes.js";

/** @typedef {import("./npy.js").Matrix} Matrix */
/** @typedef {import("./planes.js").Pixels} Pixels */
/** @typedef {"photo"|"draw"|"camera"|"shelf"} Way */
/** @typedef {{name: string, shape: number[], start: ArrayLike<number>, isFixed: boolean}} Target the array, and its
 *   numbers as it is; a fixed one has no other shape */
/** @typedef {{labels: string[], chosen: number, beside: string}} Kernels what the kernels can be; the first is what
 *   they are, and with every other one comes something beside */
/** @typedef {(name: string, matrix: Matrix, kernel: number) => Promise<string|undefined>} Take
 *   gives why the walk was refused, if it was; undefined if nothing came of it */
/** @typedef {(name: string, matrix: Matrix, kernel: number) => Promise<boolean>} GoOn leads to a walk in which more
 *   follows, if there is a way */

// Where an array has few cells and no other shape, a drawing is finer, with a pen as wide as a cell of it: each is the
// share of its finer ones that has ink, as the digits of the shelf were made.
const FINER = 4;
const [FEW, PEN] = [16, 14];

/** @param {(key: string) => string} say
 * @param {{take: Take, goOn: GoOn, onward: (name: string) => string, kernels: (name: string) => Promise<Kernels>,
 *   numbers: (name: string, matrix: Matrix) => void, show: (dialog: HTMLDialogElement) => void}} host */
export function pictures(say, host) {
  const title = element("h2", { id: "bring-title" });
  const preview = element("canvas", { role: "img" });
  const tells = element("p", { class: "tells" });
  const seen = element("div", { class: "seen" }, preview);
  const refusal = element("p", { class: "said", role: "alert", hidden: "" });
  const again = button({ class: "again" }, () => void show("camera"), say("bring.again"));
  const options = choices(say, changed);
  const sketch = surface(say, redraw);
  const camera = viewfinder(say, (taken) => void photo(target, taken, true));
  const shelf = shelves(say, (matrix) => ((shelved = matrix), redraw()));
  const walk = element("button", { class: "apply" }, say("bring.walk"));
  const onward = button({ class: "onward" }, () => void goOn());
  const numbers = button({ class: "numbers" }, toNumbers, say("bring.numbers"));
  const cancel = button({}, () => dialog.close(), say("bring.cancel"));
  const origin = element("div", { class: "source" }, sketch.root, camera.root, shelf.root);
  const chosen = element("div", { class: "chosen" }, options.root, tells, again);
  const stays = element("p", { class: "private" }, say("bring.private"));
  const form = element("form", { method: "dialog" }, title,
    element("div", { class: "brought" }, origin, chosen), refusal, stays,
    element("div", { class: "answers" }, walk, onward, numbers, cancel)); // prettier-ignore
  const dialog = element("dialog", { class: "editor bring", "aria-labelledby": "bring-title" }, form);
  document.body.append(dialog);

  /** @type {Target} */ let target;
  /** @type {Way} */ let way = "draw";
  /** @type {Pixels|undefined} */ let pixels; // of a photograph
  /** @type {Matrix|undefined} */ let shelved;
  /** @type {Matrix|undefined} */ let matrix; // that would be taken
  let beside = "";
  /** @type {{pixels?: Pixels, key?: string, matrix?: Matrix}} */ let seenAs = {};

  /** @param {Target} array @param {Pixels} taken @param {boolean} [isFromCamera] */
  function photo(array, taken, isFromCamera = false) {
    target = array;
    pixels = taken;
    return show("photo", isFromCamera);
  }

  /** @param {Way} next @param {boolean} [isFromCamera] */
  async function show(next, isFromCamera = false) {
    way = next;
    camera.stop();
    const wasOpen = dialog.open;
    dialog.dataset.array = target.name; // what is dropped on it is for that one
    write(title, filled(say(`bring.title.${way}`), { array: target.name }));
    sketch.root.hidden = way !== "draw";
    camera.root.hidden = way !== "camera";
    shelf.root.hidden = way !== "shelf";
    again.hidden = !isFromCamera;
    chosen.hidden = walk.hidden = numbers.hidden = way === "camera"; // there is nothing to be chosen yet
    write(onward, host.onward(target.name));
    onward.hidden = walk.hidden || !onward.textContent;
    stays.hidden = way === "shelf"; // it comes from the server
    (way === "shelf" || finer() > 1 ? chosen : origin).append(seen);
    const isPhoto = way === "photo" || way === "camera";
    const channels = target.shape.length > 2 ? target.shape[0] : 0;
    const isOblong = Boolean(pixels) && pixels?.width !== pixels?.height;
    const square = isPhoto && isOblong;
    const asked = { colours: isPhoto, channels, ranged: way !== "shelf", ink: isPhoto, square, held: held() };
    if (!wasOpen) {
      const kernels = await host.kernels(target.name);
      beside = kernels.beside;
      options.begin(target);
      options.offer(kernels.labels, kernels.chosen);
    }
    options.ask(asked);
    changed();
    if (!dialog.open) host.show(dialog);
    if (way === "draw") sketch.surface.focus();
    else if (way === "shelf") (shelf.resize(options.size()), await shelf.open(), shelf.focus());
    else if (way === "camera") void camera.start();
    else walk.focus();
  }

  /** Cells along each side of an array that has no other shape; else 0. */
  function held() {
    const [high, wide] = target.shape.slice(-2);
    return target.isFixed && high === wide ? high : 0;
  }

  /** How many cells are drawn along each side of one. */
  const finer = () => (way === "draw" && held() && held() <= FEW ? FINER : 1);

  /** Another size, or other channels. */
  function changed() {
    const size = options.size();
    sketch.resize(size * finer(), finer() > 1 ? PEN : undefined);
    if (way === "shelf" && dialog.open) shelf.resize(size);
    redraw();
  }

  /** What is there now, as numbers. @returns {Matrix|undefined} */
  function made() {
    const wish = options.wish();
    if (way === "photo") return pixels && looked(pixels, wish);
    /** @type {Matrix|undefined} */ let one;
    if (way === "shelf") one = shelved && held() ? inUnits(shelved) : shelved;
    else if (way === "draw") {
      const ink = shared(sketch.cells(), wish.size, finer());
      one = { shape: [1, wish.size, wish.size], cells: ink.map((cell) => cell * ranged(255, wish.most)) };
    }
    const count = wish.colour ? 3 : 1;
    return one && { shape: [count, ...one.shape.slice(1)], cells: Array(count).fill(one.cells).flat() };
  }

  /** A picture of the shelf from 0 to 1. @param {Matrix} matrix */
  const inUnits = ({ shape, cells }) => ({ shape, cells: Array.from(cells, (cell) => cell / shelf.range()[1]) });

  /** A photograph as numbers, for which all of it is looked at: once for each wish.
   * @param {Pixels} taken @param {import("./planes.js").Wish} wish */
  function looked(taken, wish) {
    const key = JSON.stringify(wish);
    if (seenAs.pixels !== taken || seenAs.key !== key) seenAs = { pixels: taken, key, matrix: planes(taken, wish) };
    return seenAs.matrix;
  }

  // An empty surface is seen as well: else the dialog grows under the pen with the first ink.
  function redraw() {
    /** @type {Matrix|undefined} */ let shown;
    let refused = "";
    try {
      shown = made();
    } catch (error) {
      refused = sentence(error, say);
    }
    tell(refusal, refused);
    matrix = way === "draw" && sketch.isEmpty() ? undefined : shown;
    seen.hidden = !shown || (way === "draw" && finer() === 1);
    walk.disabled = onward.disabled = numbers.disabled = !matrix;
    if (!shown) return write(tells, "");
    const [low, high] = way === "shelf" && !held() ? shelf.range() : [0, options.wish().most];
    const told = filled(say("bring.tells"), { shape: shown.shape.join("×"), low: String(low), high: String(high) });
    paint(preview, shown, low, high);
    preview.setAttribute("aria-label", told);
    const said = [told, options.kernel() ? beside : "", finer() > 1 ? say("bring.share") : ""];
    write(tells, said.filter(Boolean).join(" · "));
  }

  function toNumbers() {
    if (!matrix) return;
    dialog.close();
    host.numbers(target.name, matrix);
  }

  /** Have something done with what is seen; meanwhile nothing of it can be changed.
   * @template Answer @param {(name: string, matrix: Matrix, kernel: number) => Promise<Answer>} what
   * @returns {Promise<Answer|undefined>} */
  async function settled(what) {
    if (!matrix || form.inert) return undefined;
    tell(refusal, "");
    form.inert = true;
    try {
      return await what(target.name, matrix, options.kernel());
    } finally {
      form.inert = false;
    }
  }

  async function goOn() {
    if ((await settled(host.goOn)) === false) tell(refusal, say("bring.full"));
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const refused = await settled(host.take);
    if (refused === "") dialog.close();
    else if (refused) (tell(refusal, refused), walk.focus());
  });
  dialog.addEventListener("close", () => {
    camera.stop();
    pixels = undefined;
    seenAs = {};
  });
  dialog.addEventListener("click", ({ target }) => target === dialog && way !== "draw" && dialog.close()); // beside it

  return {
    photo,
    close: () => dialog.close(),
    /** @param {Target} array @param {"draw"|"camera"|"shelf"} next */
    open(array, next) {
      target = array;
      return show(next);
    },
  };
}
