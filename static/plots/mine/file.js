// @ts-check
// Files with arrays of the reader's: how they are opened, and what came of them. What files are, the room for those
// knows, which comes with the first one.

import { button, element } from "../../page/page.js";
import { COMPARED } from "../../paste/many.js";

/** @import { Matrix } from "../../paste/unreadable.js" */
/** @import { Say } from "../../say/describe.js" */
/** @typedef {{text?: string, arrays?: Map<string, Matrix>, names?: string[], isWalk?: boolean,
 *   refusal?: string}} Opened arrays by their names; that of a file with one alone has none. The names are of all that
 *   the files hold, whether it can be read or not; isWalk: they are a walk that was saved here */

const FILES = ".npy,.npz,.csv,.txt,.json";

/** @param {Say} say @param {(files: File[]) => void} done */
export function opener(say, done) {
  const input = element("input", { type: "file", accept: FILES, multiple: "", hidden: "", "data-opens": "" });
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    input.value = ""; // the same one may be opened again
    if (files.length) done(files);
  });
  return [input, button({ class: "file" }, () => input.click(), say("editor.file"))];
}

/** What some files say: several have their arrays by the names that they bear.
 * @param {File[]} files @param {Say} say @returns {Promise<Opened>} */
export async function opened(files, say) {
  const [{ bareName, read }, { Refused, sentence }, { words }] = await Promise.all([
    import("../../bring/file.js"),
    import("../../bring/refused.js"),
    import("../../bring/words.js"),
  ]);
  const isLone = files.length === 1;

  /** @param {File} file */
  async function one(file) {
    try {
      const found = await read(file, COMPARED);
      if ("text" in found && !isLone) throw new Refused("several");
      return { name: bareName(file), ...found };
    } catch (error) {
      throw error instanceof Refused && !isLone ? Object.assign(error, { file: file.name }) : error;
    }
  }

  try {
    const all = await Promise.all(files.map(one));
    if ("text" in all[0]) return { text: all[0].text };
    if (all.some((found) => "pixels" in found)) return { refusal: say("mine.picture") };
    /** @type {Map<string, Matrix>} */ const arrays = new Map();
    /** @type {string[]} */ const names = [];
    for (const found of all)
      if ("matrix" in found) arrays.set(isLone ? "" : found.name, found.matrix);
      else if ("arrays" in found)
        for (const { name, matrix } of found.arrays) {
          names.push(name);
          if (matrix) arrays.set(name, matrix);
        }
    return {
      arrays,
      names: [...new Set([...names, ...arrays.keys()])],
      isWalk: all.some((found) => "walk" in found && found.walk),
    };
  } catch (error) {
    return { refusal: sentence(error, await words()) };
  }
}
