// @ts-check
// A closer look at one array: a panel over the text with its numbers as a heatmap, a surface or a histogram, which
// follows the walk and leaves the keys to it. It knows neither layers nor Plotly.

import { element, afterPicture, attribute, button, isOverlaid, part, tell, write } from "../page/page.js";
import { about, Looks, themeOf } from "../say/look.js";
import { filled } from "../say/describe.js";
import { tidy } from "../why/decimal.js";
import { copyMenu } from "./copy.js";
import { chart, hasWebGL, VIEWS } from "./chart.js";
import { Pace } from "./pace.js";
import { library } from "./library.js";
import { door } from "./mine/door.js";
import { mapsOf } from "./views.js";

/** @import { Frame } from "../board/stage.js" */
/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { View } from "./chart.js" */
/** @import { Matrix } from "../paste/unreadable.js" */
/** @import { MapOf } from "./views.js" */

/** @param {HTMLElement} root where it lies @param {(text: string) => string} say
 * @param {Pick<import("./plots.js").Hand, "glance"|"point"> & import("./mine/mine.js").Hand
 *   & {back: (array: string) => void}} hand
 *   back is called with the array that was looked at, when the panel that had the focus has closed */
export function closer(root, say, { glance, point, back, compare, brings, settings, go }) {
  const title = element("h2", { id: "closer-title" });
  const called = { "aria-label": say("closer.close"), title: say("closer.close") };
  const leave = button({ class: "leave", ...called }, close, "×");
  const select = element("select", { "aria-label": say("closer.map") });
  const names = /** @type {View[]} */ (Object.keys(VIEWS));
  const choices = names.map((name) => button({ "data-view": name }, () => choose(name), say(`closer.${name}`)));
  const views = element("div", { class: "views", role: "group", "aria-label": say("closer.view") }, ...choices);
  const own = door(say, {
    ...{ compare, brings, settings, go, point, changed: refresh },
    array: () => array,
    trace: () => trace,
    pinned: () => (latest?.cell?.pinned ? latest.cell : undefined),
    place: (root) => range.before(root),
  }); // prettier-ignore
  const range = element("p", { class: "range" });
  const drawn = element("div", { class: "drawn", role: "group" });
  const missing = element("p", { class: "missing", role: "status", hidden: "" });
  const copies = copyMenu(say, () => array);
  const dialog = element("dialog", { class: "closer", "aria-labelledby": "closer-title" },
    element("div", { class: "top" }, title, leave),
    element("div", { class: "chosen" }, views, select, own.button, copies.root), range,
    element("div", { class: "place" }, drawn, missing)); // prettier-ignore
  root.append(dialog);

  const picture = chart(drawn, {
    look: (place) => glance(place && { ...place, pinned: false }),
    pin: (place) => point({ ...place, pinned: true }),
  });
  /** @type {Trace} */ let trace;
  /** @type {NamedArray|undefined} */ let array; // that is looked at
  /** @type {MapOf[]} */ let maps = []; // of it
  /** @type {View} */ let view = "heatmap";
  /** @type {Frame|undefined} */ let latest;
  /** @type {Looks|undefined} */ let looks;
  let [asked, told] = ["", ""]; // the moment and the pinned cell that are to be shown, and that are
  const pace = new Pace(show);

  /** Look at an array; at the one that is looked at no longer. @param {string} name */
  function open(name) {
    const found = trace.byName.get(name);
    if (!found || latest?.asked || (dialog.open && array === found)) return void close();
    look(found);
    if (!dialog.isConnected) root.append(dialog);
    if (!dialog.open) dialog.show();
    void library.load();
    choices[names.indexOf(view)].focus({ preventScroll: true });
    refresh();
  }

  /** @param {NamedArray} next */
  function look(next) {
    const map = array?.name === next.name ? Math.max(0, select.selectedIndex) : 0;
    array = next;
    maps = mapsOf(next);
    const shape = element("span", { class: "shape" }, next.shape.join("×"));
    title.replaceChildren(element("code", {}, next.name), ` ${say(next.label)} `, shape);
    select.replaceChildren(...maps.map(({ name }) => element("option", {}, name)));
    select.selectedIndex = Math.min(map, maps.length - 1);
  }

  /** Hold arrays of the reader's against those of the walk, in place of those that were held, and look at the first.
   * @param {Map<string, Matrix>} arrays */
  function compareAll(arrays) {
    own.forgetAll();
    const [name] = arrays.keys();
    if (!dialog.open || array?.name !== name) open(name);
    void own.compare(arrays);
  }

  /** @returns {boolean} whether it was open */
  function close() {
    if (!dialog.open) return false;
    const hadFocus = dialog.contains(document.activeElement);
    dialog.close();
    picture.clear();
    glance(undefined);
    if (hadFocus) back(array?.name ?? "");
    return true;
  }

  /** @param {View} next */
  function choose(next) {
    view = next;
    refresh();
  }

  /** @param {Frame} moment */
  function draw(moment) {
    latest = moment;
    const { k, cell } = moment;
    const key = `${k} ${cell?.pinned ? `${cell.array} ${cell.flat}` : ""}${moment.asked ? " asked" : ""}`;
    if (key === asked) return; // the reader only points at something
    asked = key;
    if (moment.asked) {
      close();
      dialog.remove(); // with all that it has told
    } else if (dialog.open) pace.step();
  }

  function show() {
    if (!latest || !array || !dialog.open || told === asked) return;
    if (told) copies.clear();
    told = asked;
    const begun = performance.now();
    const isOfAll = view === "histogram";
    const map = maps[select.selectedIndex];
    looks ??= new Looks(themeOf());
    const shown = own.draw(array, looks.of(array));
    attribute(dialog, { "data-own": own.state, "data-drop": own.over(array) });
    for (const [at, name] of names.entries()) attribute(choices[at], { "aria-pressed": String(name === view) });
    select.hidden = maps.length < 2 || isOfAll;
    write(
      range,
      isOfAll ? ranged(shown.array, 0, array.cells.length) : ranged(shown.array, map.base, map.height * map.width),
    );
    const label = `${say(`closer.${view}`)} ${isOfAll ? array.name : map.name}: ${range.textContent}`;
    attribute(drawn, { "aria-label": label });
    const lacks = lacking(map);
    tell(missing, lacks);
    drawn.style.visibility = lacks ? "hidden" : "";
    const pinned = latest.cell?.pinned ? latest.cell : undefined;
    if (lacks) picture.clear();
    else picture.draw(view, { ...shown, map, pinned, say });
    dialog.dataset.step = String(trace.at);
    pace.drawn(begun);
  }

  /** Why there is nothing to be seen, if so. @param {MapOf} map */
  function lacking({ height, width }) {
    if (library.state !== "there") return say(`closer.${library.state}`);
    if (view !== "surface") return "";
    if (height < 2 || width < 2) return say("closer.flat");
    return hasWebGL() ? "" : say("closer.webgl");
  }

  /** How many of an array's cells are computed, and between which numbers they lie.
   * @param {NamedArray} of @param {number} first @param {number} count */
  function ranged(of, first, count) {
    let [known, low, high] = [0, Infinity, -Infinity];
    for (let flat = first; flat < first + count; flat++) {
      if (!of.isKnown(flat)) continue;
      known++;
      low = of.cells[flat] < low ? of.cells[flat] : low;
      high = of.cells[flat] > high ? of.cells[flat] : high;
    }
    const key = known === 0 ? "closer.none" : known === count ? "closer.range.whole" : "closer.range";
    return filled(say, key, { known, count, low: about(tidy(low)), high: about(tidy(high)) });
  }

  /** Draw anew: the room, the theme or the library has changed. */
  function refresh() {
    looks = undefined;
    told = "";
    if (dialog.open) afterPicture(show);
  }

  /** @param {Trace} next */
  function begin(next) {
    pace.rest();
    trace = next;
    latest = undefined;
    asked = told = "";
    own.begin();
    const same = array && next.byName.get(array.name);
    if (same) look(same);
    else close();
  }

  select.addEventListener("change", refresh);
  dialog.addEventListener("files", (event) => void own.compare(/** @type {CustomEvent<File[]>} */ (event).detail));
  // It lies on top of the page, and yet below a menu or a field over a cell.
  document.addEventListener("keydown", (event) => {
    const isField = event.target instanceof Element && event.target.matches("input, textarea");
    if (event.key !== "Escape" || isField || isOverlaid() || !close()) return;
    event.preventDefault();
    event.stopPropagation();
  }, true); // prettier-ignore
  const foot = part("footer"); // on a phone it lies above that
  new ResizeObserver(() => root.style.setProperty("--foot", `${foot.offsetHeight}px`)).observe(foot);
  new ResizeObserver(refresh).observe(drawn); // what is said above it folds and unfolds
  library.listen(refresh);
  return { begin, draw, refresh, open, compare: compareAll };
}
