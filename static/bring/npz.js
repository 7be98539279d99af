// @ts-check
// Reads the arrays of a file as NumPy saves several (.npz), and what a file of ours tells of its walk.

import { CELLS } from "../paste/many.js";
import { npy } from "./npy.js";
import { Refused } from "./refused.js";
import { entries } from "./zip.js";

/** @typedef {import("./npy.js").Matrix} Matrix */
/** @typedef {{layer: string, algorithm: string, settings: Record<string, string>, arrays: string[]}} Walk */
/** @typedef {{name: string, matrix?: Matrix, refused?: Refused}} Named an array, or why it cannot be read */
/** @typedef {{arrays: Named[], walk?: Walk}} Arrays */

const HEAD = 16384; // bytes of an array that are no cells, at most
const TELLS = "convwalk.npy"; // what our files say of their walk, as JSON

/** @param {Uint8Array} bytes of the whole file @param {number} [most] cells of an array @returns {Promise<Arrays>} */
export async function npz(bytes, most = CELLS) {
  const all = entries(bytes, 8 * most + HEAD).filter(({ name }) => name.endsWith(".npy"));
  /** @type {Named[]} */ const arrays = [];
  /** @type {Walk|undefined} */ let walk;
  for (const { name, read } of all) {
    try {
      const matrix = npy(await read(), most);
      if (name === TELLS) walk = walkOf(matrix);
      else arrays.push({ name: name.slice(0, -4), matrix });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      arrays.push({ name: name.slice(0, -4), refused: error });
    }
  }
  const [first] = arrays;
  if (!first) throw new Refused("arrays");
  // One that cannot be read says why; where none can, the first one does.
  if (arrays.every(({ refused }) => refused)) throw first.refused;
  return { arrays, walk };
}

/** @param {Matrix} matrix of bytes @returns {Walk|undefined} */
function walkOf({ cells }) {
  try {
    const { layer, algorithm, settings, arrays } = JSON.parse(new TextDecoder().decode(Uint8Array.from(cells)));
    const isWord = (/** @type {unknown} */ one) => typeof one === "string" && /^\w{1,64}$/.test(one);
    const isFair = typeof settings === "object" && !Array.isArray(settings);
    const isOurs = isFair && isWord(layer) && isWord(algorithm) && Array.isArray(arrays) && arrays.every(isWord);
    return isOurs ? { layer, algorithm, settings: { ...settings }, arrays } : undefined;
  } catch {
    return undefined; // the arrays are there all the same
  }
}
