// @ts-check
// The plot beside the boards: when it is drawn, and what becomes of a pointer over it. What is drawn, the kinds know.
// Until the library is there, and where there is nothing to plot, its place says so. It follows a walk, but never
// holds it up.

import { themeOf } from "../say/look.js";
import { pictureAt } from "./kinds.js";
import { library } from "./library.js";
import { losses } from "./losses.js";
import { afterPicture, part, write } from "../page/page.js";
import { Pace } from "./pace.js";
import { equals, spotAt } from "./picture.js";

/** @typedef {import("../board/stage.js").Frame} Frame */
/** @typedef {import("../say/cell.js").Cell} Cell */
/** @import { Picture, Spot } from "./picture.js" */
/** @import { Ask } from "./losses.js" */
/** @typedef {(cell: Cell|undefined) => void} Look
 * @typedef {{glance: Look, point: Look, ask: Ask}} Hand glance is called with the cell whose bar or point is pointed
 *   at, point with one that is clicked; ask has the server compute the loss over the values of a cell */

const LEAST = 12; // pixels high are letters, or they are hard to read

/** @param {HTMLElement} root @param {(text: string) => string} say @param {Hand} hand */
export function plots(root, say, { glance, point, ask }) {
  const [caption, drawn] = ["figcaption", ".drawn"].map((selector) => part(selector, root));
  /** @type {import("../run/trace.js").Trace} */ let trace;
  /** @type {Frame|undefined} */ let latest;
  /** @type {Picture|undefined} */ let shown;
  /** @type {Spot[]} */ let spots = []; // its bars and points
  /** @type {Spot|undefined} */ let pointed; // at
  let [asked, told] = ["", ""]; // the moment and the pinned cell that are to be shown, and that are
  let frame = ""; // what is around that which moves, as it is drawn
  const sampled = losses(ask, () => ((told = ""), afterPicture(show)));
  const pace = new Pace(show);

  /** @param {Frame} moment */
  function draw(moment) {
    const { k, cell, asked: isAsked } = moment;
    const key = `${k} ${cell?.pinned ? `${cell.array} ${cell.flat}` : ""}${isAsked ? " asked" : ""}`;
    if (isAsked) wipe();
    if (key === asked) return; // the reader only points at something
    asked = key;
    const isNew = !latest;
    latest = moment;
    sampled.want();
    pace.step(isNew);
  }

  function show() {
    if (!latest || told === asked || !root.checkVisibility()) return;
    void library.load();
    told = asked;
    const begun = performance.now();
    shown = latest.asked ? undefined : pictureAt(trace, latest, say, sampled.of);
    drawn.style.visibility = shown && library.state === "there" ? "" : "hidden";
    drawn.setAttribute("aria-label", shown?.sentence ?? say("plot.none"));
    if (!shown) spots = [];
    root.classList.toggle("tall", Boolean(shown?.isTall));
    label(); // before what is drawn below it, whose room is measured
    if (shown && library.state === "there") plot(shown);
    if (pointed) lookAt(spots.find(({ name }) => name === pointed?.name));
    root.dataset.step = String(latest.k);
    sampled.want(shown?.wants);
    pace.drawn(begun);
  }

  /** The reader is asked for what it would tell: nothing of it is to stand there, not even out of sight. */
  function wipe() {
    if (drawn.childElementCount) library.clear(drawn);
    frame = "";
    spots = [];
    lookAt(undefined);
    write(caption, say("plot.asked"));
    drawn.setAttribute("aria-label", say("plot.asked"));
  }

  function label() {
    const isMissing = library.state === "missing";
    const isQuiet = !shown || isMissing;
    root.classList.toggle("quiet", isQuiet);
    const none = say(latest?.asked ? "plot.asked" : "plot.none");
    const title = isMissing && shown ? say("plot.missing") : (shown?.title ?? none);
    const value = pointed?.value === undefined ? "= …" : equals(pointed.value);
    write(caption, isQuiet || !pointed ? title : `${pointed.name} ${value}`);
  }

  /** @param {Picture} picture */
  function plot(picture) {
    const letters = Math.max(LEAST, Math.round(0.86 * parseFloat(getComputedStyle(caption).fontSize)));
    const theme = themeOf();
    const { clientWidth: width, clientHeight: height } = drawn;
    const { cell } = /** @type {Frame} */ (latest);
    const drawing = picture.draw({ width, height, letters, theme, pinned: cell?.pinned ? cell : undefined });
    const { traces, moving, layout, around } = drawing;
    const key = [theme.ink, width, height, letters, traces.length, around].join();
    spots = drawing.spots;
    if (key === frame) {
      const steps = moving.flatMap((data, at) => (data ? [{ data, at }] : []));
      const data = steps.map((step) => step.data);
      const at = steps.map(({ at }) => at);
      return library.move(drawn, data, at);
    }
    frame = key;
    const data = traces.map((trace, at) => ({ hoverinfo: "skip", ...trace, ...moving[at] }));
    library.draw(drawn, data, layout, { staticPlot: true, responsive: false });
  }

  /** The bar or point at a place. @param {MouseEvent} event */
  function under({ clientX, clientY }) {
    if (!shown || !frame) return undefined;
    const { x, y } = drawn.getBoundingClientRect();
    return spotAt(spots, clientX - x, clientY - y);
  }

  /** Bars and points are cells: who points at one is told what it is, and sees where it stands; a click pins it.
   * @param {Spot|undefined} spot */
  function lookAt(spot) {
    if (pointed === spot) return;
    pointed = spot;
    drawn.style.cursor = spot?.cell ? "pointer" : "";
    label();
    glance(spot?.cell && { ...spot.cell, pinned: false });
  }
  drawn.addEventListener("pointermove", (event) => lookAt(under(event)));
  drawn.addEventListener("pointerleave", () => lookAt(undefined));
  drawn.addEventListener("click", (event) => {
    const cell = under(event)?.cell;
    if (!cell) return;
    event.preventDefault(); // it is no click on empty ground
    point({ ...cell, pinned: true });
  });

  /** Draw anew: the room, the theme or the library has changed. */
  function refresh() {
    frame = told = "";
    afterPicture(show);
  }

  /** @param {import("../run/trace.js").Trace} next */
  function begin(next) {
    sampled.begin();
    pace.rest();
    trace = next;
    latest = pointed = undefined; // they are of the run before
    spots = [];
    asked = told = "";
  }

  library.listen(refresh);
  return { begin, draw, refresh };
}
