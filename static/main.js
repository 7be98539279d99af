// @ts-check
// Wires the page. The only state is the run, the step and the cell that is looked at; every view draws from those.

import { answer } from "./sum/answer.js";
import { ask, MARK, namedIn } from "./hands/carried.js";
import { awaited } from "./hands/awaited.js";
import { chip } from "./hands/chip.js";
import { edit } from "./hands/edit.js";
import { inspector } from "./sum/inspector.js";
import { layerMap } from "./aside/map.js";
import { embedded } from "./page/embed.js";
import { fitted } from "./hands/fit.js";
import { stepOf } from "./run/fragment.js";
import { afterPicture, holdFocus, isOverlaid, part, pictured, tell as tellIn, write } from "./page/page.js";
import { indicesOf } from "./say/cell.js";
import { describe } from "./say/describe.js";
import { formula } from "./aside/formula.js";
import { hints } from "./hands/hints.js";
import { late } from "./page/late.js";
import { isByMouse, leaveAfterClicks, toTheStage } from "./hands/focus.js";
import { light, relight } from "./page/highlight.js";
import { narration } from "./aside/narration.js";
import { reading } from "./aside/reading.js";
import { Pinned } from "./hands/pinned.js";
import { recorded } from "./hands/recorded.js";
import { presenter as presenting } from "./hands/present.js";
import { Run } from "./run/run.js";
import { settings } from "./hands/settings.js";
import { glossary } from "./say/terms.js";
import { rove } from "./page/rove.js";
import { share } from "./hands/share.js";
import { shortcuts } from "./hands/shortcuts.js";
import { source } from "./aside/source.js";
import { stage } from "./board/stage.js";
import { strip } from "./sum/strip.js";
import { theme } from "./page/theme.js";
import { transport } from "./hands/transport.js";
import { undo } from "./hands/undo.js";
import { plain, Url } from "./hands/url.js";
import { Work } from "./why/work.js";

/** @typedef {import("./board/stage.js").Frame} Frame */
/** @typedef {import("./run/trace.js").Trace} Trace */
/** @typedef {import("./run/run.js").Refuse} Refuse */
/** @typedef {Map<string, import("./paste/unreadable.js").Matrix>} Arrays */
/** @typedef {Awaited<ReturnType<typeof import("./predict/predict.js").prediction>>} Prediction */
/** @typedef {Awaited<ReturnType<typeof import("./predict/held.js").held>>} Held */

/** @type {import("./hands/url.js").Boot} */
const boot = JSON.parse(part("#boot").textContent ?? "");
const say = (/** @type {string} */ key) => boot.words[key] ?? key;
const withTerms = glossary(boot.terms);
const spoken = document.documentElement.lang.slice(0, 2); // the language of the page
const ground = part("#stage");

/** @type {ReturnType<typeof stage>|undefined} */ let boards;
/** @type {ReturnType<typeof strip>|undefined} */ let sums;
/** @type {Promise<ReturnType<typeof import("./hands/editor.js").editor>>|undefined} */ let sheet;
/** @type {Work|undefined} */ let work;
let k = 0;
let wanted = 0; // the moment asked for: it may not have arrived yet
/** @type {Prediction|Held|undefined} */ let predicting; // what asks the reader for what comes next, once it is wanted
/** @type {Held|undefined} */ let holder; // what holds the walk while a class is asked,
/** @type {Promise<Held>|undefined} */ let holding; // and may be on its way
/** @type {(() => void)|undefined} */ let refocus; // gives the focus back once a new run is drawn
let asked = 0; // redraws asked for and not done
let carried = ""; // names of the arrays that the address of what is shown has no room for
/** @type {{name: string, before: string}|undefined} the setting that was changed last */ let turned;
/** @type {{brought: Arrays, trace: Trace}|undefined} to be compared once all of the walk has arrived */ let compared;
let known = 0; // how many steps had arrived when it was looked last

const NOTICED = 8000; // milliseconds that a message may take room from a stage
const SMALL = matchMedia("(max-width: 900px)"); // as the style sheet has it

/** @type {() => void} */ let becomeReady;
const ready = new Promise((resolve) => (becomeReady = () => resolve(undefined)));

