// @ts-check
// Wires the page. The only state is the URL's query (settings, arrays) and the step; every view draws from those.

import { part } from "./page.js";
import * as plot from "./plot.js";
import { narration } from "./narration.js";
import { settings } from "./settings.js";
import { source } from "./source.js";
import { stage } from "./stage.js";
import { CutShort, readLines, Refusal } from "./stream.js";
import { Trace } from "./trace.js";
import { track } from "./track.js";
import { transport } from "./transport.js";

/** @typedef {import("./stage.js").Frame} Frame */

/** @type {{layer: string, algorithm: string, defaults: Record<string, any>, arrays: string[], legal: any,
 *  words: Record<string, string>, plotly: string, refusal: {setting: string|null, message: string}|null}} */
const boot = JSON.parse(part("#boot").textContent ?? "");
const say = (/** @type {string} */ key) => boot.words[key] ?? key;

/** @type {URLSearchParams} the settings and arrays that differ from the default */
let query = boot.refusal ? spoken() : new URLSearchParams(location.search);
/** @type {Trace|undefined} */ let trace;
/** @type {{draw: (frame: Frame) => void, close: () => void}[]} */ let views = [];
/** @type {ReturnType<typeof stage>|undefined} */ let board;
let k = 0;
let wanted = 0; // the moment asked for: it may not have arrived yet
let loading = new AbortController();
let asked = 0; // redraws asked for and not done
let written = 0; // when the step was last written into the URL

/** @type {() => void} */ let becomeReady;
const ready = new Promise((resolve) => (becomeReady = () => resolve(undefined)));

const form = settings(/** @type {HTMLFormElement} */ (part("#settings")), say, change, (array) => change(array, ""));
const player = transport(part("#transport"), say, { k: () => k, trace: theTrace, go, redraw });

function theTrace() {
  if (!trace) throw new Error("no run has arrived yet");
  return trace;
}

// --- the run ------------------------------------------------------------------------------------------------------

/** Fetch the run that the query asks for, and show it from a moment on. The old one stays until the new one is there.
 * @param {(trace: Trace) => number} momentOf which moment of the new run to show */
async function load(momentOf) {
  loading.abort();
  const { signal } = (loading = new AbortController());
  /** @type {Trace|undefined} */ let arriving;
  for (let tries = 0; ; tries++) {
    try {
      await readLines(streamUrl(arriving?.steps.length ?? 0), signal, (line) => {
        if (line.header && !arriving) arriving = begin(new Trace(line.header), momentOf);
        if (line.steps) receive(/** @type {Trace} */ (arriving), line.steps);
      });
      tell("");
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal) return refused(error);
      if (!(error instanceof CutShort)) throw error;
      tell(say("stream.cut"));
      await new Promise((resolve) => setTimeout(resolve, Math.min(8000, 500 * 2 ** tries)));
      if (signal.aborted) return;
    }
  }
}

/** @param {number} start */
function streamUrl(start) {
  const asking = new URLSearchParams(query);
  asking.set("lang", document.documentElement.lang.slice(0, 2));
  if (start) asking.set("start", String(start));
  return `/api/${boot.layer}/${boot.algorithm}/stream?${asking}`;
}

/** @param {Trace} next @param {(trace: Trace) => number} momentOf */
function begin(next, momentOf) {
  const first = !trace; // the page came with the legal values of its settings
  player.stop();
  for (const view of views) view.close();
  trace = next;
  board = stage(part("#stage"), trace, say);
  views = [board, source(part("#source"), trace, say), narration(document.body, trace, say),
    track(part("#track"), trace, say, (to) => { player.stop(); go(to); })]; // prettier-ignore
  form.show(trace.header.settings);
  form.allow(boot.legal);
  if (!first) void allowWhatIsLegal(loading.signal);
  form.size(trace.header.formula);
  form.brought(boot.arrays.filter((name) => query.has(name)));
  if (boot.refusal) form.refuse(boot.refusal.setting, boot.refusal.message);
  boot.refusal = null; // it is about the address that the page was opened with
  k = 0;
  wanted = -1;
  momentAfterArrival = momentOf;
  return trace;
}

/** @type {((trace: Trace) => number)|undefined} */ let momentAfterArrival;

/** Without the legal values the ranges stay as they were, and the server refuses what is out of range.
 * @param {AbortSignal} signal */
async function allowWhatIsLegal(signal) {
  try {
    const response = await fetch(`/api/${boot.layer}/${boot.algorithm}/limits?${query}`, { signal });
    if (response.ok) form.allow((boot.legal = await response.json()));
  } catch {
    // The connection is gone, or the reader has gone on: the stream has that to say.
  }
}

/** @param {Trace} arriving @param {any[]} steps */
function receive(arriving, steps) {
  arriving.add(steps);
  if (momentAfterArrival) {
    const moment = momentAfterArrival(arriving);
    momentAfterArrival = undefined;
    go(moment);
    becomeReady();
  } else if (wanted > k) go(wanted);
  player.arrived();
}

