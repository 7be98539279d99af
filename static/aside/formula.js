// @ts-check
// The formula of the function that runs: the server has set it as MathML; this view colours its symbols by the part
// that their arrays play, lights those that the step reads and writes, and puts the step's numbers where the indices
// stand. It knows which arrays a step uses, and nothing of what the formula says.

import { copy as toClipboard } from "../page/clipboard.js";
import { element, part } from "../page/page.js";
import { filled } from "../say/describe.js";

/** @import { Frame, View } from "../board/stage.js" */
/** @import { Scene, Trace } from "../run/trace.js" */
/** @import { Say } from "../say/describe.js" */
/** By the names of the parameters it stands for; a result stands on the left of its equation, which has a number.
 * @typedef {{names: string[], node: Element, isResult: boolean, equation: number}} Symbol */
/** An index in its letters, or with the value that stands for them.
 * @typedef {{name: string, node: Element, letters: Node[], value?: string}} Index */
/** @typedef {{equations: HTMLElement[], symbols: Element[], lit: Symbol[], indices: Index[]}} Shown */

const MOST = 60; // formulas that are kept
const LEAST = 0.75; // of its size: a formula is not smaller than that
const LITTLE = 0.88; // down to that it is rather smaller than broken
const SIGNS = [/^,$/, /^[+−-]$/, /^[·×⋅]$/, /^[=←≈]$/]; // after which a line may end, the best first
const INDENT = 24; // pixels: of all lines but the first

/** @param {HTMLElement} root @param {Say} say
 * @param {(array: string|undefined) => void} name called with the array whose symbol the reader points at
 * @param {(as: string) => Promise<string>} code gives the running chapter as NumPy or as PyTorch @returns {View} */
