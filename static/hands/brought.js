// @ts-check
// What a reader brings for an array other than as text: the row of the sheet that leads there, files that are dropped
// and pictures that are pasted. What they are is the matter of bring/, which comes when it is asked for first; this
// module knows which array they are for, and has the walk recorded with them.

import { arrivals } from "../bring/arrivals.js";
import { address, filled, fit, Unreadable, withKernel, written } from "../paste/matrix.js";
import { button, element, part, tell, write } from "../page/page.js";
import { readLines } from "../run/stream.js";
import { ask } from "./carried.js";
import { lead } from "./elsewhere.js";
import { openDialog } from "./focus.js";
import { kernels, weightsOf } from "./kernels.js";
import { moved } from "./layout.js";
import { sentence } from "./unread.js";

/** @typedef {import("../paste/matrix.js").Matrix} Matrix */
/** @typedef {import("../run/trace.js").NamedArray} NamedArray */
/** @typedef {Awaited<ReturnType<typeof import("../bring/bring.js").bringing>>} Bring */
/** @typedef {{name: string, shape: number[], start: ArrayLike<number>}} Weights */
/** @typedef {{trace: () => import("../run/trace.js").Trace, change: import("./edit.js").Change, arrays: string[],
 *   held: (array: string) => boolean, fixed: (array: string) => boolean, note: (message: string) => void,
 *   longest: number, compare: (arrays: Map<string, Matrix>) => void,
 *   onward: import("./url.js").Boot["onward"], changed: (changes: Record<string, string>) => URLSearchParams,
 *   streamWith: (changes: Record<string, string>) => string, layoutUrl: import("./layout.js").LayoutUrl,
 *   cancel: () => void, pairs: Record<string, [string, string]>}} Walk
 *   - arrays: that a reader may give
 *   - held: whether a reader has given it
 *   - fixed: whether it has no other shape
 *   - longest: characters of an address
 *   - compare: holds arrays against those that the walk computes
 *   - changed: what the walk would be asked for with, after some changes
 *   - streamWith: where the walk is, after some changes
 *   - cancel: stays with the walk that is shown
 *   - pairs: names that stand for two settings */

const BOTH = ["Sobel, across", "Sobel, down"]; // in turn, for the filters of a picture
const MANY = 4; // numbers of a setting; with one more it is refused as with any
const ACCEPTED = "image/*,.npy,.npz,.csv,.txt"; // by what they contain; this only sorts what a chooser shows

/** @param {(text: string) => string} say @param {Walk} walk
 * @param {{lay: (array: string, text: string) => void, array: () => string|undefined, close: () => void}} sheet
 *   its array is the one that is edited, if one is */
