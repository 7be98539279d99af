// @ts-check
// The run on the page and the one on its way: fetched line by line, and taken up again where its stream breaks off. It
// knows from when on a run can be shown, and nothing of what shows it.

import { CutShort, readLines, Refusal } from "./stream.js";
import { Trace } from "./trace.js";

/** @typedef {(setting: string|null, message: string) => void} Refuse says why, where the change was made */
/** @typedef {(query: URLSearchParams, signal: AbortSignal) => Promise<URLSearchParams>} Fit */
/** @typedef {{fit?: Fit, enter?: (moment: number, query: URLSearchParams) => void, refuse?: Refuse}} Then how to make
 *   what is asked for fit, what to do just before a run comes onto the stage, and when it is refused */
/** @typedef {{arrived: (trace: Trace) => void, end: (isWhole: boolean) => void}} Recording is told of the steps that
 *   have arrived, whether they are shown or not */
/** @typedef {import("./stream.js").Ask} Ask */
/** @typedef {object} Page what a run does to the page
 * @property {(query: URLSearchParams, start: number) => string} url of its stream from a step on
 * @property {Ask} ask fetches what stands there
 * @property {(isFirst: boolean) => Recording} progress tells how far one is that was asked for
 * @property {(before: Trace|undefined) => void} begin has it stand in the place of the one before
 * @property {(moment: number) => void} arrived more of it has; the moment is the first to be shown
 * @property {() => Promise<void>} show draws it at once, and waits until it is seen
 * @property {() => void} wait marks the stage while what is asked for has not arrived
 * @property {(reason: "busy"|"cut"|undefined) => void} lost says why nothing comes, or that it does again
 * @property {(refusal: Refusal, refuse?: Refuse) => void} refused
 * @property {() => void} stayed nothing has come of what was asked for */

export class Run {
  /** @type {Trace|undefined} */ trace;
  /** @type {URLSearchParams} settings and arrays that differ from the default */ query;
  /** @type {URLSearchParams|undefined} what was asked for and has not arrived */ pending;
  #asking = new AbortController();
  /** @type {Promise<boolean>} whether what was asked for last came onto the stage */ #coming = Promise.resolve(true);

  /** @param {URLSearchParams} query that the page came with @param {Page} page */
  constructor(query, page) {
    this.query = query;
    this.page = page;
  }

  /** Aborted as soon as another run is asked for. */
  get signal() {
    return this.#asking.signal;
  }

  /** Fetch a run, and show it from a moment on. The old one stays until there is something new to see.
   * @param {URLSearchParams} query @param {(trace: Trace) => number} momentOf which moment of the new run to show
   * @param {Then} [then] @returns {Promise<boolean>} whether it came onto the stage, as soon as that is known */
  load(query, momentOf, then = {}) {
    this.#coming = new Promise((resolve, reject) => {
      const fetched = this.#fetch(query, momentOf, then, () => resolve(true));
      fetched.catch(reject);
      void fetched.then(() => resolve(false)); // what goes wrong later on is heard of too
    });
    return this.#coming;
  }

  /** Stay with what is shown: what was asked for is given up, and the rest of what is shown is fetched. */
  cancel() {
    const { trace, query, page } = this;
    if (!trace || !this.pending) return;
    this.#asking.abort();
    this.pending = undefined;
    page.stayed();
    if (trace.steps.length < trace.length)
      void this.#fetch(
        query,
        () => 0,
        {},
        () => {},
        trace,
      );
  }

  /** Wait until what was asked for is on the stage, or refused: what is changed next begins there. */
  async settled() {
    while (this.pending) await this.#coming;
  }

  /** @param {URLSearchParams} query @param {(trace: Trace) => number} momentOf @param {Then} then
   * @param {() => void} begun @param {Trace} [arriving] what is there of it already */
  async #fetch(query, momentOf, { fit, enter, refuse }, begun, arriving) {
    const { page } = this;
    this.#asking.abort();
    const { signal } = (this.#asking = new AbortController());
    if (!arriving) this.pending = query;
    const progress = page.progress(!this.trace);
    if (this.trace) page.wait();
    let isWhole = false;
    /** @type {number|undefined} */ let moment;
    try {
      if (fit) query = this.pending = await fit(query, signal);
      if (signal.aborted) return;
      for (let tries = 0; ; tries++) {
        try {
          await readLines(page.url(query, arriving?.steps.length ?? 0), page.ask, signal, (line) => {
            if (line.header && !arriving) {
              arriving = new Trace(line.header);
              if (!this.trace) this.#begin(arriving, query);
            }
            if (!arriving) return;
            arriving.add(line.steps ?? []);
            progress.arrived(arriving);
            if (!line.steps) return;
            tries = 0;
            moment ??= momentOf(arriving);
            const isNew = this.trace !== arriving && moment <= arriving.steps.length;
            if (isNew) {
              enter?.(moment, query);
              this.#begin(arriving, query);
            }
            if (this.trace === arriving) (page.arrived(moment), begun());
            page.wait();
            return isNew ? page.show() : undefined; // what follows is read once it is seen
          });
          page.lost(undefined);
          isWhole = true;
          return;
        } catch (error) {
          if (signal.aborted) return;
          if (error instanceof Refusal) {
            this.pending = undefined;
            page.stayed();
            return page.refused(error, refuse);
          }
          if (!(error instanceof CutShort)) throw error;
          page.lost(error.after ? "busy" : "cut");
          await new Promise((resolve) => setTimeout(resolve, error.after || Math.min(8000, 500 * 2 ** tries)));
          if (signal.aborted) return;
        }
      }
    } finally {
      progress.end(isWhole);
      if (this.pending === query) {
        this.pending = undefined;
        page.stayed();
      }
    }
  }

  /** @param {Trace} trace @param {URLSearchParams} query */
  #begin(trace, query) {
    const before = this.trace;
    this.trace = trace;
    this.query = query;
    this.pending = undefined;
    this.page.begin(before);
  }
}
