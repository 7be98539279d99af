// @ts-check
// Prediction: before a step that makes a cell the walk stops, and the reader says what comes. It knows which question
// stands, what has been answered and what is to be hidden meanwhile; how it looks and what it says is told elsewhere.

import { styled, worded } from "../page/beside.js";
import { part } from "../page/page.js";
import { filled } from "../say/describe.js";
import { bar } from "./bar.js";
import { count } from "./count.js";
import { Order } from "./order.js";
import { seenOf } from "./seen.js";
import { Tally } from "./tally.js";
import { verdictOn } from "./verdict.js";
import { askedLine, idleLine, titleOf, toldLine } from "./lines.js";

/** @import { Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** @import { Asked, Frame } from "../board/stage.js" */
/** @import { Cell } from "../say/cell.js" */
/** @import { Question } from "./question.js" */
/** @import { Outcome } from "./tally.js" */
/** @import { Given, Verdict } from "./verdict.js" */
/** @typedef {object} Walk
 * @property {() => number} k
 * @property {() => Trace|undefined} trace
 * @property {number[]} places steps from each of which on one cell is asked for; none, where all are
 * @property {() => number} pace
 * @property {(moment: number) => void} go
 * @property {() => void} forward goes a step on, at the pace
 * @property {() => void} free lets go of a pinned cell
 * @property {{start: () => void, stop: () => void, is: () => boolean}} playing
 * @property {() => void} refresh sets the stage up anew
 * @property {(step?: number) => string} address of the walk, or of a step of it
 * @property {(message: string) => void} note
 * @property {(array: string) => void} reach gives the focus to the cells of an array
 * @property {() => void} leave turns the questions off */

