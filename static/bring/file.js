// @ts-check
// Reads a file that a reader has brought, by its content and not by its name. Nothing of it leaves the page here.

import { CELLS, isMany } from "../paste/many.js";
import { HEAD, kindOf, textOf } from "./kind.js";
import { npy } from "./npy.js";
import { npz } from "./npz.js";
import { decoded, drawn, PIXELS } from "./raster.js";
import { Refused } from "./refused.js";

/** @typedef {{pixels: import("./planes.js").Pixels}|{matrix: import("./npy.js").Matrix}|import("./npz.js").Arrays|
 *   {text: string}} Brought */

const BYTES = 64e6;
const TEXT = 2e6; // bytes: numbers that are typed are few

/** @param {Blob} file @param {number} [most] cells of an array
 * @returns {Promise<Brought>} */
export async function read(file, most = CELLS) {
  if (!file.size) {
    await bytesOf(file); // one that is gone is said to have none
    throw new Refused("empty");
  }
  if (file.size > BYTES) throw new Refused("large", { bytes: file.size, most: BYTES });
  const { kind, width = 0, height = 0 } = kindOf(await bytesOf(file.slice(0, HEAD)));
  if (width * height > PIXELS) throw new Refused("pixels", { width, height, most: PIXELS });
  if (kind === "picture") return { pixels: await decoded(file) };
  if (kind === "svg") return { pixels: await drawn(file) };
  if (kind === "npy") return { matrix: npy(await bytesOf(file), most) };
  if (kind === "zip") return npz(await bytesOf(file), most);
  if (kind === "unknown") throw new Refused("unknown");
  if (file.size > TEXT) throw new Refused("large", { bytes: file.size, most: TEXT });
  const text = textOf(await bytesOf(file));
  if (text === undefined) throw new Refused("unknown");
  if (isMany(text, most)) throw new Refused("many", { most });
  return { text };
}

/** What an array is called that is alone in a file. @param {File} file */
export const bareName = ({ name }) => name.replace(/\.\w+$/, "");

/** What is in a file. A folder has nothing, and a file may be gone by now. @param {Blob} file */
async function bytesOf(file) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Refused("gone");
  }
}
