// @ts-check
// Copies a text that may still be on its way. A browser lets a page write only as the answer to what a reader has
// just done, and some forget by the time that a server has answered: they are given the promise at once, not the text
// later.

/** @param {string|Promise<string>} text @returns {Promise<void>} rejects where there is no clipboard (a page that
 *   comes by plain http from elsewhere has none), where it may not be written, and where the text does not come */
export async function copy(text) {
  const { clipboard } = navigator;
  if (typeof ClipboardItem === "function" && clipboard.write) {
    const plain = Promise.resolve(text).then((whole) => new Blob([whole], { type: "text/plain" }));
    plain.catch(() => {}); // whoever asked for the text hears of it
    try {
      return await clipboard.write([new ClipboardItem({ "text/plain": plain })]);
    } catch {
      // An older browser takes no promises.
    }
  }
  await clipboard.writeText(await text);
}
