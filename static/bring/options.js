// @ts-check
// How a picture is to become numbers: its size, its channels, what of it, and from where to where. Only what makes a
// difference is asked.

import { element } from "../page/page.js";

/** @typedef {import("./planes.js").Wish} Wish */
/** @typedef {{colours: boolean, channels: number, ranged: boolean, square: boolean, ink: boolean,
 *   held: number}} Asked
 *   - colours: whether the picture has any; else three maps are all alike
 *   - channels: of the array now; 0 where it has no axis for them
 *   - ranged: whether its numbers can be chosen
 *   - square: whether a square of it is less than the whole
 *   - ink: whether dark can be made large
 *   - held: cells along each side of an array that has no other size, nor channels, nor a range; else 0
 * @typedef {{shape: number[], start: ArrayLike<number>}} Before the array as it is */

const SIZES = [8, 16, 28, 32, 64];
const USUAL = 28;
const SHELVED = 16; // what the numbers of the shelf go up to
const MOST = [1, SHELVED, 255];

/** @param {(key: string) => string} say @param {() => void} changed */
export function options(say, changed) {
  const size = select(SIZES.map((each) => [String(each), `${each}×${each}`]));
  const channels = select([]);
  const part = select([["whole", say("bring.whole")], ["square", say("bring.square")]]); // prettier-ignore
  const range = select(MOST.map((most) => [String(most), say(`bring.to.${most}`)]));
  const ink = element("input", { type: "checkbox" });
  const kernels = select([]);
  const rows = {
    size: labelled("bring.size", size),
    part: labelled("bring.part", part),
    channels: labelled("bring.channels", channels),
    range: labelled("bring.range", range),
    ink: element("label", { class: "check" }, ink, say("bring.ink")),
    kernels: labelled("bring.kernels", kernels),
  };
  const root = element("div", { class: "options" }, ...Object.values(rows));
  size.value = String(USUAL);
  let isShelved = false; // whether the array is a picture as the shelf has them
  let fixed = 0; // cells along the side, where there is nothing to be chosen
  for (const each of [size, channels, part, range, ink, kernels]) each.addEventListener("change", changed);

  /** @param {string} key @param {HTMLSelectElement} control */
  function labelled(key, control) {
    return element("label", {}, element("span", {}, say(key)), control);
  }

  return {
    root,
    /** An array that is a picture already is likely to become another one like it. @param {Before} array */
    begin({ shape, start }) {
      const [rows, columns] = shape.slice(-2);
      const isPicture = rows === columns && SIZES.includes(rows);
      if (isPicture) size.value = String(rows);
      isShelved = isPicture && Math.max(...Array.from(start)) === SHELVED;
    },
    /** @param {Asked} asked */
    ask({ colours, channels: now, ranged, square, ink: dark, held }) {
      fixed = held;
      channels.replaceChildren(
        new Option(say("bring.grey"), "1"),
        new Option(say(`bring.${colours ? "colour" : "alike"}`), "3"),
      );
      const isBound = kernels.value === "0"; // to weights that stay as they are
      channels.value = now === 3 && (colours || isBound || held) ? "3" : "1";
      part.value = held ? "square" : "whole";
      range.value = String(held ? 1 : isShelved ? SHELVED : colours ? 255 : 1);
      ink.checked = false;
      rows.size.hidden = held > 0;
      rows.channels.hidden = !now || held > 0;
      rows.range.hidden = !ranged || held > 0;
      rows.part.hidden = !square || held > 0;
      rows.ink.hidden = !dark;
    },
    /** @param {string[]} labels of what the kernels can be; the first is what they are @param {number} chosen */
    offer(labels, chosen) {
      kernels.replaceChildren(...labels.map((label, at) => new Option(label, String(at))));
      kernels.value = String(chosen);
      rows.kernels.hidden = labels.length < 2;
    },
    size: () => fixed || Number(size.value),
    kernel: () => Number(kernels.value || 0),
    /** @returns {Wish} */
    wish: () => ({
      size: fixed || Number(size.value),
      colour: channels.value === "3",
      square: part.value === "square",
      ink: ink.checked,
      most: Number(range.value),
    }),
  };
}

/** @param {[string, string][]} choices each with its words */
const select = (choices) => element("select", {}, ...choices.map(([value, label]) => new Option(label, value)));