const stored = () => import("./hands/stored.js"); // few walks need it
/** @type {Awaited<ReturnType<typeof stored>>|undefined} */ let earlier; // arrays that this tab has kept
/** What the address stands for, where it names arrays: the server could not know. */
async function recall() {
  if (!location.search.includes(MARK)) return undefined;
  earlier ??= await stored().catch(() => undefined);
  return earlier?.again(boot, location.search);
}
// For early.js, which is to see that scripts are there: WebKit does not wait for a module that waits itself.
Object.assign(window, { convwalk: { ready, isBegun: true } });
const here = await recall();
const url = new Url(boot, () => presenter.view(), here);
if (earlier) url.shorten = earlier.shortened;
const { arrays } = url;
const run = new Run(url.here, {
  url: streamOf, ask, progress: (isFirst) => progress(isFirst), begin, arrived, show: drawNow, wait, lost, refused,
  stayed: () => (memory.stayed(), run.trace && wait()),
}); // prettier-ignore
const opened = url.meant; // its stream is on the way already
const pinned = new Pinned({ scene: () => theTrace().sceneAt(k), rest: () => player.stop(), redraw });
const { point, glance, free } = pinned;
const controls = part("#transport");
const aside = part("#source");
const knobs = /** @type {HTMLFormElement} */ (part("#settings"));

const form = settings(knobs, say, boot.defaults, change);
const player = transport(controls, say, { k: () => k, trace: theTrace, go, redraw, free });
const pencil = edit(ground, say, arrays, pinned, {
  trace: theTrace, boards: () => boards, change, settled: () => run.settled(), redraw, open: openSheet,
}); // prettier-ignore
const recording = recorded(say);
const awaiting = awaited(ground, say, cancel);
const tips = hints(controls, say);
const view = { ...boot.view }; // with what the reader has turned on and off
const presenter = presenting(view, say, note, () => Boolean(pinned.cell?.pinned), (view) => {
  url.stop();
  url.enter("replaceState", run.query, Math.max(k, wanted), view); // the moment may not stand there yet
  url.enter("pushState", run.query, Math.max(k, wanted)); // as another page: the way back leads out of it
}); // prettier-ignore
const outside = embedded(seekFromOutside, () => url.of(run.query, k, {}));
leaveAfterClicks();
shortcuts(say, { ...player.actions, ...presenter.actions, predict: () => void predict() }, presenter.is);
const teach = document.querySelector("#share .teach"); // where the server has rooms for a class
teach?.addEventListener(
  "click",
  () => void import("./room/open.js").then(({ open }) => open(boot, run.query, k, note)),
);
share(say, (view) => url.of(run.query, k, view), figure, {
  carried: () => listed(namedIn(run.query)),
  file: () => ask(url.api("arrays.npz", run.query)),
});
void ready.then(() => document.documentElement.classList.add("drawn"));
// They are large: the stage can be played before they come.
void ready.then(() => afterPicture(() => void Promise.allSettled([theSheet(), drawings.come()])));
const memory = undo(part("#history"), (query) => show(new URLSearchParams(query)));
const map = layerMap(part("#map"), say, goTo);
const places = { plot: part("#plot"), main: part("main") };
const drawings = late(
  async () => (await import("./plots/drawings.js")).drawings(places, say, {
    url: boot.plotly, note, glance, point, back: toTheTitle, go: goTo,
    ask: (nudged, cell) => ask(url.api("losses", run.query, { nudged, cell: String(cell) })),
    brings: arrays, settings: Object.keys({ ...boot.defaults, ...boot.pairs }),
    compare: async (said, signal) =>
      (await import("./hands/kept.js")).post(url.api("compare", run.query, { lang: spoken }), said, { signal }),
  }),
  () => {
    places.plot.classList.add("quiet");
    write(part("figcaption", places.plot), say("plot.missing"));
  },
); // prettier-ignore
const inner = late(
  async () => (await import("./hands/opens.js")).opens(part(".opens"), say, boot.opens, {
    algorithm: boot.algorithm, longest: boot.longest, note,
    address: (opens, at, step) => {
      return url.api("opened", run.query, { opens, ...(at ? { at } : { step: String(step) }), lang: spoken });
    },
  }),
  () => {}, // the walk can do without
); // prettier-ignore
if (boot.opens.length) void ready.then(() => inner.come());
// They are told of each run, and stand as long as the page does. The stage takes the room that caption and formula
// leave, and the source is scrolled to the line that runs, for which the text above it must stand.
const above = [
  ofMoment(narration(document.body, say, withTerms, goTo)),
  answer(part(".saying"), say),
  chip(part(".saying"), say, () => (free(), toTheStage())), // the button that had the focus is gone
  ofMoment(reading(part(".chapter-doc"), say, withTerms, boot.glossary)),
  inner,
  ofMoment(formula(part("#formula"), say, (array) => light("formula", array), code)),
];
const below = [
  inspector(aside, say, { go: goTo, point, glance }),
  ofMoment(source(aside, say)),
  ofMoment(map),
  drawings,
];