export function formula(root, say, name, code) {
  /** @type {Trace} */ let trace;
  const [equations, symbols] = [part(".equations", root), part(".symbols", root)];
  const [numbers, copied, byHand] = [part(".numbers", root), part(".copied", root), part(".by-hand", root)];
  const menu = /** @type {HTMLDetailsElement} */ (part(".copy", root));
  const text = /** @type {HTMLTextAreaElement} */ (part("textarea", root));
  /** @type {Map<string, Shown>} by what they were made of */ const known = new Map();
  /** @type {Frame|undefined} */ let frame; // that was drawn last
  /** @type {Shown|undefined} */ let shown;
  let lit = "";
  /** @type {Shown|undefined} */ let fitted;
  let room = 0; // that the equations were last fitted to

  /** Let every equation be seen whole: a little smaller, or on several lines. What is still too long scrolls. */
  function fit() {
    room = equations.clientWidth - 6;
    if (!shown || room <= 0) return;
    fitted = shown;
    equations.style.removeProperty("--fit");
    for (const each of shown.equations) mend(each);
    if (shrink(LITTLE)) return;
    equations.style.removeProperty("--fit");
    for (const each of shown.equations) split(each, room);
    shrink(LEAST);
  }

  /** Set the equations smaller until they have room, but no smaller than that. Indices get no smaller than can be
   * read, so that all of it shrinks by less than it is told to. @param {number} least
   * @returns {boolean} whether they have room */
  function shrink(least) {
    const lines = [...equations.querySelectorAll("math")];
    const widest = () => Math.max(...lines.map((line) => line.getBoundingClientRect().right)) - left;
    const { left } = equations.getBoundingClientRect();
    for (let fit = 1; ;) {
      const share = room / widest();
      if (share >= 0.999) return true;
      if (fit === least) return false;
      fit = Math.max(least, fit * share);
      equations.style.setProperty("--fit", String(fit));
    }
  }

  /** Light what the step reads and writes. @param {Shown} formula @param {Frame} frame */
  function light(formula, { first, stop, scene }) {
    const accesses = trace.steps.slice(first, stop).flatMap((step) => step.accesses);
    const used = (/** @type {boolean} */ isWrite) =>
      new Set(accesses.filter(({ values }) => Boolean(values) === isWrite).map(({ array }) => array.name));
    const [reads, writes] = [used(false), used(true)];
    const now = `${[...reads].join()};${[...writes].join()}`;
    if (now === lit) return;
    lit = now;
    const arrays = new Map(scene.arrays);
    const running = equationOf(formula, new Set([...reads, ...writes]), arrays);
    formula.equations.forEach((each, at) => each.classList.toggle("running", at === running));
    for (const { names, node, isResult, equation } of formula.lit) {
      const isRunning = equation === running;
      node.classList.toggle("written", isRunning && isResult && writes.has(arrays.get(names[0]) ?? ""));
      node.classList.toggle("read", isRunning && !isResult && names.some((each) => reads.has(arrays.get(each) ?? "")));
    }
  }

  /** The equation that a step belongs to: the one that names the most of what it touches, and the least besides.
   * @param {Shown} formula @param {Set<string>} touched @param {Map<string, string>} arrays */
  function equationOf({ equations, lit }, touched, arrays) {
    const worths = equations.map((_, at) => {
      const symbols = lit.filter(({ equation }) => equation === at);
      const named = new Set(symbols.flatMap(({ names }) => names.map((name) => arrays.get(name) ?? "")));
      return 100 * [...named].filter((name) => touched.has(name)).length - named.size;
    });
    return worths.indexOf(Math.max(...worths));
  }

  /** Put the step's numbers where the indices stand, and the settings', or the letters back.
   * @param {Shown} formula @param {Frame} frame */
  function number({ indices }, { k, scene }) {
    const isOn = numbers.getAttribute("aria-pressed") === "true" && k > 0;
    const loop = scene === trace.sceneAt(k) ? trace.steps[k - 1]?.loop : {};
    const values = isOn ? { ...formulaOf(scene).letters, ...loop } : {};
    for (const index of indices) {
      const value = values[index.name]?.toString();
      if (value === index.value) continue;
      index.value = value;
      index.node.replaceChildren(...(value === undefined ? index.letters : [written(value)]));
      index.node.classList.toggle("numbered", value !== undefined);
    }
  }

  /** What the server tells of the formula of a scene. @param {Scene} scene */
  const formulaOf = ({ source, arrays }) => {
    const { formula } = trace.header.sources.find((/** @type {any} */ each) => each.name === source);
    return { ...formula, ...formula.called?.[arrays.map(([, array]) => array).join()] };
  };

  /** What there is to show for a scene: often the same as in another run. @param {Scene} scene */
  function shownFor(scene) {
    const { equations, key: symbols } = formulaOf(scene);
    const roles = scene.arrays.map(([, name]) => trace.byName.get(name)?.role);
    const key = JSON.stringify([equations, symbols, scene.arrays, roles]);
    const found = known.get(key) ?? made(equations, symbols, new Map(scene.arrays));
    known.set(key, found);
    return found;
  }

  /** A formula for the arrays that stand for the parameters just now. @param {string[]} equations
   * @param {{name: string, symbol: string}[]} key @param {Map<string, string>} bound @returns {Shown} */
  function made(equations, key, bound) {
    const lines = equations.map((line) => fromServer("div", line));
    for (const line of lines) translate(line, say);
    const entries = key.map(({ name, symbol }) => {
      const array = bound.get(name) ?? name;
      const title = say(trace.byName.get(array)?.label ?? "");
      const button = element("button", { type: "button", title, "data-names": array });
      button.append(fromServer("span", symbol), element("code", {}, array));
      return element("li", { class: button.textContent === array + array ? "plain" : "" }, button);
    });
    /** @type {Symbol[]} */ const lit = [];
    /** @type {Index[]} */ const indices = [];
    [...lines, ...entries].forEach((whole, equation) => {
      for (const node of whole.querySelectorAll(".sym")) {
        const names = [...node.classList].flatMap((each) => /^(?:sym|also)-(.*)$/.exec(each)?.[1] ?? []);
        const array = bound.get(names[0]) ?? names[0];
        node.classList.add(`role-${trace.byName.get(array)?.role}`);
        node.setAttribute("data-names", array);
        if (equation >= lines.length) continue;
        lit.push({ names, node, isResult: isResult(node), equation });
        if (isResult(node)) whole.classList.add("runs");
      }
      for (const node of whole.querySelectorAll(".idx")) {
        const name = [...node.classList].find((each) => each.startsWith("idx-"))?.slice(4) ?? "";
        indices.push({ name, node, letters: [...node.childNodes] });
      }
    });
    return { equations: lines, symbols: entries, lit, indices };
  }

  /** @param {Event} event */
  function pointAt(event) {
    const over = event.type === "pointerout" || event.type === "focusout" ? undefined : event.target;
    const array = over instanceof Element ? over.closest("[data-names]")?.getAttribute("data-names") : undefined;
    name(array ?? undefined);
  }

  /** @param {HTMLElement} button */
  async function copy(button) {
    const { as = "" } = button.dataset;
    const said = (/** @type {string} */ key) => filled(say, key, { what: button.textContent ?? "" });
    copied.textContent = "";
    byHand.hidden = true;
    const coming = as === "latex" ? latex() : code(as);
    const copying = toClipboard(coming); // before anything is awaited
    copying.catch(() => {}); // it is awaited below, if there is a text
    try {
      text.value = await coming;
    } catch (error) {
      copied.textContent = (error instanceof Error && error.message) || said("formula.failed");
      return;
    }
    try {
      await copying;
      leave();
      copied.textContent = said("formula.copied");
    } catch {
      menu.open = false;
      byHand.hidden = false;
      text.focus();
      text.select();
    }
  }

  /** The formula on screen. */
  const latex = async () => (frame ? formulaOf(frame.scene).latex.join("\n") : "");

  /** Close the menu, from where its button stands. */
  function leave() {
    const isWithin = menu.contains(document.activeElement); // and not on the stage, after a click with the mouse
    menu.open = false;
    if (isWithin) part("summary", menu).focus();
  }

  for (const type of ["pointerover", "pointerout", "focusin", "focusout"]) root.addEventListener(type, pointAt);
  root.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button === numbers) {
      numbers.setAttribute("aria-pressed", String(numbers.getAttribute("aria-pressed") !== "true"));
      if (shown && frame) number(shown, frame);
      fit();
    } else if (button?.dataset.as) void copy(button);
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    leave();
  });
  menu.addEventListener("toggle", () => menu.open && (byHand.hidden = true));
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });

  // A frame later: what it changes is what is watched, and browsers call that an error within one frame.
  const refit = () => equations.clientWidth - 6 !== room && fit();
  new ResizeObserver(() => void requestAnimationFrame(refit)).observe(equations);
  document.fonts.addEventListener("loadingdone", fit);

  return {
    begin(next) {
      trace = next;
      frame = undefined; // it was another run's
      lit = "";
      if (known.size > MOST) known.clear();
    },
    draw(next) {
      const wanted = shown && next.scene === frame?.scene ? shown : shownFor(next.scene);
      frame = next;
      if (wanted !== shown) {
        shown = wanted;
        lit = "";
        name(undefined);
        equations.replaceChildren(...shown.equations);
        symbols.replaceChildren(...shown.symbols);
        symbols.hidden = !shown.symbols.length;
        root.hidden = !shown.equations.length;
      }
      light(shown, next);
      number(shown, next);
      if (wanted !== fitted) fit();
    },
  };
}

