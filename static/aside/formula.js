// @ts-check
// The formula of the function that runs: the server has set it as MathML; this view colours its symbols by the part that
// their arrays play, lights those that the step reads and writes, and puts the step's numbers where the indices stand.
// It knows which arrays a step uses, and nothing of what the formula says.

import { copy as toClipboard } from "../page/clipboard.js";
import { element, part } from "../page/page.js";

/** @typedef {import("../run/trace.js").Trace} Trace */
/** @typedef {{names: string[], node: Element, isResult: boolean, equation: number}} Symbol by the names of the
 *   parameters it stands for; a result stands on the left of its equation, which has a number */
/** @typedef {{name: string, node: Element, letters: Node[], value?: string}} Index its letters, or what stands for them
 * @typedef {{equations: HTMLElement[], symbols: Element[], lit: Symbol[], indices: Index[],
 *   letters: Record<string, number>}} Shown with the numbers of the settings */

const MOST = 60; // formulas that are kept
const LEAST = 0.75; // of its size: a formula is not smaller than that
const LITTLE = 0.88; // down to that it is rather smaller than broken

/** @param {HTMLElement} root @param {(text: string) => string} say
 * @param {(array: string|undefined) => void} name called with the array whose symbol the reader points at
 * @param {(as: string) => Promise<string>} code gives the running chapter as NumPy or as PyTorch */
