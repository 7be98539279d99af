// @ts-check
// Wires the page. The only state is the URL's query (settings, arrays) and the step; every view draws from those.

import { answer } from "./answer.js";
import { edit } from "./edit.js";
import { editor } from "./editor.js";
import { inspector } from "./inspector.js";
import { layerMap } from "./map.js";
import { embedded } from "./embed.js";
import { stepOf } from "./fragment.js";
import { afterPicture, holdFocus, isOverlaid, part } from "./page.js";
import { indicesOf } from "./cell.js";
import { describe } from "./describe.js";
import { formula } from "./formula.js";
import { hints } from "./hints.js";
import { light, relight } from "./named.js";
import { narration } from "./narration.js";
import { load as loadPlotly, plots } from "./plots.js";
import { reading } from "./reading.js";
import { recorded } from "./recorded.js";
import { presenter as presenting } from "./present.js";
import { settings } from "./settings.js";
import { share } from "./share.js";
import { shortcuts } from "./shortcuts.js";
import { source } from "./source.js";
import { stage } from "./stage.js";
import { strip } from "./strip.js";
import { CutShort, readLines, Refusal } from "./stream.js";
import { Trace } from "./trace.js";
import { transport } from "./transport.js";
import { undo } from "./undo.js";

/** @typedef {import("./stage.js").Frame} Frame */
/** @typedef {(setting: string|null, message: string) => void} Refuse says why, where the change was made */

/** @type {{layer: string, algorithm: string, algorithms: string[], stream: string, defaults: Record<string, any>, arrays: Record<string, string[]>, legal: any,
 *  words: Record<string, string>, plotly: string, longest: number, glossary: Record<string, string>, view: Record<string, string>, query: string, step: number|null, refusals: Record<string, string>}} */
const boot = JSON.parse(part("#boot").textContent ?? "");
const arrays = Object.keys(boot.arrays); // that a reader may give; each sets some sizes by its shape
const say = (/** @type {string} */ key) => boot.words[key] ?? key;

/** @type {Trace|undefined} */ let trace;
/** @type {URLSearchParams} what the trace was asked for with: settings and arrays that differ from the default */
let shown = new URLSearchParams(boot.query);
const opened = shown; // its stream is on the way already
let meant = shown; // what the link stands for: of what the link says, the server has taken what makes sense
const link = wordsOfLink();
/** @type {URLSearchParams} what the address stands for */ let here = shown;
/** @type {URLSearchParams|undefined} */ let pending; // what was asked for and has not arrived
/** @type {ReturnType<typeof stage>|undefined} */ let board;
/** @type {ReturnType<typeof strip>|undefined} */ let sums;
let k = 0;
let wanted = 0; // the moment asked for: it may not have arrived yet
let loading = new AbortController();
/** @type {Promise<boolean>} whether what was asked for last came onto the stage */ let coming = Promise.resolve(true);
/** @type {import("./stage.js").Cell|undefined} */ let cell; // the one that the reader points at, or has pinned
/** @type {import("./stage.js").Cell|undefined} */ let glanced; // one whose name the reader points at
/** @type {(() => void)|undefined} */ let refocus; // gives the focus back once a new run is drawn
let asked = 0; // redraws asked for and not done
let written = 0; // the timer of writing the step into the URL

const NOTICED = 8000; // milliseconds that a refusal may take room from a stage without settings
const SMALL = matchMedia("(max-width: 900px)"); // as the style sheet has it

/** @type {() => void} */ let becomeReady;
const ready = new Promise((resolve) => (becomeReady = () => resolve(undefined)));

const form = settings(/** @type {HTMLFormElement} */ (part("#settings")), say,
  (name, value) => change({ [name]: value }), (array) => change({ [array]: "" })); // prettier-ignore
const player = transport(part("#transport"), say, { k: () => k, trace: theTrace, go, redraw, free });
const sheet = editor(say, { trace: theTrace, change, layoutUrl, room });
const pencil = edit(part("#stage"), say, arrays, { trace: theTrace, panel: (name) => board?.panel(name), change, settled, cell: () => cell,
  focused: () => board?.focused(), point, redraw, open: sheet.open }); // prettier-ignore
