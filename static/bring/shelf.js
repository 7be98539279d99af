// @ts-check
// The pictures that the server has on its shelf: all of them small, and one of them in the size that is wanted.

import { button, element, part, tell, write } from "../page/page.js";
import { rove } from "../page/rove.js";
import { paint } from "./paint.js";
import { filled, Refused, sentence } from "./refused.js";

/** @typedef {import("./npy.js").Matrix} Matrix */
/** @typedef {{name: string, group: string, label: string, look: string, size: number, x: string}} Picture */
/** @typedef {{low: number, high: number, source: string, pictures: Picture[]}} Shelf */

/** @param {(key: string) => string} say @param {(matrix: Matrix|undefined) => void} taken */
export function shelf(say, taken) {
  const grid = element("div", { class: "shelf", role: "group", "aria-label": say("bring.pictures") });
  const look = element("p", { class: "look", role: "status" });
  const source = element("p", { class: "source" });
  const told = element("p", { class: "told", role: "alert", hidden: "" });
  const root = element("div", { class: "shelved" }, told, grid, look, source);
  /** @type {Shelf|undefined} */ let known;
  /** @type {Picture|undefined} */ let chosen;
  let size = 28;
  let asked = "";

  async function open() {
    tell(told, "");
    try {
      known ??= /** @type {Shelf} */ (await got("/api/pictures"));
      if (!grid.childElementCount) fill(known);
      if (chosen) await ask();
      else choose(known.pictures[0]);
    } catch (error) {
      tell(told, sentence(error, say));
    }
  }

  /** @param {Shelf} shelf */
  function fill({ low, high, source: from, pictures }) {
    grid.replaceChildren(...inRows(pictures).map((picture) => {
      const canvas = element("canvas", { "aria-hidden": "true" });
      paint(canvas, small(picture.x), low, high);
      const { name, group, label } = picture;
      const attributes = { "data-picture": name, "data-group": group, "aria-label": label, title: label };
      return button({ ...attributes, "aria-pressed": "false" }, () => choose(picture), canvas);
    })); // prettier-ignore
    rove(grid, "button");
    write(source, from);
  }

  /** @param {Picture} picture */
  function choose(picture) {
    chosen = picture;
    for (const each of grid.querySelectorAll("button"))
      each.setAttribute("aria-pressed", String(each.dataset.picture === picture.name));
    write(
      look,
      filled(say("bring.looked"), { label: picture.label }).replace("{look}", () => picture.look),
    );
    void ask();
  }

  async function ask() {
    if (!chosen) return;
    const { name } = chosen;
    const mine = (asked = `${name} ${size}`);
    taken(undefined);
    try {
      const { shape, cells } = await got(`/api/pictures/${name}`, size);
      if (mine === asked) taken({ shape, cells });
    } catch (error) {
      if (mine === asked) tell(told, sentence(error, say));
    }
  }

  return {
    root,
    open,
    range: () => /** @type {[number, number]} */ ([known?.low ?? 0, known?.high ?? 1]),
    focus: () => (grid.childElementCount ? part("[tabindex='0']", grid) : root).focus(),
    /** @param {number} next */
    resize(next) {
      size = next;
      void ask();
    },
  };
}

/** @param {string} path @param {number} [size] */
async function got(path, size) {
  const query = new URLSearchParams({
    lang: document.documentElement.lang.slice(0, 2),
    ...(size && { size: `${size}` }),
  });
  let answer;
  try {
    answer = await fetch(`${path}?${query}`);
  } catch {
    throw new Refused("shelf");
  }
  if (!answer.ok) throw new Refused("shelf");
  return answer.json();
}

/** Each group in turn, and of each kind in it one after the other. @param {Picture[]} pictures */
function inRows(pictures) {
  /** @type {Record<string, number>} */ const counts = {};
  const numbered = pictures.map((picture) => ({
    picture,
    number: (counts[picture.label] = (counts[picture.label] ?? 0) + 1),
  }));
  const groups = [...new Set(pictures.map(({ group }) => group))];
  const place = (/** @type {Picture} */ { group }) => groups.indexOf(group);
  numbered.sort((one, other) => place(one.picture) - place(other.picture) || one.number - other.number);
  return numbered.map(({ picture }) => picture);
}

/** A small picture as the shelf has it: u8:1x8x8: and its bytes. @param {string} text @returns {Matrix} */
function small(text) {
  const [, sizes, bytes] = text.split(":");
  const raw = atob(bytes.replaceAll("-", "+").replaceAll("_", "/"));
  return { shape: sizes.split("x").map(Number), cells: Array.from(raw, (sign) => sign.charCodeAt(0)) };
}
