// @ts-check
// The numbers of arrays that are too long for an address: they stay with this tab, and go to the server in the body of
// each request whose address has their names. It does not know what an array is.
//
//   /api/conv2d/walk/stream?x=not-in-link-3x64x64-9a3f1c0e52b7d846    has the body    {"x": "f64:3x64x64:…"}

import { MARK, namedIn } from "./carried.js";

const KEPT = 100; // as many as can be undone

/** What each name stands for, the latest last. @type {Map<string, string>} */
export const kept = new Map();

/** Have a query name those of its arrays that its address has no room for, and no others.
 * @param {URLSearchParams} query @param {string[]} arrays @param {(query: URLSearchParams) => boolean} isTooLong */
export function shortened(query, arrays, isTooLong) {
  const valueOf = (/** @type {string} */ array) => query.get(array) ?? "";
  for (const array of namedIn(query)) query.set(array, textOf(valueOf(array)));
  const longest = arrays.filter((array) => query.has(array));
  longest.sort((one, other) => valueOf(other).length - valueOf(one).length);
  for (const array of longest) if (isTooLong(query)) query.set(array, nameOf(valueOf(array)));
}

/** How many bytes a body leaves for an array beside those that a query names.
 * @param {URLSearchParams} query @param {string} array @param {number} most bytes of a body */
export function left(query, array, most) {
  const others = namedIn(query).filter((name) => name !== array);
  const taken = others.map((name) => textOf(query.get(name) ?? "").length);
  return taken.reduce((all, each) => all - each, most - 1000); // names and quotation marks
}

/** Fetch what stands at an address, with the numbers that it names. @param {string} url @param {RequestInit} [how] */
export function withNumbers(url, how) {
  const { address, arrays } = parted(url);
  return address === url ? fetch(url, how) : send(address, arrays, how);
}

/** Say something to an address, beside the numbers that it names. @param {string} url
 * @param {Record<string, unknown>} said @param {RequestInit} [how] */
export function post(url, said, how) {
  const { address, arrays } = parted(url);
  return send(address, address === url ? said : { ...said, arrays }, how);
}

/** An address without the numbers that it names, and these; those that are missing the server tells of.
 * @param {string} url */
function parted(url) {
  const [path, words = ""] = url.split("?");
  const query = new URLSearchParams(words);
  const found = namedIn(query).filter((array) => kept.has(query.get(array) ?? ""));
  if (!found.length) return { address: url, arrays: {} };
  const arrays = Object.fromEntries(found.map((array) => [array, textOf(query.get(array) ?? "")]));
  for (const array of found) query.delete(array);
  return { address: `${path}?${query}`, arrays };
}

/** @param {string} address @param {Record<string, unknown>} said @param {RequestInit} [how] */
function send(address, said, how) {
  const headers = { "Content-Type": "application/json" };
  return fetch(address, { ...how, method: "POST", headers, body: JSON.stringify(said) });
}

/** The name that a text has in an address; the same text has always the same. @param {string} text */
function nameOf(text) {
  const shape = /^[a-z][\de-]+:([\dx]+:)/.exec(text)?.[1].replace(":", "-") ?? "";
  const name = `${MARK}${shape}${digest(text, 0x811c9dc5)}${digest(text, 0x9e3779b9)}`;
  keep(name, text);
  return name;
}

/** What a value of an address stands for: for itself, where it is no name, or one whose numbers are not in this tab.
 * @param {string} value */
function textOf(value) {
  const text = kept.get(value);
  if (text !== undefined) keep(value, text); // it is wanted still
  return text ?? value;
}

/** @param {string} name @param {string} text */
function keep(name, text) {
  kept.delete(name);
  kept.set(name, text);
  if (kept.size > KEPT) kept.delete([...kept.keys()][0]);
}

/** 32 bits that stand for a text, in hexadecimal (FNV-1a, a character at a time). @param {string} text
 * @param {number} hash where it begins */
function digest(text, hash) {
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