function theTrace() {
  if (!run.trace) throw new Error("no run has arrived yet");
  return run.trace;
}

/** What reads whole arrays as text: a sixth of the scripts, which nobody needs at once. */
function theSheet() {
  const room = (/** @type {string} */ array) => url.room(array, asking());
  const held = (/** @type {string} */ array) => asking().has(array);
  const fixed = (/** @type {string} */ array) => boot.arrays[array]?.length === 0;
  const changed = (/** @type {Record<string, string>} */ changes) => url.changed(asking(), changes);
  const streamWith = (/** @type {Record<string, string>} */ changes) => streamOf(changed(changes), 0);
  const { longest } = boot;
  sheet ??= Promise.all([import("./hands/editor.js"), import("./hands/kept.js")]).then(([{ editor }, kept]) => {
    url.shorten = kept.shortened;
    const most = (/** @type {string} */ array) => kept.left(asking(), array, boot.most);
    const { onward } = boot;
    const walk = { compare, trace: theTrace, change, layoutUrl, room, most, arrays, held, note, longest, onward };
    return editor(say, { ...walk, fixed, changed, streamWith, cancel, pairs: boot.pairs });
  });
  sheet.catch(() => (sheet = undefined)); // the connection may come back
  return sheet;
}

/** Hold arrays of the reader's against those of the walk, once all of it is there: a cell of it is led to.
 * @param {Arrays} [brought] */
function compare(brought) {
  const trace = theTrace();
  if (brought) compared = { brought, trace };
  if (compared?.trace !== trace) compared = undefined; // that walk was taken back
  if (!compared || trace.steps.length < trace.length) return;
  const { brought: arrays } = compared;
  compared = undefined;
  drawings.have((view) => view.compare(arrays));
}

/** @param {string} array @param {string} [text] pasted */
async function openSheet(array, text) {
  try {
    (await theSheet()).open(array, text);
  } catch {
    note(say("editor.missing"));
  }
}

// --- the run ------------------------------------------------------------------------------------------------------

/** The stream of a run from a step on. @param {URLSearchParams} query @param {number} start */
function streamOf(query, start) {
  if (query === opened && !start) return boot.stream;
  return url.api("stream", query, { lang: spoken, ...(start && { start: String(start) }) });
}

/** Put the run on the stage. @param {Trace|undefined} before */
function begin(before) {
  const { query } = run;
  const trace = theTrace();
  player.stop();
  const held = boards?.focused();
  refocus ??= holdFocus();
  boards?.close();
  sums?.close();
  pinned.begin(trace, before);
  work = new Work(trace);
  sums = strip(ground, trace, work, say, { glance, again: refresh });
  predicting?.begin(trace, Boolean(before) || typeof stepOfUrl() === "number");
  boards = stage(ground, trace, say, redraw, {
    point: (cell) => predicting?.point(cell) || point(cell), free: escape, strip: sums, work,
    asked: !before && typeof stepOfUrl() === "number",
    tell: (trace, array, flat) => describe(trace, array.name, flat, say),
  }, held); // prettier-ignore
  for (const view of [...above, ...below]) view.begin(trace);
  showSettings();
  form.measure(trace.header.formula);
  // The page came with the legal values of its settings; those of the run before say nothing of this one's sides.
  const { signal } = run;
  if (before || query !== opened) afterPicture(() => void allowWhatIsLegal(query, signal));
  else form.allow(boot.legal);
  form.hold(Object.fromEntries(arrays.filter((name) => query.has(name)).map((name) => [name, boot.holds[name]])));
  memory.shown(plain(query));
  if (url.isMeant(query)) refuseLink();
  void noteCarried(query);
  k = known = 0;
  wanted = -1;
}

