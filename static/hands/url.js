// @ts-check
// What addresses say: of the page, a walk at a step, and of the server, what goes with the same settings. It knows how
// settings and arrays are written there, and nothing of what they mean.

/** @typedef {Record<string, string>} View how the page is shown */
/** @typedef {{layer: string, algorithm: string, defaults: Record<string, any>, arrays: Record<string, string[]>, longest: number, view: View,
 *   query: string}} Boot */

/** A query as text that no program cuts which makes links of what looks like one, and that none writes in bold: of letters,
 * digits, - . _ % = and & alone. @param {URLSearchParams} query */
export function plain(query) {
  return query.toString().replaceAll("*", "%2A").replaceAll("+", "%20");
}

/** A value as a query has it. @param {any} value */
const written = (value) => [value].flat().join(",");

export class Url {
  /** @type {string} the link's own words, where they say something else or more than what they were taken for */ #link;
  #timer = 0; // of writing the step

  /** @param {Boot} boot @param {() => View} view how the page is shown now */
  constructor(boot, view) {
    this.boot = boot;
    this.view = view;
    this.arrays = Object.keys(boot.arrays); // that a reader may give; each sets some sizes by its shape
    /** What the link stands for: of what it says, the server has taken what makes sense. */
    this.meant = new URLSearchParams(boot.query);
    /** What the address stands for. */
    this.here = this.meant;
    const words = plain(new URLSearchParams([...this.meant, ...Object.entries(boot.view)]));
    const isBehind = ["/", `/${boot.layer}/${boot.algorithm}`].includes(location.pathname); // a ? that is one
    const inOrder = (/** @type {string} */ text) => text.split("&").sort().join("&");
    const isMore = inOrder(plain(new URLSearchParams(location.search))) !== inOrder(words);
    this.#link = isBehind && isMore ? location.search : words && `?${words}`;
  }

  /** @param {URLSearchParams} query */
  isMeant(query) {
    return plain(query) === plain(this.meant);
  }

  /** A step of a walk, in words of our own. @param {URLSearchParams} query @param {number} moment @param {View} [view] */
  of(query, moment, view = this.view()) {
    const text = plain(new URLSearchParams([...query, ...Object.entries(view)]));
    return `/${this.boot.layer}/${this.boot.algorithm}${text ? `?${text}` : ""}#${moment}`;
  }

  /** Whether the link's own words stand for this. @param {URLSearchParams} query @param {View} [view] */
  isLink(query, view = this.view()) {
    return this.isMeant(query) && plain(new URLSearchParams(view)) === plain(new URLSearchParams(this.boot.view));
  }

  /** What the address says before its step: the link's own words, until the reader changes what they stand for.
   * @param {URLSearchParams} query @param {View} [view] */
  before(query, view = this.view()) {
    return this.isLink(query, view) ? `/${this.boot.layer}/${this.boot.algorithm}${this.#link}` : this.of(query, 0, view).replace(/#.*/, "");
  }

  /** Write a moment of a query into the address. What the link's own words stand for only the server can say: beside them
   * stands what they were taken for. @param {"replaceState"|"pushState"} how @param {URLSearchParams} query
   * @param {number} moment @param {View} [view] */
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
      const url = `${this.before(query)}#${moment}`;
      if (url !== location.pathname + location.search + location.hash || !history.state) this.enter("replaceState", query, moment);
    };
    if (atOnce) write();
    else this.#timer = window.setTimeout(write, 250);
  }

  /** The address stands still: it may be another one's already. */
  stop() {
    clearTimeout(this.#timer);
  }

  /** What the server has for a query. @param {string} what @param {URLSearchParams} query @param {Record<string, string>} [more]
   * @param {string} [algorithm] */
  api(what, query, more = {}, algorithm = this.boot.algorithm) {
    const asking = new URLSearchParams(query);
    for (const [name, value] of Object.entries(more)) asking.set(name, value);
    return `/api/${this.boot.layer}/${algorithm}/${what}?${plain(asking)}`;
  }

  /** How many bytes an address leaves for an array beside a query. @param {string} array @param {URLSearchParams} query */
  room(array, query) {
    const others = new URLSearchParams(query);
    others.delete(array);
    return this.boot.longest - this.api("stream", others, { lang: "en" }).length - array.length - 60; // the step, and how it is viewed
  }

  /** What of some settings differs from the default, with the arrays and the language of a query.
   * @param {Record<string, any>} values @param {URLSearchParams} query */
  queryOf(values, query) {
    const kept = new URLSearchParams();
    for (const [name, value] of Object.entries(values)) if (!this.#isDefault(name, value)) kept.set(name, written(value));
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
    return other;
  }

  /** @param {string} name @param {any} value */
  #isDefault = (name, value) => written(value) === written(this.boot.defaults[name]);
}