export function brought(say, walk, sheet) {
  const input = element("input", { type: "file", accept: ACCEPTED, multiple: "", hidden: "", "data-brings": "" });
  const heading = element("h3", {});
  const ways = /** @type {const} */ (["draw", "camera", "shelf"]);
  const drawn = ways.map((way) => button({ "data-way": way }, () => void show(way), say(`editor.${way}`)));
  const file = button({ "data-way": "file" }, () => input.click(), say("editor.file"));
  const row = element("section", {}, heading, input, element("div", { class: "fills" }, file, ...drawn));
  /** @type {Promise<Bring>|undefined} */ let coming;

  const given = (/** @type {string} */ name) => {
    const array = walk.trace().byName.get(name);
    return walk.arrays.includes(name) && array?.known ? array : undefined;
  };
  const all = () => walk.arrays.flatMap((name) => given(name) ?? []);
  const isMap = (/** @type {NamedArray} */ { role, shape }) => role !== "parameter" && shape.length > 1;
  const firstMap = () => all().find(isMap);
  const parameters = () => all().filter(({ role }) => role === "parameter");
  const allWeights = () => parameters().filter(({ shape }) => shape.length > 1);
  /** The weights that a kernel goes into. */
  const weights = () => allWeights().at(0);
  /** What is added to what a kernel sees, of its filters, unless somebody has chosen it: it is not the kernel's. */
  const added = () =>
    parameters().filter(
      ({ name, shape, axes }) => shape.length === 1 && weights()?.axes.includes(axes[0]) && !walk.held(name),
    );

  /** The arrays that there is something to compare with. */
  const computed = () => walk.trace().arrays.flatMap(({ name, isComputed }) => (isComputed ? name : []));

  /** What numbers or a word set by their name, if there is such a setting. What makes no sense is refused later.
   * @type {import("../bring/arrays.js").SetBy} */
  function setBy(name, value) {
    const { settings } = walk.trace().header;
    const isMeant = (/** @type {string} */ each) => each.toLowerCase() === name.toLowerCase();
    const pair = walk.pairs[Object.keys(walk.pairs).find(isMeant) ?? ""];
    const own = Object.keys(settings).find(isMeant);
    if (pair && Array.isArray(value) && value.length <= 2)
      return { [pair[0]]: String(value[0]), [pair[1]]: String(value.at(-1)) };
    if (own === undefined) return undefined;
    return { [own]: typeof value === "string" ? value : asSetting(value, settings[own]) };
  }

  /** An array as a picture is to be made for it. @param {NamedArray} array */
  const meant = ({ name, shape, start }) => ({ name, shape, start, isFixed: walk.fixed(name) });

  /** The array that a place of the page is of: the one that is edited, that of a board, or the first, if possible one
   * that is a map. @param {Element|null} at */
  const arrayAt = (at) =>
    given(sheet.array() ?? at?.closest("[data-array]")?.getAttribute("data-array") ?? "") ?? firstMap() ?? all().at(0);

  /** The one that a picture at a place goes to. @param {Element|null} at */
  function mapAt(at) {
    const named = arrayAt(at);
    return named && isMap(named) ? named : firstMap();
  }

  /** Lay numbers before the reader. @param {string} name @param {Matrix} matrix */
  const numbers = (name, matrix) => sheet.lay(name, written(matrix, given(name)?.shape ?? matrix.shape));

  /** @returns {Promise<Bring>} */
  function come() {
    coming ??= Promise.all([import("../bring/bring.js"), kernels()]).then(([room]) =>
      room.bringing({ take, goOn, onward, takeAll, kernels: offered, names: () => walk.arrays, computed, setBy,
        compare: walk.compare, cancel: walk.cancel, text: sheet.lay, numbers, note, reopen, show: openDialog }),
    ); // prettier-ignore
    coming.catch(() => (coming = undefined)); // the connection may come back
    return coming;
  }

  /** @param {"draw"|"camera"|"shelf"} way */
  async function show(way) {
    hush();
    const array = arrayAt(null);
    try {
      if (array) (await come()).open(meant(array), way);
    } catch {
      note(say("editor.missing"));
    }
  }

  /** @param {File[]} files @param {Element|null} at the place that they are meant for */
  async function files(files, at) {
    hush();
    const [named, map] = [arrayAt(at), mapAt(at)];
    /** @type {Bring} */ let bring;
    try {
      bring = await come();
    } catch {
      return note(say("editor.missing"));
    }
    await bring.files(files, { map: map && meant(map), named: named?.name, isWhole: walk.arrays.every(given) });
  }

  /** What kernels a picture can meet, and which one is meant unless somebody says otherwise: the one that there is, or
   * weights of a reader's own as they are, or those that others go together with, or else Sobel. None where the walk's
   * own weights are made for pictures of one shape. @param {string} name */
  async function offered(name) {
    const into = weights();
    if (!into || walk.fixed(name)) return { labels: [], chosen: 0, beside: "" };
    const [known, { sobel, kept }] = await Promise.all([kernels(), come()]);
    const labels = [kept, sobel, ...known.map(({ name }) => say(name))];
    const beside = added().map(({ name }) => `${name} = 0`).join(", "); // prettier-ignore
    const isThere = (/** @type {number} */ number) =>
      number > 0 && withOne(into, known, number).cells.every((cell, at) => cell === into.start[at]);
    const there = labels.findIndex((_, number) => isThere(number));
    const isBound = walk.held(into.name) || allWeights().length > 1;
    return { labels, chosen: isBound ? Math.max(0, there) : 1, beside };
  }

  /** Weights with a kernel in each of their maps.
   * @param {Weights} into @param {import("./kernels.js").Kernel[]} known @param {number} number in the offer */
  function withOne(into, known, number) {
    const chosen = number === 1 ? BOTH.map((name) => known.find((each) => each.name === name)) : [known[number - 2]];
    const parts = into.shape.length < 3 ? [undefined] : Array.from({ length: into.shape[0] }, (_, part) => part);
    return parts.reduce(
      (matrix, part = 0) => {
        const kernel = chosen[part % chosen.length];
        return kernel ? withKernel(matrix, weightsOf(kernel), parts.length > 1 ? part : undefined) : matrix;
      },
      /** @type {Matrix} */ ({ shape: into.shape, cells: Array.from(into.start) }),
    );
  }

  /** The changes that bring a kernel, with nothing added to what it sees.
   * @param {Weights} into @param {number} number in the offer */
  async function bringing(into, number) {
    const zeros = added().map(({ name, shape }) => [name, address(filled("zeros", shape))]);
    return { ...Object.fromEntries(zeros), [into.name]: address(withOne(into, await kernels(), number)) };
  }

  /** Walk with a picture. @type {import("../bring/picture.js").Take} */
  async function take(name, picture, kernel) {
    const array = given(name);
    return array && change(await changesWith(array, picture, kernel));
  }

  /** What goes on where this walk ends, if it begins with this array. @param {string} name */
  const onward = (name) => (given(name)?.role === "input" && walk.onward?.label) || "";

  /** Walk with a picture where more follows. @type {import("../bring/picture.js").GoOn} */
  async function goOn(name, picture, kernel) {
    const array = given(name);
    if (!array || !walk.onward) return false;
    const { path, takes } = walk.onward;
    const changed = walk.changed(await changesWith(array, picture, kernel));
    const query = new URLSearchParams([...changed].filter(([each]) => takes.includes(each) || each === "lang"));
    return lead(path, query, walk.arrays, walk.longest);
  }

  /** The changes that a picture and a kernel are. @param {NamedArray} array @param {Matrix} picture
   * @param {number} kernel in the offer @returns {Promise<Record<string, string>>} */
  async function changesWith(array, picture, kernel) {
    const { name } = array;
    const matrix = fit(picture, array.shape);
    const brings = { [name]: address(matrix) };
    const into = kernel ? weights() : undefined;
    if (!into) return brings;
    const isAlike = matrix.shape.slice(0, -2).join() === array.shape.slice(0, -2).join();
    const bare = { ...brings, [into.name]: "" };
    const meant = isAlike ? into : await weightsOfWalk(bare, into.name);
    return meant ? { ...bare, ...(await bringing(meant, kernel)) } : bare;
  }

  /** The weights that a walk would begin with after some changes: with other channels they have another shape, which
   * only the server knows. Where it gives none, it has that to say of the walk too.
   * @param {Record<string, string>} changes @param {string} name @returns {Promise<Weights|undefined>} */
  async function weightsOfWalk(changes, name) {
    const asking = new AbortController();
    /** @type {Weights|undefined} */ let found;
    const first = (/** @type {any} */ { header }) => {
      const array = header?.arrays.find((/** @type {any} */ each) => each.name === name);
      if (array) found = { name, shape: array.shape, start: array.start.flat(Infinity).map(Number) };
      asking.abort();
    };
    await readLines(walk.streamWith(changes), ask, asking.signal, first).catch(() => {});
    return found;
  }

  /** Walk with several arrays, and with settings. @type {import("../bring/arrays.js").TakeAll} */
  async function takeAll(arrays, settings) {
    /** @type {Record<string, string>} */ const changes = {};
    /** @type {Map<string, Matrix>} */ const fitted = new Map();
    for (const [name, matrix] of arrays) {
      try {
        fitted.set(name, fit(matrix, given(name)?.shape ?? matrix.shape));
        changes[name] = address(fitted.get(name) ?? matrix);
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        return { refused: `${name}: ${sentence(error, say)}`, moves: [] };
      }
    }
    let name = ""; // of what does not fit
    const refused = await change({ ...changes, ...settings }, (setting) => (name = setting ?? ""));
    const matrix = refused ? fitted.get(name) : undefined;
    return { refused, moves: matrix ? await movesOf(name, matrix, { ...changes, ...settings }) : [] };
  }

  /** What would make an array fit beside what else is brought; without an answer, nothing.
   * @param {string} name @param {Matrix} matrix @param {Record<string, string>} changes
   * @returns {Promise<import("../bring/arrays.js").Move[]>} */
  async function movesOf(name, matrix, changes) {
    const offeredFor = async (/** @type {Record<string, string>} */ beside) => {
      const answer = await ask(walk.layoutUrl(name, matrix.shape, beside)).catch(() => undefined);
      /** @type {import("./layout.js").Answer|undefined} */ const said = answer?.ok ? await answer.json() : undefined;
      return said?.error && said.moves.length ? said.moves : undefined;
    };
    const alone = Object.fromEntries(walk.arrays.map((each) => [each, ""])); // where another does not fit either
    const offered = (await offeredFor(changes)) ?? (await offeredFor({ ...changes, ...alone })) ?? [];
    return offered.map((move) => ({ name, label: move.label, matrix: moved(matrix, move), settings: move.settings }));
  }

  /** @param {Record<string, string>} changes
   * @param {(setting: string|null) => void} [refuse] called with the name of what is amiss */
  async function change(changes, refuse = () => {}) {
    let refused = "";
    const isShown = await walk.change(changes, (setting, message) => {
      refused = message;
      refuse(setting);
    });
    if (isShown && !refused) sheet.close();
    return refused || (isShown ? "" : undefined);
  }

  /** Open a walk that was saved, on whatever page it is of.
   * @param {import("../bring/npz.js").Walk} saved @param {Map<string, Matrix>} arrays
   * @returns {Promise<import("../bring/refused.js").Reason|"">} why it is not opened */
  async function reopen({ layer, algorithm, settings }, arrays) {
    const asked = await fetch(`/api/${layer}/${algorithm}/limits`).catch(() => undefined);
    if (!asked) return "lost";
    if (asked.status === 404) return "elsewhere";
    const query = new URLSearchParams(location.search.match(/[?&]lang=\w+/)?.[0].slice(1));
    for (const [name, value] of Object.entries(settings)) query.set(name, String(value));
    for (const [name, matrix] of arrays) query.set(name, address(matrix));
    return lead(`/${layer}/${algorithm}`, query, [...arrays.keys()], walk.longest) ? "" : "walk";
  }

  let noted = ""; // what was said last of what was brought

  /** Say something where it is seen: in the dialog that lies over the page, if one does. @param {string} message */
  function note(message) {
    noted = message;
    const place = [...document.querySelectorAll("dialog:modal .said")].at(-1);
    if (place instanceof HTMLElement) tell(place, message);
    else walk.note(message);
  }

  /** What was said of one file is not said of the next. */
  function hush() {
    for (const place of [part("#notice"), ...document.querySelectorAll("dialog .said")])
      if (place instanceof HTMLElement && noted && place.textContent === noted) tell(place, "");
  }

  input.addEventListener("change", () => {
    void files([...(input.files ?? [])], null);
    input.value = ""; // the same file once more is another choice
  });
  arrivals({
    files,
    withheld: () =>
      void come().then(
        ({ withheld }) => note(withheld),
        () => note(say("editor.missing")),
      ),
    async come() {
      const { over, unmapped } = await come();
      return (at, types) => {
        const isPicture = types.length === 1 && types[0].startsWith("image/");
        if (isPicture && !mapAt(at)) return unmapped;
        const array = types.length > 1 ? undefined : isPicture ? mapAt(at) : arrayAt(at);
        return over(array?.name ?? walk.arrays.join(", ")); // or, by their names, to any
      };
    },
  });

  return {
    row,
    /** Another array is edited. @param {NamedArray} array */
    offer(array) {
      write(heading, say(isMap(array) ? "editor.pictures" : "editor.files"));
      for (const way of drawn) way.hidden = !isMap(array);
    },
  };
}

/** Numbers as a setting has them in a link: one that all are stands for all, and of a switch they are words.
 * @param {number[]} numbers @param {any} now what the setting is */
function asSetting(numbers, now) {
  if (typeof now === "boolean" && numbers.length === 1 && numbers[0] in [0, 1]) return String(Boolean(numbers[0]));
  if (!Array.isArray(now)) return numbers.slice(0, MANY + 1).join(numbers.length === 2 ? ", " : ","); // 0,5 is a half
  const isOne = numbers.length <= MANY && numbers.every((one) => one === numbers[0]);
  return isOne ? String(numbers[0]) : numbers.slice(0, MANY + 1).join();
}