/** A view that looks at the moment alone, and need not be drawn anew where only the cell is another one.
 * @template {{begin: (trace: Trace) => void, draw: (frame: Frame) => void}} View @param {View} view @returns {View} */
function ofMoment(view) {
  /** @type {Frame|undefined} */ let drawn;
  const begin = (/** @type {Trace} */ next) => ((drawn = undefined), view.begin(next));
  const draw = (/** @type {Frame} */ frame) => {
    const { k, first, stop, scene, asked } = drawn ?? {};
    const isSame = k === frame.k && first === frame.first && stop === frame.stop && scene === frame.scene;
    if (!isSame || asked !== frame.asked) view.draw((drawn = frame));
  };
  return { ...view, begin, draw };
}

/** Keep what no link has room for, and say so once. @param {URLSearchParams} query */
async function noteCarried(query) {
  const [named, before] = [namedIn(query), carried];
  contrast.hidden = named.length > 0; // its page is made of what an address says
  carried = named.join();
  if (!carried) return;
  const isKept = await stored().then(({ store }) => store(query), () => false); // prettier-ignore
  if (carried === before) return;
  const sentences = ["carried.note", ...(isKept ? [] : ["carried.lost"])].map((key) => say(key));
  const said = sentences.map((sentence) => sentence.replace("{arrays}", listed(named)));
  note([part("#notice").textContent, ...said].filter(Boolean).join("\n")); // beside what has become of others
}

/** @param {string[]} names */
const listed = (names) => new Intl.ListFormat(spoken).format(names);

/** @param {number} moment */
function goTo(moment) {
  player.stop();
  go(moment);
}

/** More of the run on the stage has arrived; what a scene comes to as a whole is told once it has.
 * @param {number} moment to show first */
function arrived(moment) {
  const { steps, length } = theTrace();
  if (wanted < 0) go(moment);
  else if (wanted > k && wanted <= steps.length) go(wanted);
  if ([theTrace().sceneAt(k).stop, length].some((stop) => known < stop && stop <= steps.length)) redraw();
  known = steps.length;
  player.arrived();
  predicting?.arrived();
  compare();
}

/** Tells how far a run is that was asked for. @param {boolean} isFirst */
function progress(isFirst) {
  const { arrived, end } = recording(isFirst);
  awaiting.begin();
  return { arrived: (/** @type {Trace} */ trace) => (arrived(trace), awaiting.arrived(trace)), end };
}

/** Mark the stage while what was asked for has not arrived, and say what that is. */
function wait() {
  const isAwaited = wanted > theTrace().steps.length;
  ground.classList.toggle("waiting", Boolean(run.pending) || isAwaited);
  awaiting.wait(Boolean(run.pending) || isAwaited, run.pending ? undefined : wanted);
}

/** Wait no longer: what is shown stays. */
function cancel() {
  player.stop();
  if (!run.pending) return go(k);
  run.cancel();
  stay();
}

/** The form shows the settings of the run, and whether it is on arrays of one's own. */
function showSettings() {
  const isOwn = arrays.some((name) => run.query.has(name));
  form.show(theTrace().header.settings, isOwn);
}

/** What was shown still is, and the address and the settings are of that. */
function stay() {
  url.follow(run.query, wanted, true);
  showSettings();
  if (url.isMeant(run.query)) refuseLink();
}

/** @param {"busy"|"cut"|undefined} reason why nothing comes; none, where it does again */
function lost(reason) {
  if (reason) tell(say(`stream.${reason}`));
  else if (["stream.cut", "stream.busy"].some((key) => part("#notice").textContent === say(key))) tell("");
}

/** Without the legal values the ranges stay as they were, and the server refuses what is out of range.
 * @param {URLSearchParams} query @param {AbortSignal} signal */
async function allowWhatIsLegal(query, signal) {
  try {
    // What follows from the settings is made to fit them.
    const bound = url.changed(query, Object.fromEntries(boot.following.map((name) => [name, ""])));
    const response = await ask(url.api("limits", bound), { signal });
    if (response.ok) form.allow((boot.legal = await response.json()));
  } catch {
    // The connection is gone, or the reader has gone on: the stream has that to say.
  }
}