const recording = recorded(say);
const tips = hints(part("#transport"), say);
const presenter = presenting(boot.view, say, tell, () => Boolean(cell?.pinned), (view) => {
  clearTimeout(written);
  enterUrl("replaceState", shown, Math.max(k, wanted), view); // the moment may not stand there yet
  enterUrl("pushState", shown, Math.max(k, wanted)); // as another page: the way back leads out of it
}); // prettier-ignore
const outside = embedded(seekFromOutside, () => urlOf(shown, k, {}));
shortcuts(say, { ...player.actions, ...presenter.actions }, presenter.is);
share(say, (view) => urlOf(shown, k, view));
void ready.then(() => afterPicture(() => void loadPlotly(boot.plotly))); // it is large: the stage can be played before it comes
const memory = undo(part("#history"), (query) => show(new URLSearchParams(query)));
const map = layerMap(part("#map"), say, goTo);
const plot = plots(part("#plot"), say, { glance, point });
// They are told of each run, and stand as long as the page does. The stage takes the room that caption and formula leave, and
// the source is scrolled to the line that runs, for which the text above it must stand.
const [above, below] = [
  [ofMoment(narration(document.body, say)), answer(part(".saying"), say), ofMoment(reading(part(".chapter-doc"), say, boot.glossary)),
    ofMoment(formula(part("#formula"), say, (array) => light("formula", array), code))],
  [inspector(part("#source"), say, { go: goTo, point, glance }), ofMoment(source(part("#source"))), ofMoment(map), plot],
]; // prettier-ignore

function theTrace() {
  if (!trace) throw new Error("no run has arrived yet");
  return trace;
}

// --- the run ------------------------------------------------------------------------------------------------------

/** @typedef {{enter?: (moment: number) => void, refuse?: Refuse}} Then what to do just before a run comes onto the stage,
 *   and when it is refused */

/** Fetch a run, and show it from a moment on. The old one stays until there is something new to see.
 * @param {URLSearchParams} query @param {(trace: Trace) => number} momentOf which moment of the new run to show
 * @param {Then} [then] @returns {Promise<boolean>} whether it came onto the stage, as soon as that is known */
function load(query, momentOf, then = {}) {
  coming = new Promise((resolve, reject) => {
    const fetched = fetchRun(query, momentOf, { ...then, begun: () => resolve(true) });
    fetched.catch(reject);
    void fetched.then(() => resolve(false)); // what goes wrong later on is heard of too
  });
  return coming;
}

/** Wait until what was asked for is on the stage, or refused: what is changed next begins there. */
async function settled() {
  while (pending) await coming;
}

/** @param {URLSearchParams} query @param {(trace: Trace) => number} momentOf @param {Then & {begun: () => void}} then */
async function fetchRun(query, momentOf, { enter = () => {}, begun, refuse: told = refuse }) {
  loading.abort();
  const { signal } = (loading = new AbortController());
  pending = query;
  const progress = recording.begin(!trace);
  let isWhole = false;
  /** @type {Trace|undefined} */ let arriving;
  /** @type {number|undefined} */ let moment;
  try {
    for (let tries = 0; ; tries++) {
      try {
        await readLines(streamUrl(query, arriving?.steps.length ?? 0), signal, (line) => {
          if (line.header && !arriving) {
            arriving = new Trace(line.header);
            if (!trace) begin(arriving, query);
          }
          if (!arriving) return;
          arriving.add(line.steps ?? []);
          progress.arrived(arriving.steps.length, arriving.length);
          if (!line.steps) return;
          tries = 0;
          moment ??= momentOf(arriving);
          if (trace !== arriving && moment <= arriving.steps.length) {
            enter(moment);
            begin(arriving, query);
            receive(arriving, moment);
            drawNow();
          } else if (trace === arriving) receive(arriving, moment);
          if (trace === arriving) begun();
          part("#stage").classList.toggle("waiting", trace !== arriving || wanted > arriving.steps.length);
        });
        if (["stream.cut", "stream.busy"].some((key) => part("#notice").textContent === say(key))) tell("");
        isWhole = true;
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refusal) return refused(error, told);
        if (!(error instanceof CutShort)) throw error;
        tell(say(error.after ? "stream.busy" : "stream.cut"));
        await new Promise((resolve) => setTimeout(resolve, error.after || Math.min(8000, 500 * 2 ** tries)));
        if (signal.aborted) return;
      }
    }
  } finally {
    progress.end(isWhole);
    if (pending === query) {
      pending = undefined; // nothing came of it
      memory.stayed();
    }
  }
}

/** @param {URLSearchParams} query @param {number} start */
function streamUrl(query, start) {
  if (query === opened && !start) return boot.stream;
  const asking = new URLSearchParams(query);
  asking.set("lang", document.documentElement.lang.slice(0, 2));
  if (start) asking.set("start", String(start));
  return `/api/${boot.layer}/${boot.algorithm}/stream?${plain(asking)}`;
}

