// @ts-check
// What addresses say: of the page, a walk at a step, and of the server, what goes with the same settings. It knows how
// settings and arrays are written there, and nothing of what they mean.

/** @import { Term } from "../say/terms.js" */
/** @typedef {Record<string, string>} View how the page is shown */
/** @typedef {{layer: string, algorithm: string, algorithms: string[], stream: string, legal: any, plotly: string,
 *   defaults: Record<string, any>, arrays: Record<string, string[]>, holds: Record<string, string[]>,
 *   following: string[], pairs: Record<string, [string, string]>,
 *   onward: {path: string, label: string, takes: string[]}|null, longest: number, most: number,
 *   opens: import("./opens.js").Inner[], words: Record<string, string>, glossary: Record<string, string>,
 *   terms: Term[], view: View, query: string, step: number|null, refusals: Record<string, string>}}
 *   Boot what the server says of the page; pairs: names that stand for two settings; onward: another walk that begins
 *   so, and what it takes over; opens: the layers that this one is made of */

/** A query as text that no program cuts which makes links of what looks like one, and that none writes in bold: of
 * letters, digits, - . _ % = and & alone. @param {URLSearchParams} query */
export const plain = (query) => query.toString().replaceAll("*", "%2A").replaceAll("+", "%20");

/** What stands behind the walk in an address in our words. @param {URLSearchParams} query @param {View} view */
function wordsOf(query, view) {
  const text = plain(new URLSearchParams([...query, ...Object.entries(view)]));
  return text && `?${text}`;
}

/** A value as a query has it. @param {any} value */
const written = (value) => [value].flat().join(",");

export class Url {
  /** @type {string} */ #walk;
  /** @type {string} the link's own words, if they say something else or more than what they were taken for */ #link;
  #timer = 0; // of writing the step
  /** @type {typeof import("./kept.js").shortened} has arrays named that are too long; it comes late */ shorten =
    () => {};

  /** @param {Boot} boot @param {() => View} view how the page is shown now
   * @param {URLSearchParams} [kept] what the address stands for, if the server could not know */
  constructor(boot, view, kept) {
    this.boot = boot;
    this.view = view;
    this.arrays = Object.keys(boot.arrays); // that a reader may give; each sets some sizes by its shape
    /** What the link stands for: of what it says, the server has taken what makes sense. */
    this.meant = new URLSearchParams(boot.query);
    /** What the address stands for. */
    this.here = kept ?? this.meant;
    this.#walk = `/${boot.layer}/${boot.algorithm}`;
    const words = wordsOf(this.meant, boot.view);
    const isBehind = ["/", this.#walk].includes(location.pathname); // a ? that is one
    const inOrder = (/** @type {string} */ text) => text.split("&").sort().join("&");
    const isMore = inOrder(plain(new URLSearchParams(location.search))) !== inOrder(words.slice(1));
    this.#link = isBehind && isMore ? location.search : words;
  }

  /** @param {URLSearchParams} query */
  isMeant(query) {
    return plain(query) === plain(this.meant);
  }

  /** Whether the link's own words stand for this. @param {URLSearchParams} query */
  isLink(query, view = this.view()) {
    return wordsOf(query, view) === wordsOf(this.meant, this.boot.view);
  }

  /** A step of a walk, in words of our own. @param {URLSearchParams} query @param {number} moment */
  of(query, moment, view = this.view()) {
    return `${this.#walk}${wordsOf(query, view)}#${moment}`;
  }

  /** What the address says before its step: the link's own words, until the reader changes what they stand for.
   * @param {URLSearchParams} query */
  before(query, view = this.view()) {
    return this.#walk + (this.isLink(query, view) ? this.#link : wordsOf(query, view));
  }

  /** Write a moment of a query into the address. What the link's own words stand for only the server can say: beside
   * them stands what they were taken for. @param {"replaceState"|"pushState"} how @param {URLSearchParams} query
   * @param {number} moment */
  enter(how, query, moment, view = this.view()) {
    const address = this.before(query, view);
    this.here = query;
    history[how]({ query: plain(query), view, address }, "", `${address}#${moment}`);
  }

  /** Have the address say what is shown, at rest: browsers allow only so many changes of it.
   * @param {URLSearchParams} query @param {number} moment @param {boolean} [atOnce] */
  follow(query, moment, atOnce = false) {
    this.stop();
    const write = () => {
      const isThere = `${this.before(query)}#${moment}` === location.pathname + location.search + location.hash;
      if (!isThere || !history.state) this.enter("replaceState", query, moment);
    };
    if (atOnce) write();
    else this.#timer = window.setTimeout(write, 250);
  }

  /** The address stands still: it may be another one's already. */
  stop() {
    clearTimeout(this.#timer);
  }

  /** What the server has for a query. @param {string} what @param {URLSearchParams} query
   * @param {Record<string, string>} [more] @param {string} [algorithm] */
  api(what, query, more = {}, algorithm = this.boot.algorithm) {
    const asking = new URLSearchParams(query);
    for (const [name, value] of Object.entries(more)) asking.set(name, value);
    return `/api/${this.boot.layer}/${algorithm}/${what}?${plain(asking)}`;
  }

  /** How many bytes an address leaves for an array in a query. @param {string} array @param {URLSearchParams} query */
  room(array, query) {
    return this.boot.longest - this.#length(this.changed(query, { [array]: "" })) - array.length - 2;
  }

  /** How long the longest address of a query is. @param {URLSearchParams} query */
  #length(query) {
    return this.api("stream", query, { lang: "en" }).length + 58; // the step, and how it is viewed
  }

  /** What of some settings differs from the default, with the arrays and the language of a query.
   * @param {Record<string, any>} values @param {URLSearchParams} query */
  queryOf(values, query) {
    const kept = new URLSearchParams();
    for (const [name, value] of Object.entries(values))
      if (!this.#isDefault(name, value)) kept.set(name, written(value));
    for (const name of [...this.arrays, "lang"]) {
      const given = query.get(name);
      if (given) kept.set(name, given);
    }
    return kept;
  }

  /** A query with other settings or arrays; one with an empty value is dropped.
   * @param {URLSearchParams} query @param {Record<string, string>} changes as an address writes them */
  changed(query, changes) {
    const other = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) {
      if (value) for (const size of this.boot.arrays[name] ?? []) other.delete(size); // its shape has the word
      if (this.arrays.includes(name) ? !value : this.#isDefault(name, value)) other.delete(name);
      else other.set(name, value);
    }
    this.shorten(other, this.arrays, (query) => this.#length(query) > this.boot.longest);
    return other;
  }

  /** @param {string} name @param {any} value */
  #isDefault = (name, value) => written(value) === written(this.boot.defaults[name]);
}
