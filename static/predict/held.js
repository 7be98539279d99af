// @ts-check
// A walk in the frame of a room while its class is asked: no moment after the question is shown, and nothing at all
// tells what is asked for. The page of the room says what stands; here is known what of a walk would tell it.

import { styled, worded } from "../page/beside.js";
import { element } from "../page/page.js";
import { Counts } from "./counts.js";
import { nextWrite } from "../run/cells.js";
import { flatOf, questionAt } from "./question.js";
import { Reveal } from "./reveal.js";
import { seenOf } from "./seen.js";

/** @import { Trace } from "../run/trace.js" */
/** @import { Asked, Frame } from "../board/stage.js" */
/** @import { Cell } from "../say/cell.js" */
/** @import { Panel } from "../board/panel.js" */
/** @import { Counted } from "./counts.js" */
/** @import { Question } from "./question.js" */
/** What stands in a room: a question, whether its walk is held, and how often each place was given. One that has no
 * array is about no cell.
 * @typedef {{isHeld: boolean, kind: string, array: string|null, cell: number[]|null, step: number,
 *   counts: Counted[]}} Standing */
/** @typedef {object} Walk
 * @property {() => number} k
 * @property {() => Trace|undefined} trace
 * @property {(moment: number) => void} go
 * @property {() => void} free lets go of a pinned cell
 * @property {() => Cell|undefined} cell that its reader looks at
 * @property {{stop: () => void}} playing
 * @property {(message: string) => void} note
 * @property {(array: string) => Panel|undefined} panel of an array */

/** @param {Walk} walk */
export async function held(walk) {
  const [words] = await Promise.all([worded(import.meta.url), styled("predict.css", import.meta.url)]);
  /** @type {Trace|undefined} */ let trace;
  /** @type {Standing|null} */ let standing = null;
  /** @type {Question|undefined} as the walk has it, once it has arrived so far */ let question;
  /** @type {Asked|undefined} what is seen where it stands */ let here;
  /** @type {Asked} what is seen before */ let before = nothing();
  let isRevealed = false;
  const view = new Reveal();
  const counts = new Counts();
  const chosen = element("div", { class: "chosen", "aria-hidden": "true" });

  addEventListener("resize", reveal); // the question takes room from the stage

  const isHeld = () => standing !== null && standing.isHeld;

  /** @param {Standing|null} next */
  function stand(next) {
    if (JSON.stringify(next) === JSON.stringify(standing)) return;
    const isOther = next?.step !== standing?.step || next?.array !== standing?.array;
    standing = next;
    document.documentElement.classList.toggle("class-asked", isHeld());
    // What there is without scripts has every array as it is at the end.
    if (isHeld()) for (const each of document.querySelectorAll("body > noscript, .picture")) each.remove();
    if (isOther && isHeld()) walk.free();
    if (!isHeld()) view.back();
    isRevealed = !isOther && isRevealed;
    look();
    if (trace) walk.go(walk.k());
  }

  function reveal() {
    if (standing?.isHeld && standing.array) view.bring(walk.panel(standing.array), standing.kind === "value");
  }

  /** Find what is asked for in the walk. */
  function look() {
    question = here = undefined;
    before = nothing();
    if (!standing?.isHeld || !trace) return;
    question = found(trace, standing);
    if (!question) return;
    here = seenOf(trace, question, 0);
    before = { ...nothing(), aim: here.aim };
    if (question.kind !== "value" || !isWithin(standing.step)) return;
    // What was laid down before it was asked lies there still, and tells where to look, but no sum.
    const hinted = seenOf(trace, question, 1);
    const { step } = standing;
    here = { ...hinted, reads: hinted.reads.filter((read) => read.step < step) };
  }

  /** Whether a moment is within the work at what is asked for. @param {number} k */
  const isWithin = (k) => Boolean(trace && question && k > trace.iterationAt(question.step + 1));

  return {
    is: () => false,
    stands: isHeld,
    stand,
    show: () => {},
    /** @param {number} moment */
    at(moment) {
      if (!standing?.isHeld || moment <= standing.step) return moment;
      walk.playing.stop();
      walk.note(words["predict.held"]);
      return standing.step;
    },
    /** @param {Frame} frame @returns {Frame} */
    frame(frame) {
      if (!trace || !standing?.isHeld || !standing.array) return frame;
      const { k } = frame;
      const cell = frame.cell?.pinned ? undefined : frame.cell;
      const asked = here && (k === question?.step || isWithin(k)) ? here : before;
      if (asked.keeps) return { ...frame, cell, asked };
      return { ...frame, cell, first: k, stop: k, scene: trace.sceneAt(k + 1), asked };
    },
    /** No cell is taken out: what is asked for has not been written yet. @param {string} _ @param {any} nested */
    veil: (_, nested) => nested,
    /** What is pointed at may be one's answer; else it is not looked into. @param {Cell|undefined} cell */
    point: (cell) =>
      isHeld() && cell?.pinned === true && !(standing?.kind === "place" && cell.array === standing.array),
    draw() {
      if (!isRevealed) reveal();
      isRevealed = true;
      counts.draw(standing?.array ? walk.panel(standing.array) : undefined, standing?.counts ?? []);
      const cell = isHeld() ? walk.cell() : undefined;
      const panel = cell?.pinned ? walk.panel(cell.array) : undefined;
      if (panel && cell) panel.layOver(chosen, cell.flat);
      else chosen.remove();
    },
    /** @param {Trace} next */
    begin(next) {
      trace = next;
      look();
    },
    /** More of the run has. */
    arrived() {
      if (!trace || !standing?.isHeld || question) return;
      look();
      if (question) walk.go(walk.k());
    },
  };
}

/** @returns {Asked} what is lit stays lit, and nothing more is seen */
const nothing = () => ({ hides: false, keeps: true, reads: [] });

/** The question as the walk has it: a number that comes into a cell, or a place that a step is about.
 * @param {Trace} trace @param {Standing} standing @returns {Question|undefined} */
function found(trace, { kind, array, cell, step }) {
  const named = trace.byName.get(array ?? "");
  if (!named || step >= trace.steps.length) return undefined;
  if (kind === "value" && cell) {
    const stop = nextWrite(trace, named.name, step, cell)?.stop;
    if (stop === undefined) return undefined;
    const write = trace.accesses.lastWrite(named, flatOf(named, cell), trace.accesses.upTo(stop));
    return write && { kind: "value", asks: "value", step: write.step, array: named.name, cell };
  }
  const asked = questionAt(trace, step);
  return asked && asked.kind === kind && asked.array === array ? asked : undefined;
}