/** Say beside its control why a value was refused; where there are no controls to be seen, for the page.
 * @type {Refuse} */
function refuse(setting, message) {
  form.refuse(setting, message);
  if (!knobs.checkVisibility()) note(message);
}

/** Say what of the link does not hold. On a small screen the settings may have been left behind already: there the
 * page says what is not in view beside its control. */
function refuseLink() {
  const refusals = Object.entries(boot.refusals);
  const places = refusals.map(([setting, message]) => form.refuse(setting, message));
  const hidden = refusals.filter((_, at) => !isInView(places[at])).map(([, message]) => message);
  if (!knobs.checkVisibility() || SMALL.matches) note(hidden.join("\n"));
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

/** @param {import("./run/stream.js").Refusal} refusal @param {Refuse} [told] says so where the change was made */
function refused({ setting, message }, told = refuse) {
  const language = opened.get("lang");
  const bare = new URLSearchParams(language ? { lang: language } : {});
  if (run.trace) {
    stay();
    told(setting, message);
  } else if (plain(run.query) === plain(bare)) {
    tell(message); // even the default was refused
  } else {
    boot.refusals = { [setting ?? ""]: message };
    run.query = url.meant = bare;
    void run.load(bare, momentOfUrl); // the default walk, with the refusal beside its control
  }
}

// --- the moment ---------------------------------------------------------------------------------------------------

/** Show the moment after so many steps; if it has not arrived yet, as soon as it has. @param {number} moment */
function go(moment) {
  const { steps, length } = theTrace();
  if (!(Number.isInteger(moment) && moment >= 0 && moment <= length))
    throw new RangeError(`a step from 0 to ${length} was expected, got ${moment}`);
  moment = predicting?.at(moment) ?? moment;
  wanted = moment;
  wait();
  if (moment <= steps.length) k = moment;
  redraw(); // what has arrived is better than an empty stage
}

/** Escape closes what lies on top before it lets go of a cell. */
const escape = () => !isOverlaid() && free();

document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") escape();
});
ground.addEventListener("click", ({ target, defaultPrevented }) => {
  const onGround = target instanceof Element && !target.closest("button, a, input, select, summary, label");
  if (onGround && !defaultPrevented) free();
});

ground.addEventListener("click", ({ target }) => {
  const name = target instanceof Element && target.closest("[data-look]")?.getAttribute("data-look");
  if (!name) return;
  if (predicting?.stands()) return note(say("plot.asked"));
  const awaited = say("closer.awaited");
  const isThere = drawings.have(({ open }) => {
    if (part("#notice").textContent === awaited) note("");
    open(name);
  });
  if (!isThere) note(awaited);
  if (isByMouse()) toTheStage(); // the keys belong to the walk
});

/** Give the focus to the title of an array, where it stands on the stage. @param {string} array */
function toTheTitle(array) {
  const title = /** @type {HTMLElement|null} */ (ground.querySelector(`[data-look="${CSS.escape(array)}"]`));
  if (title && !isByMouse()) title.focus({ preventScroll: true });
  else toTheStage();
}

function redraw() {
  if (!asked) asked = requestAnimationFrame(draw);
}

/** Draw what a redraw was asked for now, and not before the next frame only, which would then come one later. */
function drawNow() {
  if (asked) {
    cancelAnimationFrame(asked);
    draw();
  }
  return pictured();
}

function draw() {
  asked = 0;
  const { trace } = run;
  if (!trace || wanted < 0) return;
  const [first, stop] = trace.lit(k, player.level());
  const scene = trace.sceneAt(k);
  pinned.enter(scene);
  /** @type {Frame} */ const whole = { k, first, stop, scene, cell: pinned.cell, glance: pinned.glanced };
  const frame = predicting?.frame(whole) ?? whole;
  const { asked: question } = frame;
  trace.show(k);
  const giveBack = refocus ?? holdFocus();
  refocus = undefined;
  for (const view of above) view.draw(frame);
  const derivation = question && !question.keeps ? question.derivation : work?.at(frame);
  boards?.draw(frame, derivation);
  sums?.draw(frame, derivation);
  for (const view of below) view.draw(frame);
  giveBack();
  relight();
  for (const view of [player, pencil, tips]) view.draw(frame);
  predicting?.draw(frame);
  outside.draw(frame, trace.length);
  if (run.pending)
    url.stop(); // the address may be the other run's already
  else url.follow(run.query, wanted);
  becomeReady();
}