/** @param {Refusal} refusal */
function refused(refusal) {
  if (!trace) {
    boot.refusal = refusal;
    query = spoken();
    return void load(momentOfUrl); // the default walk, with the refusal beside its control
  }
  // What was shown still is: the URL goes back to it.
  query = queryOf(trace.header.settings);
  writeUrl(true);
  form.show(trace.header.settings);
  form.refuse(refusal.setting, refusal.message);
}

/** The query without its settings: only the language that it asks for. */
function spoken() {
  const language = new URLSearchParams(location.search).get("lang");
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
  if (moment > steps.length) return;
  k = moment;
  redraw();
}

function redraw() {
  if (!asked) asked = requestAnimationFrame(draw);
}

function draw() {
  asked = 0;
  if (!trace) return;
  const [first, stop] = trace.lit(k, player.level());
  const frame = { k, first, stop, scene: trace.sceneAt(k) };
  for (const view of views) view.draw(frame);
  player.draw(frame);
  writeUrl(false);
}

// --- the URL ------------------------------------------------------------------------------------------------------

/** @param {Record<string, any>} values @returns {URLSearchParams} what differs from the default, and the arrays */
function queryOf(values) {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    const text = [value].flat().join(",");
    if (text !== [boot.defaults[name]].flat().join(",")) kept.set(name, text);
  }
  for (const name of [...boot.arrays, "lang"]) {
    const given = query.get(name);
    if (given) kept.set(name, given);
  }
  return kept;
}

/** A setting was changed, or with an empty value an array dropped: record anew, in the same chapter.
 * @param {string} name @param {string} value */
async function change(name, value) {
  const old = theTrace();
  writeUrl(true);
  const isArray = boot.arrays.includes(name);
  query = queryOf(isArray ? old.header.settings : { ...old.header.settings, [name]: value });
  if (isArray) query.delete(name);
  const chapter = old.chapters[old.chapterAt(k)].name;
  const within = k - old.chapters[old.chapterAt(k)].first;
  await load((next) => {
    const moment = momentIn(next, chapter, within);
    history.pushState(null, "", urlAt(moment)); // not before it is known that the setting is legal
    return moment;
  });
}

/** The same place of the same chapter, as far as the new run has it. @param {Trace} next @param {string} chapter
 * @param {number} within */
function momentIn(next, chapter, within) {
  const found = next.chapters.find((each) => each.name === chapter);
  return found ? Math.min(found.first + within, found.stop) : next.opening();
}

/** @param {number} moment */
function urlAt(moment) {
  const text = query.toString().replaceAll("%2C", ",");
  return `/${boot.layer}/${boot.algorithm}${text ? `?${text}` : ""}#${moment}`;
}

/** Browsers allow only so many changes of the URL: it follows at rest. @param {boolean} atOnce */
function writeUrl(atOnce) {
  clearTimeout(written);
  const write = () => history.replaceState(null, "", urlAt(k));
  if (atOnce) write();
  else written = window.setTimeout(write, 250);
}

/** The moment that the URL names, if it names one. @param {Trace} next */
function momentOfUrl(next) {
  const named = /^#(\d+)$/.exec(location.hash);
  if (!named) return next.opening();
  const moment = Number(named[1]);
  if (moment <= next.length) return moment;
  tell(say("step.beyond").replace("{steps}", String(next.length)));
  return next.length;
}

window.addEventListener("popstate", () => {
  clearTimeout(written);
  const before = query.toString();
  query = new URLSearchParams(location.search);
  player.stop();
  if (query.toString() === before && trace) go(momentOfUrl(trace));
  else void load(momentOfUrl);
});

// --- the rest of the page -----------------------------------------------------------------------------------------

/** Say something that concerns the whole page. @param {string} message */
function tell(message) {
  const where = part("#notice");
  where.textContent = message;
  where.hidden = !message;
}

function refresh() {
  board?.refresh();
  redraw();
}

let resizing = 0;
new ResizeObserver(() => {
  clearTimeout(resizing);
  resizing = window.setTimeout(refresh, 80);
}).observe(part("#stage"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh);

window.addEventListener("message", (event) => {
  if (event.data?.convwalk !== "seek") return;
  try {
    api.seek(event.data.step);
  } catch (error) {
    tell(String(error)); // the page that embeds this one asked for a step that there is not
  }
});

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
  seek(moment) {
    player.stop();
    go(moment);
  },
  play: () => player.start(),
  pause: () => player.stop(),
  /** An array at this step, as nested lists. @param {string} name */
  value(name) {
    const shown = theTrace();
    shown.seek(k);
    const array = shown.byName.get(name);
    if (!array) throw new RangeError(`there is no array ${name}`);
    return array.nested();
  },
};
Object.assign(window, { convwalk: api });

document.documentElement.classList.add("live");
void load(momentOfUrl);
// The first picture is drawn by hand; the library is large, and comes when that stands.
void ready.then(() => requestAnimationFrame(() => setTimeout(() => plot.load(boot.plotly).then(refresh), 0)));
