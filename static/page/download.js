// @ts-check
// Hands a file to the reader, under a name, as the browser does it with what it downloads.

import { element } from "./page.js";

/** @param {Blob} file @param {string} name */
export function download(file, name) {
  const url = URL.createObjectURL(file);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