const asks = boot.view.predict || "1"; // at each cell, or at some places
const asker = {
  k: () => k, trace: () => run.trace, go, free, note,
  playing: { ...player, is: () => part(".play").classList.contains("playing") },
  cell: () => pinned.cell, panel: (/** @type {string} */ array) => boards?.panel(array),
}; // prettier-ignore

/** Turn the questions on or off. Inside another page there are none, unless that asks for them.
 * @param {boolean} [on] as an address has it; by hand the other of the two */
async function predict(on) {
  if (holding || (boot.view.embed && !boot.view.predict)) return;
  try {
    const { placesOf, prediction } = await import("./predict/predict.js");
    predicting ??= await prediction(ground, say, {
      ...asker, places: placesOf(asks), pace: player.level, forward: player.actions.forward, refresh,
      address: (step = 0) => url.of(run.query, step, { ...presenter.view(), predict: asks }),
      reach: (array) => boards?.panel(array)?.grid.resume(),
      leave: () => void predict(false).then(() => url.follow(run.query, wanted, true)),
    }); // prettier-ignore
  } catch {
    return note(say("predict.missing"));
  }
  const isOn = on ?? !predicting.is();
  if (isOn) view.predict = asks;
  else delete view.predict;
  predicting.show(isOn);
  if (run.trace && on === undefined) url.follow(run.query, wanted, true);
}

// --- the address --------------------------------------------------------------------------------------------------

/** What was asked for last. */
const asking = () => run.pending ?? url.queryOf(theTrace().header.settings, run.query);

/** @type {import("./hands/layout.js").LayoutUrl} */
function layoutUrl(array, shape, changes) {
  const others = url.changed(asking(), { ...changes, [array]: "" });
  return url.api("layout", others, { array, shape: shape.join(), lang: spoken });
}

/** Settings or arrays were changed; an array with an empty value is dropped. Record anew, at the same place.
 * @param {Record<string, string>} changes as a URL writes them @param {Refuse} [refuse] */
function change(changes, refuse) {
  const [name] = Object.keys(changes);
  if (name in theTrace().header.settings) turned = { name, before: [theTrace().header.settings[name]].flat().join() };
  let fate = ""; // of the numbers of an array that has another size with it
  const enter = () => note(fate);
  /** @type {import("./run/run.js").Fit} */
  const fit = async (query, signal) => {
    const { query: fitting, said } = await fitted(url, query, Object.keys(changes), spoken, signal);
    fate = said;
    return fitting;
  };
  return show(url.changed(asking(), changes), { refuse, fit, enter });
}

/** Show another query's run, in the same chapter.
 * @param {URLSearchParams} query @param {import("./run/run.js").Then} [then] */
function show(query, then = {}) {
  const old = theTrace();
  player.stop();
  if (!run.pending) url.follow(run.query, wanted, true); // the place that is left
  const number = old.chapterAt(k); // there may be several of that name
  const { name, first } = old.chapters[number];
  const within = k - first;
  /** The same place of the chapter, as far as the new run has it. @param {Trace} next */
  const momentOf = (next) => {
    const found = [next.chapters[number], ...next.chapters].find((chapter) => chapter?.name === name);
    return found ? Math.min(found.first + within, found.stop) : next.opening();
  };
  /** @param {number} moment @param {URLSearchParams} query */
  const enter = (moment, query) => {
    // Not before there is something to see: until then the address is of what is shown.
    if (plain(query) !== plain(run.query)) url.enter("pushState", query, moment);
    then.enter?.(moment, query);
  };
  return run.load(query, momentOf, { ...then, enter });
}

/** What the URL says of the step. */
const stepOfUrl = () => stepOf(location.hash) ?? boot.step;