/** @param {HTMLElement} stage @param {Say} page the words of the page @param {Walk} walk */
export async function prediction(stage, page, walk) {
  const [words] = await Promise.all([worded(import.meta.url), styled("predict.css", import.meta.url)]);
  const say = (/** @type {string} */ key) => words[key] ?? page(key);
  const counted = count(say, {
    again: (step) => retry(step),
    cleared: () => (tally.clear(), done.clear(), counted.draw(tally), redraw()),
    address: (step) => walk.address(step),
    nameOf: (step) => nameAt(step),
  });
  const foot = part("footer");
  const { style } = document.documentElement;
  const measure = () => style.setProperty("--predict-foot", `${foot.offsetHeight}px`);
  new ResizeObserver(() => requestAnimationFrame(measure)).observe(foot); // it may change the height of the foot
  const line = bar(say, { answer, hint, skip: () => answer(undefined), next, leave: walk.leave }, counted.opener);

  let isOn = false;
  /** @type {Trace|undefined} */ let trace;
  /** @type {Order|undefined} */ let order;
  let tally = new Tally("");
  /** @type {Set<number>} steps whose questions have been answered or passed */ const done = new Set();
  /** @type {{question: Question, hints: number}|undefined} */ let standing;
  /** @type {{question: Question, verdict: Verdict, outcome: Outcome}|undefined} what came of the last */ let told;
  /** @type {Asked|undefined} what the stage shows of the one that stands */ let asked;
  /** @type {"named"|"opening"|undefined} of a run that has shown no moment: whether the reader has come for one */
  let fresh;
  let awaited = -1; // a moment whose next step has not arrived: nobody knows yet whether it is asked about
  let wished = -1; // the step of a question that is tried again, whatever the pace
  let wasPlaying = false;
  let turns = 0; // what the line shows has changed so many times
  let reached = -1; // the turn for which the focus was given to a board last
  let byKeys = false; // whether the last thing that the reader did was done with the keyboard
  for (const type of ["keydown", "pointerdown"])
    addEventListener(type, () => (byKeys = type === "keydown"), { capture: true, passive: true });

  // --- the mode ---------------------------------------------------------------------------------------------------

  /** @param {boolean} on */
  function show(on) {
    if (on === isOn) return;
    isOn = on;
    document.documentElement.classList.toggle("predicting", on);
    if (on) {
      part(".legend", stage).before(line.root);
      document.body.append(counted.root);
      document.querySelector("body > noscript")?.remove(); // it has every array as it is at the end
    } else {
      line.root.remove();
      counted.root.remove();
      close();
    }
    for (const each of document.querySelectorAll("[data-does=predict]")) each.setAttribute("aria-pressed", String(on));
    if (!trace && walk.trace()) begin(/** @type {Trace} */ (walk.trace()), true);
    counted.draw(tally);
    if (!trace) return; // it is on its way
    fresh = "named"; // the moment that is shown is the one that the reader has come for
    walk.refresh();
    walk.go(walk.k());
    if (!on) stage.focus({ preventScroll: true });
  }

  function close() {
    standing = told = asked = undefined;
    turns++;
  }

  // --- where the walk stops -----------------------------------------------------------------------------------------

  /** @param {Question} question */
  const isOpen = ({ step }) => !done.has(step);

  /** @param {Question} question */
  const isDue = (question) =>
    isOpen(question) && (!walk.places.length || walk.places.some((place) => order?.after(place) === question));

  /** Where a reader who asks for a moment is led: no further than to the next question.
   * @param {number} moment @returns {number} */
  function at(moment) {
    if (!isOn || !trace || !order) return moment;
    const k = walk.k();
    if (standing) {
      const { step } = standing.question;
      if (moment > step) {
        walk.playing.stop();
        walk.note(say("predict.first"));
        line.focus();
      }
      if (moment >= step) return step;
    }
    if (told && moment === told.question.step + 1) return moment;
    const isStep = !fresh && moment > k && (moment === k + 1 || moment === trace.after(k, walk.pace()));
    const from = fresh === "opening" ? trace.sceneAt(moment).first : isStep ? k : moment;
    const to = fresh === "opening" || isStep ? moment : moment + 1;
    const pace = moment === wished || walk.places.length ? Infinity : walk.pace();
    const found = order.first(from, to, pace, moment === wished ? isOpen : isDue);
    fresh = undefined;
    wished = -1;
    awaited = moment >= trace.steps.length ? moment : -1;
    close();
    return found ? open(found) : moment;
  }

  /** @param {Question} question @returns {number} the moment at which it stands */
  function open(question) {
    standing = { question, hints: 0 };
    wasPlaying = walk.playing.is();
    walk.playing.stop();
    walk.free();
    asked = seenOf(/** @type {Trace} */ (trace), question, 0);
    turns++;
    return question.step;
  }

  function next() {
    const again = wasPlaying;
    wasPlaying = false;
    if (again) walk.playing.start();
    else walk.forward();
  }

  /** @param {number} step */
  function retry(step) {
    done.delete(step);
    close();
    wished = step;
    walk.go(step);
  }

  // --- what is seen meanwhile ---------------------------------------------------------------------------------------

  /** What of a moment is shown while a question stands. @param {Frame} frame @returns {Frame} */
  function frame(frame) {
    if (!standing || !asked || frame.k !== standing.question.step) return frame;
    if (asked.keeps || !trace) return { ...frame, asked };
    // Before the first step of a scene, that one is on the stage already.
    return { ...frame, first: frame.k, stop: frame.k, scene: trace.sceneAt(frame.k + 1), asked };
  }

  /** Take the asked cell out of an array. @param {string} name @param {any} nested its cells */
  function veil(name, nested) {
    const { array, cell } = standing?.question ?? {};
    if (array !== name || !cell) return nested;
    const row = cell.slice(0, -1).reduce((part, at) => part[at], nested);
    row[cell[cell.length - 1]] = null;
    return nested;
  }

  // --- answers ------------------------------------------------------------------------------------------------------

  function hint() {
    if (!standing || !trace) return;
    standing.hints = Math.min(2, standing.hints + 1);
    asked = seenOf(trace, standing.question, standing.hints);
    turns++;
    redraw();
  }

  /** @param {Given|undefined} given nothing, where it is skipped */
  function answer(given) {
    if (!standing || !trace) return;
    const { question, hints } = standing;
    const verdict = verdictOn(trace, question, given, say);
    /** @type {Outcome} */ const outcome = !given
      ? "skipped"
      : !verdict.isRight
        ? "wrong"
        : hints
          ? "hinted"
          : "right";
    done.add(question.step);
    tally.note(question.step, outcome);
    counted.draw(tally);
    close();
    told = { question, verdict, outcome };
    walk.go(question.step + 1);
  }

  /** A cell is pointed at: it may be the answer. @param {Cell|undefined} cell @returns {boolean} whether it was one */
  function point(cell) {
    if (standing?.question.kind !== "place") return false;
    if (!cell?.pinned) return true; // nothing is lit from which one could see it
    if (cell.array === standing.question.array) answer({ flat: cell.flat });
    else walk.note(filled(say, "predict.elsewhere", { array: standing.question.array }));
    return true;
  }

  // --- the line -----------------------------------------------------------------------------------------------------

  const redraw = () => walk.go(walk.k());

  /** What the question about a step is called. @param {number} step */
  function nameAt(step) {
    const found = order?.at(step, Infinity);
    return trace && found ? titleOf(trace, found) : String(step);
  }

  /** @param {Frame} frame */
  function draw({ k }) {
    if (!isOn || !trace) return;
    const isAsked = k === standing?.question.step;
    const isTold = told && k === told.question.step + 1;
    if (isAsked && standing) {
      line.show(askedLine(trace, standing, { say, page, hasGrids: !stage.querySelector(".strip[hidden]") }));
      if (standing.question.kind === "place" && reached !== turns && byKeys) walk.reach(standing.question.array);
      reached = turns;
    } else if (isTold && told) {
      line.show({ ...toldLine(told), key: `${k} ${turns}`, canGo: k < trace.length });
      for (const { array, flat } of told.verdict.parts)
        stage.querySelector(`.strip [data-cell="${array}:${flat}"]`)?.classList.add("parted");
    } else line.show(idleLine(tally, k === trace.length, say));
  }

  /** @param {Trace} next @param {boolean} isNamed whether the reader has come for a step of their own */
  function begin(next, isNamed) {
    trace = next;
    order = new Order(next);
    tally = new Tally(walkOf(walk.address()));
    done.clear();
    fresh = isNamed ? "named" : "opening";
    close();
    counted.draw(tally);
  }

  return {
    is: () => isOn,
    stands: () => standing !== undefined,
    show,
    at,
    frame,
    veil,
    point,
    draw,
    begin,
    /** More of the run has. */
    arrived() {
      if (!trace || awaited !== walk.k() || trace.steps.length <= awaited) return;
      awaited = -1;
      walk.go(walk.k());
    },
  };
}

/** The places at which an address would have the reader asked. @param {string} text such as at-8-32 */
export const placesOf = (text) => text.split("-").slice(1).map(Number);

/** What an address says of the walk alone, and not of how it is shown. @param {string} address */
function walkOf(address) {
  const { pathname, searchParams } = new URL(address, location.href);
  for (const name of ["lang", "present", "embed", "hide", "predict"]) searchParams.delete(name);
  return `${pathname}?${searchParams}`;
}
