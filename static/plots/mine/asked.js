// @ts-check
// A reader's own arrays, and what the server says of each: how it differs from that of the walk, and which mistake
// gives just that. What was said is of the run that it was asked of; another run is asked anew. It knows no page.

import { address } from "../../paste/address.js";

/** @import { Matrix } from "../../paste/unreadable.js" */
/** @typedef {{rtol: number|string|null, atol: number|string|null, dtype: string|null}} Rule of what counts as
 *   rounding; null is the server's choice, a text that is no number is refused by it */
/** @typedef {{title: string, address: string, part: string|null}} Walk that shows a mistake; of which part of an
 *   array, if not of all */
/** @typedef {{message: string, first: number[]|null, differ: number, rtol: number, atol: number, precision: string,
 *   assumption: string|null,
 *   found: {key: string, message: string, walk: Walk|null, unshown: string|null}[], unknown: string|null,
 *   difference: (number|string)[], differs: number[]}} Answer */
/** @typedef {{matrix: Matrix, rule: Rule, answer?: Answer, refusal?: string, asking?: AbortController}} Own an array;
 *   refusal: why there is no answer */
/** @typedef {(said: Record<string, unknown>, signal: AbortSignal) => Promise<Response>} Ask */

const TRIES = 4; // of a server that is busy
const WAIT = 10; // seconds, at most, between two of them

/** How a request has an array: nested lists while they are short, else as in an address. @param {Matrix} matrix */
export function written(matrix) {
  const text = address(matrix);
  return text.startsWith("[") ? JSON.parse(text) : text;
}

export class Asked {
  /** @type {Map<string, Own>} by the names of the arrays */ #own = new Map();

  /** @param {Ask} ask @param {(name: string) => void} told called when there is news of an array
   * @param {string} lost what to say where no answer came */
  constructor(ask, told, lost) {
    this.ask = ask;
    this.told = told;
    this.lost = lost;
  }

  /** @param {string} name */
  of(name) {
    return this.#own.get(name);
  }

  /** Hold an array of the reader's; what counted as rounding before still does. @param {string} name
   * @param {Matrix} matrix */
  hold(name, matrix) {
    const rule = this.#own.get(name)?.rule ?? { rtol: null, atol: null, dtype: null };
    this.forget(name);
    this.#own.set(name, { matrix, rule });
  }

  /** @param {string} name */
  forget(name) {
    this.#own.get(name)?.asking?.abort();
    this.#own.delete(name);
  }

  forgetAll() {
    for (const name of this.#own.keys()) this.forget(name);
  }

  /** Another run, or another rule: what was said holds no longer. @param {string} [only] of this array */
  outdate(only) {
    for (const [name, own] of this.#own) {
      if (only && name !== only) continue;
      own.asking?.abort();
      own.answer = own.refusal = own.asking = undefined;
    }
  }

  /** Ask how an array differs, unless that is known. @param {string} name */
  async want(name) {
    const own = this.#own.get(name);
    if (!own || own.answer || own.refusal || own.asking) return;
    const asking = (own.asking = new AbortController());
    try {
      const said = { array: name, values: written(own.matrix), ...own.rule };
      const response = await this.#patiently(said, asking.signal);
      const answer = await response.json();
      if (asking.signal.aborted) return;
      if (response.ok) own.answer = answer;
      else own.refusal = answer.message;
    } catch {
      if (asking.signal.aborted) return;
      own.refusal = this.lost;
    }
    own.asking = undefined;
    this.told(name);
  }

  /** A server that is busy says when to come again. @param {Record<string, unknown>} said
   * @param {AbortSignal} signal */
  async #patiently(said, signal) {
    for (let tries = 1; ; tries++) {
      const response = await this.ask(said, signal);
      const seconds = Number(response.headers.get("Retry-After"));
      if (response.status !== 429 || !seconds || tries === TRIES) return response;
      await new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(WAIT, seconds)));
      signal.throwIfAborted();
    }
  }
}