/** Set an equation on as many lines as it needs, each but the last with the sign that it goes on from at its end: a
 * sum is parted rather than a product, and a product rather than an equation from its left side.
 * @param {Element} whole @param {number} room */
function split(whole, room) {
  for (let line = whole.lastElementChild; line; line = whole.lastElementChild) {
    const row = line.firstElementChild;
    const nodes = [...(row?.children ?? [])];
    const edges = nodes.map((node) => node.getBoundingClientRect());
    const [left, right] = [edges[0]?.left ?? 0, edges.at(-1)?.right ?? 0];
    if (!row || line.getBoundingClientRect().right - whole.getBoundingClientRect().left <= room) return;
    const fits = edges.map(({ right: end }, at) => at < nodes.length - 1 && end - left <= room);
    const isWhole = (/** @type {number} */ at) => right - edges[at].right <= room - INDENT;
    const breaks = SIGNS.map((sign) =>
      nodes.findLastIndex((node, at) => fits[at] && sign.test(node.textContent ?? "")),
    );
    const at = breaks.find((at) => at > 0 && isWhole(at)) ?? Math.max(...breaks);
    if (at < 1) return;
    const next = /** @type {Element} */ (line.cloneNode());
    const rest = document.createElementNS(row.namespaceURI, "mrow");
    rest.append(...nodes.slice(at + 1));
    next.append(rest);
    whole.append(next);
  }
}

/** Set an equation on one line again. @param {Element} whole */
function mend(whole) {
  const [first, ...others] = whole.children;
  for (const other of others) {
    first.firstElementChild?.append(.../** @type {Element} */ (other.firstElementChild).children);
    other.remove();
  }
}

/** A number in a formula. @param {string} value */
function written(value) {
  const node = document.createElementNS("http://www.w3.org/1998/Math/MathML", "mn");
  node.textContent = value;
  return node;
}

/** The words of a formula in the reader's language; names of arrays, indices and functions stay as they are.
 * @param {Element} equation @param {Say} say */
function translate(equation, say) {
  for (const node of equation.querySelectorAll("mtext")) {
    const words = (node.textContent ?? "").replace(/\s+/g, " "); // each space in it is one that does not break
    const said = node.closest(".sym, .idx") ? words : words.replace(words.trim(), say(words.trim()));
    if (said !== words) node.textContent = said.replace(/^ | $/g, "\u00a0");
  }
}

/** Whether a symbol begins an equation: an equals sign or an arrow follows, and nothing but a comma comes before.
 * @param {Element} node */
function isResult(node) {
  let before = node.previousElementSibling;
  while (before?.localName === "mspace") before = before.previousElementSibling;
  const follows = node.nextElementSibling?.textContent ?? "";
  return /^[=←]$/.test(follows) && /^,?$/.test(before?.textContent ?? "");
}

/** An element around HTML that the server made from our own files.
 * @param {"div"|"span"} tag @param {string} html @returns {HTMLElement} */
function fromServer(tag, html) {
  const whole = element(tag, {});
  whole.innerHTML = html;
  return whole;
}