/** Put a run on the stage. @param {Trace} next @param {URLSearchParams} query */
function begin(next, query) {
  const first = !trace; // the page came with the legal values of its settings
  player.stop();
  const held = board?.focused();
  refocus ??= holdFocus();
  board?.close();
  sums?.close();
  if (cell && next.byName.get(cell.array)?.shape.join() !== trace?.byName.get(cell.array)?.shape.join()) cell = undefined;
  trace = next;
  shown = query;
  pending = undefined;
  glanced = undefined;
  sums = strip(part("#stage"), trace, say, glance);
  board = stage(part("#stage"), trace, say, redraw, { point, free: escape, strip: sums, asked: first && typeof (stepOf(location.hash) ?? boot.step) === "number", tell: (trace, array, flat) => describe(trace, array.name, flat, say) }, held);
  for (const view of [...above, ...below]) view.begin(trace);
  form.show(trace.header.settings);
  form.allow(boot.legal);
  if (!first) void allowWhatIsLegal(query, loading.signal);
  form.brought(arrays.filter((name) => query.has(name)));
  memory.shown(plain(query));
  if (isMeant(query)) refuseLink();
  k = 0;
  wanted = -1;
}

/** A view that looks at the moment alone, and need not be drawn anew where only the cell is another one.
 * @template {{begin: (trace: Trace) => void, draw: (frame: Frame) => void}} View @param {View} view @returns {View} */
function ofMoment(view) {
  /** @type {Frame|undefined} */ let drawn;
  const begin = (/** @type {Trace} */ next) => ((drawn = undefined), view.begin(next));
  const draw = (/** @type {Frame} */ frame) => {
    const isSame = drawn?.k === frame.k && drawn.first === frame.first && drawn.stop === frame.stop && drawn.scene === frame.scene;
    if (!isSame) view.draw((drawn = frame));
  };
  return { ...view, begin, draw };
}

/** @param {number} moment */
function goTo(moment) {
  player.stop();
  go(moment);
}

/** More of the run on the stage has arrived. @param {Trace} arriving @param {number} moment to show first */
function receive(arriving, moment) {
  if (wanted < 0) go(moment);
  else if (wanted > k && wanted <= arriving.steps.length) go(wanted);
  player.arrived();
}

/** Without the legal values the ranges stay as they were, and the server refuses what is out of range.
 * @param {URLSearchParams} query @param {AbortSignal} signal */
async function allowWhatIsLegal(query, signal) {
  try {
    const response = await fetch(`/api/${boot.layer}/${boot.algorithm}/limits?${plain(query)}`, { signal });
    if (response.ok) form.allow((boot.legal = await response.json()));
  } catch {
    // The connection is gone, or the reader has gone on: the stream has that to say.
  }
}

/** Say beside its control why a value was refused; where there are no controls to be seen, for the page.
 * @type {Refuse} */
function refuse(setting, message) {
  form.refuse(setting, message);
  if (!part("#settings").checkVisibility()) note(message);
}

/** Say what of the link does not hold. On a small screen the settings may have been left behind already: there the page
 * says what is not in view beside its control. */
function refuseLink() {
  for (const [setting, message] of Object.entries(boot.refusals)) form.refuse(setting || null, message);
  const hidden = Object.keys(boot.refusals).filter((setting) => !isInView(part(`[data-refusal="${setting}"]`, part("#settings"))));
  if (!part("#settings").checkVisibility() || SMALL.matches) note(hidden.map((setting) => boot.refusals[setting]).join("\n"));
}

/** @param {HTMLElement} box */
function isInView(box) {
  const { left, right, top, bottom } = box.getBoundingClientRect();
  return box.checkVisibility() && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
}

/** Say something for a while. @param {string} message */
function note(message) {
  if (!message) return;
  tell(message);
  setTimeout(() => part("#notice").textContent === message && tell(""), NOTICED);
}

/** @param {Refusal} refusal @param {Refuse} told */
function refused(refusal, told) {
  pending = undefined;
  memory.stayed();
  if (trace) {
    // What was shown still is, and the URL is of that.
    writeUrl(true);
    form.show(trace.header.settings);
    if (isMeant(shown)) refuseLink();
    told(refusal.setting, refusal.message);
  } else if (plain(shown) === plain(spoken())) {
    tell(refusal.message); // even the default was refused
  } else {
    boot.refusals = { [refusal.setting ?? ""]: refusal.message };
    shown = meant = spoken();
    void load(shown, momentOfUrl); // the default walk, with the refusal beside its control
  }
}