/** The moment that the URL names, if it names one, by its number or by its chapter. @param {Trace} next */
function momentOfUrl(next) {
  const chapter = next.chapters.find(({ name }) => `#${name}` === location.hash);
  if (chapter) return chapter.first + 1;
  const moment = stepOfUrl();
  if (stepOf(location.hash) === null) tell(say("step.unclear"));
  if (typeof moment !== "number") return next.opening();
  if (moment <= next.length) return moment;
  tell(say("step.beyond").replace("{steps}", String(next.length)));
  return next.length;
}

let moved = 0; // how often somebody has gone back or forward
window.addEventListener("popstate", async ({ state }) => {
  url.stop();
  player.stop();
  const move = ++moved;
  await recall(); // the page that it leads to may have been another document
  if (move !== moved) return;
  // Another link's own words, from before this page was loaded: the server knows what they mean, and what is wrong.
  const query = state ? new URLSearchParams(state.query) : url.here; // else another step was written behind the #
  if (state && state.address !== url.before(query, state.view)) return location.reload();
  url.here = query;
  if (state) presenter.follow(state.view);
  if (state && Boolean(state.view.predict) !== (predicting?.is() ?? false)) void predict(Boolean(state.view.predict));
  if (run.trace && !run.pending && plain(query) === plain(run.query)) go(momentOfUrl(run.trace));
  else void run.load(query, momentOfUrl);
});

// --- the rest of the page -----------------------------------------------------------------------------------------

/** The chapter on screen as a script, in words of its own where there is none. @param {string} as */
async function code(as) {
  const answer = await ask(url.api("code", run.query, { lang: spoken, as }, algorithmHere()));
  if (!answer.ok) throw new Error((await answer.json()).message);
  return answer.text();
}

/** The chapter on screen as a figure: its address, from which a way leads back to this very step. */
function figure() {
  const [back, algorithm] = [url.of(run.query, k, {}), algorithmHere()];
  const whole = url.api("figure", run.query, { lang: spoken, back }, algorithm);
  // An array that stands in it stands in the way back once more.
  const address = whole.length < boot.longest ? whole : url.api("figure", run.query, { lang: spoken }, algorithm);
  return address.replace(/^\/api/, "");
}

/** This walk beside one in which the setting that was changed last has the value that it had before. */
function contrasted() {
  const query = new URLSearchParams(run.query);
  if (turned) query.set(`b.${turned.name}`, turned.before);
  return `/${boot.layer}/${boot.algorithm}/contrast?${plain(query)}`;
}

/** The chapter on screen, or the whole walk where it is no algorithm by itself. */
function algorithmHere() {
  const chapter = run.trace?.chapters[run.trace.chapterAt(k)].name ?? "";
  return boot.algorithms.includes(chapter) ? chapter : boot.algorithm;
}

/** Say something that concerns the whole page. @param {string} message */
function tell(message) {
  tellIn(part("#notice"), message);
}

function refresh() {
  if (!run.trace) return;
  for (const view of [boards, sums, map, drawings]) view?.refresh();
  redraw();
}

let resizing = 0;
let room = ""; // of the stage; where the page scrolls, its height is only what stands on it
new ResizeObserver(([{ contentRect }]) => {
  const isPage = getComputedStyle(part(".panels")).overflowY === "visible";
  const now = `${contentRect.width} ${isPage || contentRect.height}`;
  if (now === room) return;
  room = now;
  clearTimeout(resizing);
  resizing = window.setTimeout(refresh, 80);
}).observe(ground);
theme(part(".theme"), refresh);
rove(part("header"), "#history button, #actions :is(a, button)");

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
  ground.focus();
});

const others = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a.language"));
for (const other of others) {
  const { href } = other; // with the link's own words
  other.addEventListener("click", () => {
    // In the other language, the same walk at the same step.
    const query = new URLSearchParams(run.query);
    query.set("lang", other.hreflang);
    other.href = url.isLink(run.query) ? `${href}#${k}` : url.of(query, k);
  });
}

// Whoever goes on to another layer takes the input along, where that layer takes such a one.
part("#menu").addEventListener("beforetoggle", ({ currentTarget }) => {
  const menu = /** @type {HTMLElement} */ (currentTarget);
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (menu.querySelectorAll("[data-takes]"))) {
    const to = new URL(link.href);
    const [name, given] = [link.dataset.takes ?? "", run.query.get(link.dataset.takes ?? "")];
    if (given) to.searchParams.set(name, given);
    else to.searchParams.delete(name);
    link.href = to.pathname + (to.searchParams.size ? `?${plain(to.searchParams)}` : "");
  }
});

