// @ts-check
// A file with arrays of the reader's: how it is opened, and what came of it. What files are, the room for those knows,
// which comes with the first one.

import { button, element } from "../../page/page.js";

/** @import { Matrix } from "../../paste/unreadable.js" */
/** @import { Say } from "../../say/describe.js" */
/** @typedef {{text?: string, arrays?: Map<string, Matrix>, refusal?: string}} Opened arrays by their names; that of a
 *   file with one alone has none */

/** @param {Say} say @param {(opened: Opened) => void} done */
export function opener(say, done) {
  const input = element("input", { type: "file", accept: ".npy,.npz,.csv,.txt,.json", hidden: "", "data-opens": "" });
  input.addEventListener("change", async () => {
    const [file] = input.files ?? [];
    if (file) done(await opened(file, say));
    input.value = ""; // the same one may be opened again
  });
  return [input, button({ class: "file" }, () => input.click(), say("editor.file"))];
}

/** @param {File} file @param {Say} say @returns {Promise<Opened>} */
async function opened(file, say) {
  const [{ read }, { sentence }, { words }] = await Promise.all([
    import("../../bring/file.js"),
    import("../../bring/refused.js"),
    import("../../bring/words.js"),
  ]);
  try {
    const found = await read(file);
    if ("text" in found) return { text: found.text };
    if ("matrix" in found) return { arrays: new Map([["", found.matrix]]) };
    if ("pixels" in found) return { refusal: say("mine.picture") };
    return { arrays: new Map(found.arrays.flatMap(({ name, matrix }) => (matrix ? [[name, matrix]] : []))) };
  } catch (error) {
    return { refusal: sentence(error, await words()) };
  }
}
