// @ts-check
// Arrays that are too long for an address. There each has a name that says so, which stands wherever its numbers
// would: in the address, in what can be undone, in the state of the browser's history. The numbers stay with this tab,
// and go to the server in the body of each request whose address has the name. It does not know what an array is.
//
//   /api/conv2d/walk/stream?x=not-in-link-3x64x64-9a3f1c0e52b7d846    has the body    {"x": "f64:3x64x64:…"}

/** What such a name begins with; app/walks/arrays.py says what it means where the numbers are not at hand. */
export const MARK = "not-in-link-";
const KEPT = 100; // as many as can be undone

/** What each name stands for, the latest last. @type {Map<string, string>} */
export const kept = new Map();

/** The name that a text has in an address; the same text has always the same. @param {string} text */
export function nameOf(text) {
  const shape = /^[a-z][\de-]+:([\dx]+:)/.exec(text)?.[1].replace(":", "-") ?? "";
  const name = `${MARK}${shape}${digest(text, 0x811c9dc5)}${digest(text, 0x9e3779b9)}`;
  keep(name, text);
  return name;
}

/** What a value of an address stands for: for itself, where it is no name, or one whose numbers are not in this tab.
 * @param {string} value */
export function textOf(value) {
  const text = kept.get(value);
  if (text !== undefined) keep(value, text); // it is wanted still
  return text ?? value;
}

/** The arrays of a query whose numbers it only names. @param {URLSearchParams} query */
export const namedIn = (query) => [...query].filter(([, value]) => value.startsWith(MARK)).map(([array]) => array);

/** Fetch what stands at an address, with the numbers that it names. @param {string} url @param {RequestInit} [how] */
export function ask(url, how) {
  const { address, arrays } = parted(url);
  return address === url ? fetch(url, how) : send(address, arrays, how);
}

/** Say something to an address, beside the numbers that it names. @param {string} url
 * @param {Record<string, unknown>} said @param {RequestInit} [how] */
export function post(url, said, how) {
  const { address, arrays } = parted(url);
  return send(address, address === url ? said : { ...said, arrays }, how);
}

/** An address without the numbers that it names, and these. @param {string} url */
function parted(url) {
  const [path, words = ""] = url.split("?");
  const query = new URLSearchParams(words);
  const found = namedIn(query).filter((array) => kept.has(query.get(array) ?? "")); // what is missing the server says
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