/** The query without its settings: only the language that it asks for. */
function spoken() {
  const language = opened.get("lang");
  return new URLSearchParams(language ? { lang: language } : {});
}

// --- the moment ---------------------------------------------------------------------------------------------------

/** Show the moment after so many steps; if it has not arrived yet, as soon as it has. @param {number} moment */
function go(moment) {
  const { steps, length } = theTrace();
  if (!(Number.isInteger(moment) && moment >= 0 && moment <= length))
    throw new RangeError(`a step from 0 to ${length} was expected, got ${moment}`);
  wanted = moment;
  part("#stage").classList.toggle("waiting", moment > steps.length);
  if (moment <= steps.length) k = moment;
  redraw(); // what has arrived is better than an empty stage
}

/** A cell is named beside the stage: it is lit there while the reader looks at its name, whatever is pinned.
 * @param {import("./cell.js").Cell|undefined} next */
function glance(next) {
  if (glanced?.array === next?.array && glanced?.flat === next?.flat) return;
  glanced = next;
  redraw();
}

/** The reader points at a cell, pins it, or lets it go. While one is pinned, pointing at others changes nothing, and
 * the walk rests; to pin it once more frees it. @param {import("./stage.js").Cell|undefined} next */
function point(next) {
  if (cell?.pinned && !next?.pinned) return;
  if (cell?.array === next?.array && cell?.flat === next?.flat) {
    if (!next?.pinned) return;
    if (cell?.pinned) next = { ...next, pinned: false };
  }
  if (next?.pinned) player.stop();
  cell = next && { ...next, away: !isIn(theTrace().sceneAt(k), next) };
  redraw();
}

/** @param {import("./trace.js").Scene} scene @param {import("./cell.js").Cell|undefined} cell */
const isIn = (scene, cell) => scene.arrays.some(([, array]) => array === cell?.array);

/** Let go of the pinned cell. @returns {boolean} whether there was one */
function free() {
  if (!cell?.pinned) return false;
  cell = undefined;
  redraw();
  return true;
}

/** Escape closes what lies on top before it lets go of a cell. */
const escape = () => !isOverlaid() && free();

document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") escape();
});
part("#stage").addEventListener("click", ({ target, defaultPrevented }) => {
  const onGround = target instanceof Element && !target.closest("button, a, input, select, summary, label");
  if (onGround && !defaultPrevented) free();
});

function redraw() {
  if (!asked) asked = requestAnimationFrame(draw);
}

/** Draw what a redraw was asked for now, and not before the next frame only, which would then come one later. */
function drawNow() {
  if (!asked) return;
  cancelAnimationFrame(asked);
  draw();
}

function draw() {
  asked = 0;
  if (!trace || wanted < 0) return;
  const [first, stop] = trace.lit(k, player.level());
  const scene = trace.sceneAt(k);
  if (!cell?.away && !isIn(scene, cell)) cell = undefined; // it has left the stage
  const frame = { k, first, stop, scene, cell, glance: glanced };
  trace.show(k);
  const giveBack = refocus ?? holdFocus();
  refocus = undefined;
  for (const view of above) view.draw(frame);
  board?.draw(frame);
  sums?.draw(frame);
  for (const view of below) view.draw(frame);
  giveBack();
  relight();
  player.draw(frame);
  pencil.draw(frame);
  tips.draw(frame);
  presenter.draw(frame, trace.length);
  outside.draw(frame, trace.length);
  writeUrl(false);
  if (!document.documentElement.classList.contains("drawn")) document.documentElement.classList.add("drawn");
  becomeReady();
}

// --- the URL ------------------------------------------------------------------------------------------------------

/** @param {Record<string, any>} values @returns {URLSearchParams} what differs from the default, and the arrays */
function queryOf(values) {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (!isDefault(name, value)) kept.set(name, [value].flat().join(","));
  for (const name of [...arrays, "lang"]) {
    const given = shown.get(name);
    if (given) kept.set(name, given);
  }
  return kept;
}

/** @param {string} name @param {any} value */
const isDefault = (name, value) => [value].flat().join(",") === [boot.defaults[name]].flat().join(",");

/** A query as text that no program cuts which makes links of what looks like one, and that none writes in bold: of letters,
 * digits, - . _ % = and & alone. @param {URLSearchParams} query */