const contrast = /** @type {HTMLAnchorElement} */ (part("a.contrast", knobs));
// However a link is followed or copied, one of these comes before.
for (const kind of ["pointerenter", "pointerdown", "focus"])
  contrast.addEventListener(kind, () => (contrast.href = contrasted()));

document.querySelector("a.words")?.addEventListener("click", ({ currentTarget }) => {
  // The page of words leads back to the moment that was left.
  const link = /** @type {HTMLAnchorElement} */ (currentTarget);
  const to = new URL(link.href);
  to.searchParams.set("back", `${url.before(run.query)}#${k}`);
  link.href = to.href;
});

const api = {
  /** Resolves when the first picture is drawn. */
  ready,
  get steps() {
    return run.trace?.length ?? 0;
  },
  get step() {
    return k;
  },
  /** Whether another one was asked for and has not arrived. */
  get isAwaited() {
    return wanted !== k;
  },
  /** @param {number} moment */
  seek: goTo,
  /** The cell that the reader looks at: its array, its index in it, and whether it is pinned; null if none is. */
  get cell() {
    const { cell } = pinned;
    const array = cell && theTrace().byName.get(cell.array);
    return cell && array ? { array: cell.array, index: indicesOf(array, cell.flat), pinned: cell.pinned } : null;
  },
  /** Pin a cell by its array and its index; without them the pinned one is let go.
   * @param {string|null} name @param {number[]} [index] */
  pin(name, index = []) {
    const array = theTrace().byName.get(name ?? "");
    if (!array) return void free();
    const flat = index.reduce((sum, at, axis) => sum + at * array.strides[axis], 0);
    if (pinned.cell?.pinned && pinned.cell.array === name && pinned.cell.flat === flat) return;
    if (index.length === array.shape.length && flat < array.cells.length)
      point({ array: array.name, flat, pinned: true });
  },
  play: () => player.start(),
  pause: () => player.stop(),
  /** An array at this step, as nested lists; a cell that the reader is asked for is null. @param {string} name */
  value: (name) => {
    const cells = theTrace().value(name, k);
    return predicting?.veil(name, cells) ?? cells;
  },
  /** Hold the walk where a class is asked, or let it go, as the page of its room says.
   * @param {import("./predict/held.js").Standing|null} standing */
  async hold(standing) {
    if (holder) return holder.stand(standing); // at once
    if (!standing && !holding) return; // nobody was asked yet
    holding ??= import("./predict/held.js").then(({ held }) => held(asker));
    const now = await holding.catch(() => (holding = undefined)); // asked for again with what the room says next
    if (!now) return note(say("predict.missing"));
    if (!holder && run.trace) now.begin(run.trace);
    predicting = holder = now;
    holder.stand(standing);
  },
  /** What a class can be asked about the steps after a moment: see predict/offered.js. @param {number} from */
  offered: async (from) => (await import("./predict/offered.js")).offered(theTrace(), from),
  /** Which cell each group of steps works on, as far as they have arrived: see run/cells.js. */
  cells: async () => (await import("./run/cells.js")).cellsOf(theTrace()),
  /** The next write to an array, or to one cell of it, from a moment on, as far as it has arrived.
   * @param {string} array @param {number} from @param {number[]} [cell] */
  written: async (array, from, cell) => (await import("./run/cells.js")).nextWrite(theTrace(), array, from, cell),
  /** Which mistakes give these numbers for a cell that is written from a moment on: see predict/slipped.js.
   * @param {string} array @param {number} from @param {number[]} cell @param {number[]} numbers */
  slips: async (array, from, cell, numbers) =>
    (await import("./predict/slipped.js")).slipped(theTrace(), array, from, cell, numbers),
};
Object.assign(window, { convwalk: api });

// Before anything is shown that may be asked for.
const standing = window.frameElement?.getAttribute("data-standing");
const held = standing && api.hold(JSON.parse(standing));
if (view.predict) await (held ?? predict(true));
void run.load(run.query, momentOfUrl);
