// @ts-check
// What a reader brings for an array: files of pictures and of numbers, a drawing, the camera, the shelf. It comes when
// it is first asked for, and knows arrays by their names and shapes alone.

import { styled } from "../page/beside.js";
import { handing } from "./arrays.js";
import { bareName, read } from "./file.js";
import { pictures } from "./picture.js";
import { filled, Refused, sentence } from "./refused.js";
import { words } from "./words.js";

/** @typedef {import("./npy.js").Matrix} Matrix */
/** @typedef {import("./npz.js").Named} Named */
/** @typedef {import("./npz.js").Walk} Walk */
/** @typedef {import("./picture.js").Target} Target */
/** @typedef {Parameters<typeof pictures>[1] & Parameters<typeof handing>[1] & {
 *   text: (name: string, text: string) => void, names: () => string[], note: (message: string) => void,
 *   reopen: (walk: Walk, arrays: Map<string, Matrix>) => Promise<import("./refused.js").Reason|"">}} Host
 *   - text, numbers: lay something before the reader, to be looked through
 *   - names: of the arrays that a reader may give
 *   - reopen: opens a walk that was saved, and gives why not, if it does not */

/** @param {Host} host */
export async function bringing(host) {
  const [say] = await Promise.all([words(), styled("bring.css", import.meta.url)]);
  const picture = pictures(say, host);
  const arrays = handing(say, host);

  /** @param {File[]} all
   * @param {{map: Target|undefined, named: string|undefined, isWhole: boolean}} to the array for a picture, if any,
   *   and for numbers; whether all arrays of the layer are there */
  async function files(all, { map, named, isWhole }) {
    try {
      if (all.length > 1) return handOut(await numbered(all));
      const [file] = all;
      if (!file) return;
      const found = await read(file);
      if ("pixels" in found) {
        if (!map) throw new Refused(isWhole ? "picture" : "map");
        arrays.close();
        await picture.photo(map, found.pixels);
      } else if ("text" in found) {
        if (!named) throw new Refused("map");
        close();
        host.text(named, found.text);
      } else if ("matrix" in found) {
        if (!named) return handOut([{ name: bareName(file), matrix: found.matrix }]);
        close();
        host.numbers(named, found.matrix);
      } else if (found.walk) await reopen(found.walk, found.arrays);
      else handOut(found.arrays);
    } catch (error) {
      host.note(sentence(error, say));
    }
  }

  /** The sheet, which lies below a dialog of this room, is to be seen. */
  function close() {
    picture.close();
    arrays.close();
  }

  /** @param {Named[]} found */
  function handOut(found) {
    picture.close();
    arrays.open(found, host.names());
  }

  /** The arrays of several files: one that cannot be read does not take the others along.
   * @param {File[]} files @returns {Promise<Named[]>} */
  async function numbered(files) {
    const found = (await Promise.all(files.map(arraysOf))).flat();
    const [{ name, refused }] = found;
    if (refused && found.every(({ matrix }) => !matrix)) throw Object.assign(refused, { file: name });
    return found;
  }

  /** @param {File} file @returns {Promise<Named[]>} */
  async function arraysOf(file) {
    try {
      const found = await read(file);
      if ("arrays" in found) return found.arrays;
      if ("matrix" in found) return [{ name: bareName(file), matrix: found.matrix }];
      throw new Refused("several");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return [{ name: file.name, refused: error }];
    }
  }

  /** Open a walk again; where that is not to be had, its arrays are. @param {Walk} walk @param {Named[]} found */
  async function reopen(walk, found) {
    const wanted = found.filter(({ name, matrix }) => matrix && walk.arrays.includes(name));
    const held = new Map(wanted.map(({ name, matrix }) => [name, /** @type {Matrix} */ (matrix)]));
    const reason = await host.reopen(walk, held);
    if (reason === "elsewhere") handOut(found);
    if (reason) throw new Refused(reason, { name: walk.layer, algorithm: walk.algorithm });
  }

  return {
    files,
    /** @param {Target} array @param {"draw"|"camera"|"shelf"} way */
    open: (array, way) => picture.open(array, way),
    /** What is said while a file is over the page. @param {string} name of the array that it would go to */
    over: (name) => filled(say("bring.over"), { array: name }),
    unmapped: say("bring.no.picture"),
    withheld: say("bring.no.withheld"),
    sobel: say("bring.sobel"),
    kept: say("bring.kept"),
  };
}