function plain(query) {
  return query.toString().replaceAll("*", "%2A").replaceAll("+", "%20");
}

/** The link's own words, where they say something else or more than what they were taken for. */
function wordsOfLink() {
  const words = plain(new URLSearchParams([...shown, ...Object.entries(boot.view)]));
  const isBehind = ["/", `/${boot.layer}/${boot.algorithm}`].includes(location.pathname); // a ? that is one
  const inOrder = (/** @type {string} */ text) => text.split("&").sort().join("&");
  const isMore = inOrder(plain(new URLSearchParams(location.search))) !== inOrder(words);
  return isBehind && isMore ? location.search : words && `?${words}`;
}

/** @param {URLSearchParams} query */
const isMeant = (query) => plain(query) === plain(meant);

/** Where the server tells what a shape looks like. @param {string} array @param {number[]} shape
 * @param {Record<string, string>} settings that would go with it */
function layoutUrl(array, shape, settings) {
  const asking = new URLSearchParams(pending ?? queryOf(theTrace().header.settings));
  asking.delete(array);
  const asked = { ...settings, array, shape: shape.join(), lang: document.documentElement.lang.slice(0, 2) };
  for (const [name, value] of Object.entries(asked)) asking.set(name, value);
  return `/api/${boot.layer}/${boot.algorithm}/layout?${plain(asking)}`;
}

/** How many bytes an address leaves for an array. @param {string} array */
function room(array) {
  const others = new URLSearchParams(pending ?? queryOf(theTrace().header.settings));
  others.delete(array);
  return boot.longest - streamUrl(others, 0).length - array.length - 60; // the step, and how it is viewed
}

/** Settings or arrays were changed; an array with an empty value is dropped. Record anew, at the same place.
 * @param {Record<string, string>} changes as a URL writes them @param {Refuse} [refuse] */
function change(changes, refuse) {
  const query = new URLSearchParams(pending ?? queryOf(theTrace().header.settings));
  for (const [name, value] of Object.entries(changes)) {
    if (value) for (const size of boot.arrays[name] ?? []) query.delete(size); // its shape has the word
    if (arrays.includes(name) ? !value : isDefault(name, value)) query.delete(name);
    else query.set(name, value);
  }
  return show(query, refuse);
}

/** Show another query's run, in the same chapter. @param {URLSearchParams} query @param {Refuse} [refuse] */
function show(query, refuse) {
  const old = theTrace();
  player.stop();
  writeUrl(true); // the place that is left
  const chapter = old.chapterAt(k);
  const within = k - old.chapters[chapter].first;
  /** @param {Trace} next */
  const momentOf = (next) => momentIn(next, old.chapters[chapter].name, chapter, within);
  /** @param {number} moment */
  const enter = (moment) => {
    // Not before there is something to see: until then the address is of what is shown.
    if (plain(query) !== plain(shown)) enterUrl("pushState", query, moment);
  };
  return load(query, momentOf, { enter, refuse });
}

/** The same place of the same chapter, as far as the new run has it. @param {Trace} next @param {string} name
 * @param {number} number of the chapter, where several have that name @param {number} within */
function momentIn(next, name, number, within) {
  const same = next.chapters[number]?.name === name ? next.chapters[number] : undefined;
  const found = same ?? next.chapters.find((chapter) => chapter.name === name);
  return found ? Math.min(found.first + within, found.stop) : next.opening();
}

/** @param {URLSearchParams} query @param {number} moment @param {Record<string, string>} view how the page is shown */
function urlOf(query, moment, view = presenter.view()) {
  const text = plain(new URLSearchParams([...query, ...Object.entries(view)]));
  return `/${boot.layer}/${boot.algorithm}${text ? `?${text}` : ""}#${moment}`;
}

/** @param {URLSearchParams} query @param {Record<string, string>} view */
const isLink = (query, view) => isMeant(query) && plain(new URLSearchParams(view)) === plain(new URLSearchParams(boot.view));

/** What the address says before its step: the link's own words, until the reader changes what they stand for.
 * @param {URLSearchParams} query @param {Record<string, string>} view */