export function formula(root, say, name, code) {
  /** @type {Trace} */ let trace;
  const [equations, symbols] = [part(".equations", root), part(".symbols", root)];
  const [numbers, copied, byHand] = [part(".numbers", root), part(".copied", root), part(".by-hand", root)];
  const menu = /** @type {HTMLDetailsElement} */ (part(".copy", root));
  const text = /** @type {HTMLTextAreaElement} */ (part("textarea", root));
  /** @type {Map<string, Shown>} by what they were made of */ const known = new Map();
  /** @type {import("../board/stage.js").Frame|undefined} */ let frame;
  /** @type {Shown|undefined} */ let shown;
  /** @type {import("../run/trace.js").Scene|undefined} */ let scene; // that it is of
  let lit = "";
  /** @type {Shown|undefined} */ let fitted;
  let room = 0; // that the equations were last fitted to

  /** @param {Trace} next */
  function begin(next) {
    trace = next;
    frame = undefined; // it was another run's
    lit = "";
    if (known.size > MOST) known.clear();
  }

  /** @param {import("../board/stage.js").Frame} next */
  function draw(next) {
    frame = next;
    const wanted = shown && next.scene === scene ? shown : shownFor(next.scene);
    scene = next.scene;
    if (wanted !== shown) {
      shown = wanted;
      lit = "";
      name(undefined);
      equations.replaceChildren(...shown.equations);
      symbols.replaceChildren(...shown.symbols);
      symbols.hidden = !shown.symbols.length;
      root.hidden = !shown.equations.length;
    }
    light(next);
    number(next);
    if (wanted !== fitted) fit();
  }

  /** Let every equation be seen whole: a little smaller, or with what it says on a second line. What is still too long
   * can be scrolled. */
  function fit() {
    room = equations.clientWidth - 6;
    if (!shown || room <= 0) return;
    fitted = shown;
    equations.style.removeProperty("--fit");
    for (const each of shown.equations) mend(each);
    const widest = () => Math.max(...[...equations.querySelectorAll("math")].map((math) => math.getBoundingClientRect().width));
    if (widest() * LITTLE > room)
      for (const mark of [/^[=←≈]$/, /^[+−-]$/])
        for (const each of shown.equations)
          if ((each.lastElementChild?.getBoundingClientRect().width ?? 0) * LITTLE > room) halve(each, mark);
    equations.style.setProperty("--fit", String(Math.max(LEAST, Math.min(1, room / widest()))));
  }

  /** Light what the step reads and writes. @param {import("../board/stage.js").Frame} frame */
  function light({ first, stop, scene }) {
    /** @type {Set<string>} */ const reads = new Set();
    /** @type {Set<string>} */ const writes = new Set();
    for (let k = first; k < stop; k++)
      for (const { array, values } of trace.steps[k].accesses) (values ? writes : reads).add(array.name);
    const now = `${[...reads].join()};${[...writes].join()}`;
    if (now === lit) return;
    lit = now;
    const arrays = new Map(scene.arrays);
    const running = equationOf(new Set([...reads, ...writes]), arrays);
    shown?.equations.forEach((each, at) => each.classList.toggle("running", at === running));
    for (const { names, node, isResult, equation } of shown?.lit ?? []) {
      const isRunning = equation === running;
      node.classList.toggle("written", isRunning && isResult && writes.has(arrays.get(names[0]) ?? ""));
      node.classList.toggle("read", isRunning && !isResult && names.some((each) => reads.has(arrays.get(each) ?? "")));
    }
  }

  /** The equation that a step belongs to: the one that names the most of what it touches, and the least besides.
   * @param {Set<string>} touched @param {Map<string, string>} arrays */
  function equationOf(touched, arrays) {
    const named = (/** @type {number} */ equation) =>
      new Set((shown?.lit ?? []).filter((each) => each.equation === equation).flatMap(({ names }) => names.map((name) => arrays.get(name) ?? "")));
    const worth = (/** @type {Set<string>} */ names) => 100 * [...names].filter((name) => touched.has(name)).length - names.size;
    const worths = (shown?.equations ?? []).map((_, equation) => worth(named(equation)));
    return worths.indexOf(Math.max(...worths));
  }

  /** Put the step's numbers where the indices stand, and the settings', or the letters back.
   * @param {import("../board/stage.js").Frame} frame */
  function number({ k }) {
    if (!shown) return;
    const isOn = numbers.getAttribute("aria-pressed") === "true" && k > 0;
    /** @type {Record<string, any>} */ const values = isOn ? { ...shown.letters, ...trace.steps[k - 1].loop } : {};
    for (const index of shown.indices) {
      const value = values[index.name]?.toString();
      if (value === index.value) continue;
      index.value = value;
      index.node.replaceChildren(...(value === undefined ? index.letters : [written(value)]));
      index.node.classList.toggle("numbered", value !== undefined);
    }
  }

  /** What there is to show for a scene: often the same as in another run. @param {import("../run/trace.js").Scene} scene */
  function shownFor({ source, arrays }) {
    const { letters, ...set } = trace.header.sources.find((/** @type {any} */ each) => each.name === source).formula;
    const key = JSON.stringify([set, arrays, arrays.map(([, name]) => trace.byName.get(name)?.role)]);
    const found = known.get(key) ?? made(set, new Map(arrays));
    known.set(key, found);
    found.letters = letters; // the settings' numbers are the run's own
    return found;
  }

  /** A formula for the arrays that stand for the parameters just now. @param {any} set @param {Map<string, string>} bound
   * @returns {Shown} */
  function made(set, bound) {
    const lines = set.equations.map((/** @type {string} */ line) => /** @type {HTMLElement} */ (fromServer("div", line)));
    /** @type {Element[]} */ const entries = set.key.map((/** @type {{name: string, symbol: string}} */ { name, symbol }) => {
      const array = bound.get(name) ?? name;
      const label = say(trace.byName.get(array)?.label ?? "");
      const button = element("button", { type: "button", title: label, "data-names": array });
      button.append(fromServer("span", symbol), element("code", {}, array));
      return element("li", {}, button);
    });
    /** @type {Symbol[]} */ const lit = [];
    /** @type {Index[]} */ const indices = [];
    for (const whole of [...lines, ...entries]) {
      for (const node of whole.querySelectorAll(".sym")) {
        const names = [...node.classList].filter((each) => /^(sym|also)-/.test(each)).map((each) => each.replace(/^\w+-/, ""));
        const array = bound.get(names[0]) ?? names[0];
        node.classList.add(`role-${trace.byName.get(array)?.role}`);
        node.setAttribute("data-names", array);
        const equation = lines.indexOf(/** @type {HTMLElement} */ (whole));
        if (equation < 0) continue;
        lit.push({ names, node, isResult: isResult(node), equation });
        if (isResult(node)) whole.classList.add("runs");
      }
      for (const node of whole.querySelectorAll(".idx")) {
        const name = [...node.classList].find((each) => each.startsWith("idx-"))?.slice(4) ?? "";
        indices.push({ name, node, letters: [...node.childNodes] });
      }
    }
    return { equations: lines, symbols: entries, lit, indices, letters: {} };
  }

  /** @param {Event} event */
  function pointAt(event) {
    const over = event.type === "pointerout" || event.type === "focusout" ? undefined : event.target;
    const array = over instanceof Element ? over.closest("[data-names]")?.getAttribute("data-names") : undefined;
    name(array ?? undefined);
  }

  /** @param {HTMLElement} button */
  async function copy(button) {
    const as = button.dataset.as ?? "";
    const what = button.textContent ?? "";
    copied.textContent = "";
    byHand.hidden = true;
    const coming = as === "latex" ? Promise.resolve(latex()) : code(as);
    const copying = toClipboard(coming); // before anything is awaited
    copying.catch(() => {}); // it is awaited below, if there is a text
    try {
      text.value = await coming;
    } catch (error) {
      copied.textContent = error instanceof Error && error.message ? error.message : say("formula.failed").replace("{what}", what);
      return;
    }
    try {
      await copying;
      menu.open = false;
      part("summary", menu).focus();
      copied.textContent = say("formula.copied").replace("{what}", what);
    } catch {
      menu.open = false;
      byHand.hidden = false;
      text.focus();
      text.select();
    }
  }

  /** The formula on screen. */
  function latex() {
    const source = trace.header.sources.find((/** @type {any} */ each) => each.name === frame?.scene.source);
    return source.formula.latex.join("\n");
  }

  for (const type of ["pointerover", "pointerout", "focusin", "focusout"]) root.addEventListener(type, pointAt);
  root.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button === numbers) {
      numbers.setAttribute("aria-pressed", String(numbers.getAttribute("aria-pressed") !== "true"));
      if (frame) number(frame);
      fit();
    } else if (button?.dataset.as) void copy(button);
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    part("summary", menu).focus();
  });
  menu.addEventListener("toggle", () => menu.open && (byHand.hidden = true));
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });

  // A frame later: what it changes is what is watched, and browsers call that an error within one frame.
  const refit = () => equations.clientWidth - 6 !== room && fit();
  new ResizeObserver(() => void requestAnimationFrame(refit)).observe(equations);
  document.fonts.addEventListener("loadingdone", fit);

  return { begin, draw };
}

/** Set the last line of an equation on two, the second from a sign on. @param {Element} whole @param {RegExp} mark */
function halve(whole, mark) {
  const row = whole.lastElementChild?.firstElementChild;
  const at = [...(row?.children ?? [])].findIndex((node, at) => at > 0 && mark.test(node.textContent ?? ""));
  if (!row || at < 1) return;
  const line = /** @type {Element} */ (row.parentElement?.cloneNode());
  const rest = document.createElementNS(row.namespaceURI, "mrow");
  rest.append(...[...row.children].slice(at));
  line.append(rest);
  whole.append(line);
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

/** Whether a symbol begins an equation: an equals sign or an arrow follows, and nothing but a comma comes before.
 * @param {Element} node */
function isResult(node) {
  let before = node.previousElementSibling;
  while (before?.localName === "mspace") before = before.previousElementSibling;
  const follows = node.nextElementSibling?.textContent ?? "";
  return /^[=←]$/.test(follows) && /^,?$/.test(before?.textContent ?? "");
}

/** An element around HTML that the server made from our own files. @param {"div"|"span"} tag @param {string} html */
function fromServer(tag, html) {
  const whole = element(tag, {});
  whole.innerHTML = html;
  return whole;
}
