// @ts-check
// A lesson as a link: compressed, behind the # of an address, so that it comes into no server's log.

import { Refused } from "./fields.js";
import { MOST } from "./lesson.js";

const MARK = "#lesson=";
const LONGEST = 6000; // characters of a link that chat programs leave whole

/** @param {string} text @param {string} page @returns {Promise<string>} */
export async function linkOf(text, page) {
  const bytes = await all(new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw")), Infinity);
  const letters = btoa(String.fromCharCode(...bytes));
  const link = `${page}${MARK}${letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
  if (link.length > LONGEST) throw new Refused("long-link", { limit: LONGEST, size: link.length });
  return link;
}

/** The text behind the # of an address; undefined where there is none. @param {string} hash */
export async function textOf(hash) {
  if (!hash.startsWith(MARK)) return undefined;
  try {
    const letters = hash.slice(MARK.length).replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new TextDecoder().decode(await all(plain, MOST.bytes + 1)); // one that goes on is too large, however long
  } catch {
    throw new Refused("cut-link");
  }
}

/** @param {ReadableStream<Uint8Array>} stream @param {number} most bytes that are read */
async function all(stream, most) {
  const reader = stream.getReader();
  /** @type {number[]} */ const bytes = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(bytes);
    for (const one of value) bytes.push(one);
    if (bytes.length > most) {
      void reader.cancel();
      return new Uint8Array(bytes);
    }
  }
}