function addressOf(query, view) {
  return isLink(query, view) ? `/${boot.layer}/${boot.algorithm}${link}` : urlOf(query, 0, view).replace(/#.*/, "");
}

/** Write a moment of a query into the URL. What the link's own words stand for only the server can say: beside them stands
 * what they were taken for. @param {"replaceState"|"pushState"} how @param {URLSearchParams} query @param {number} moment */
function enterUrl(how, query, moment, view = presenter.view()) {
  const address = addressOf(query, view);
  here = query;
  history[how]({ query: plain(query), view, address }, "", `${address}#${moment}`);
}

/** Browsers allow only so many changes of the URL: it follows at rest. While another run is awaited it stands still: it
 * may be that one's already. @param {boolean} atOnce */
function writeUrl(atOnce) {
  clearTimeout(written);
  if (pending) return;
  const write = () => {
    const url = `${addressOf(shown, presenter.view())}#${wanted}`; // it may not have arrived
    if (url !== location.pathname + location.search + location.hash || !history.state) enterUrl("replaceState", shown, wanted);
  };
  if (atOnce) write();
  else written = window.setTimeout(write, 250);
}

/** The moment that the URL names, if it names one. @param {Trace} next */
function momentOfUrl(next) {
  const moment = stepOf(location.hash) ?? boot.step;
  if (stepOf(location.hash) === null) tell(say("step.unclear"));
  if (typeof moment !== "number") return next.opening();
  if (moment <= next.length) return moment;
  tell(say("step.beyond").replace("{steps}", String(next.length)));
  return next.length;
}

window.addEventListener("popstate", ({ state }) => {
  clearTimeout(written);
  player.stop();
  // Another link's own words, from before this page was loaded: the server knows what they stand for, and what is wrong.
  const query = state ? new URLSearchParams(state.query) : here; // else another step was written behind the #
  if (state && state.address !== addressOf(query, state.view)) return location.reload();
  here = query;
  if (state) presenter.follow(state.view);
  if (trace && !pending && plain(query) === plain(shown)) go(momentOfUrl(trace));
  else void load(query, momentOfUrl);
});

// --- the rest of the page -----------------------------------------------------------------------------------------

/** The chapter on screen as a script, in words of its own where there is none. @param {string} as @returns {Promise<string>} */
async function code(as) {
  const chapter = theTrace().chapters[theTrace().chapterAt(k)].name;
  const query = new URLSearchParams(shown);
  query.set("lang", document.documentElement.lang.slice(0, 2));
  query.set("as", as);
  const answer = await fetch(`/api/${boot.layer}/${boot.algorithms.includes(chapter) ? chapter : boot.algorithm}/code?${plain(query)}`);
  if (!answer.ok) throw new Error((await answer.json()).message);
  return answer.text();
}

/** Say something that concerns the whole page. @param {string} message */
function tell(message) {
  const where = part("#notice");
  where.textContent = message;
  where.hidden = !message;
}

function refresh() {
  if (!trace) return;
  for (const view of [board, sums, map, plot]) view?.refresh();
  redraw();
}

let resizing = 0;
new ResizeObserver(() => {
  clearTimeout(resizing);
  resizing = window.setTimeout(refresh, 80);
}).observe(part("#stage"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh);

/** The page around this one asks for a step. @param {unknown} step */
function seekFromOutside(step) {
  void ready.then(() => {
    const { length } = theTrace();
    if (typeof step === "number" && Number.isInteger(step) && step >= 0 && step <= length) api.seek(step);
    else tell(say("step.beyond").replace("{steps}", String(length)));
  });
}

part(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // what stands behind the # is the step
  part("#stage").focus();
});

for (const other of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a.language"))) {
  const { href } = other; // with the link's own words
  other.addEventListener("click", () => {
    // In the other language, the same walk at the same step.
    const query = new URLSearchParams(shown);
    query.set("lang", other.hreflang);
    other.href = isLink(shown, presenter.view()) ? `${href}#${k}` : urlOf(query, k);
  });
}

const api = {
  /** Resolves when the first picture is drawn. */
  ready,
  get steps() {
    return trace?.length ?? 0;
  },
  get step() {
    return k;
  },
  /** @param {number} moment */
  seek: goTo,
  /** The cell that the reader looks at: its array, its index in it, and whether it is pinned; null if there is none. */
  get cell() {
    const array = cell && theTrace().byName.get(cell.array);
    return cell && array ? { array: cell.array, index: indicesOf(array, cell.flat), pinned: cell.pinned } : null;
  },
  play: () => player.start(),
  pause: () => player.stop(),
  /** An array at this step, as nested lists. @param {string} name */
  value: (name) => theTrace().value(name, k),
};
Object.assign(window, { convwalk: api });

void load(shown, momentOfUrl);
