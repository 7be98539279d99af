// @ts-check
// Reads the files in a zip: stored ones and deflated ones, none longer than it may be, neither by its own word nor in
// fact. It knows no page.

import { Refused } from "./refused.js";

/** @typedef {{name: string, size: number, read: () => Promise<Uint8Array>}} Entry size in bytes, once unpacked */

const ENTRIES = 256;
const [END, CENTRAL, LOCAL] = [0x06054b50, 0x02014b50, 0x04034b50]; // what each part begins with
const TAIL = 65557; // bytes in which the end is, with the longest comment

/** What is in a zip; an entry is unpacked when it is read. @param {Uint8Array} bytes of the whole file
 * @param {number} most bytes that an entry may have @returns {Entry[]} */
export function entries(bytes, most) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && end >= bytes.length - TAIL && view.getUint32(end, true) !== END) end--;
  if (end < 0 || view.getUint32(end, true) !== END) throw new Refused("zip");
  const count = view.getUint16(end + 10, true);
  if (count > ENTRIES) throw new Refused("entries", { most: ENTRIES });
  let at = view.getUint32(end + 16, true);
  return Array.from({ length: count }, () => {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) throw new Refused("zip");
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [crc, packed, size] = [16, 20, 24].map((place) => view.getUint32(at + place, true));
    const [named, extra, comment] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const from = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + named));
    at += 46 + named + extra + comment;
    const read = async () => {
      if (flags & 1) throw new Refused("locked", { name });
      const isKnown = method === 0 || (method === 8 && typeof DecompressionStream === "function");
      if (!isKnown) throw new Refused("packed", { name });
      if (size > most) throw new Refused("lie", { name, bytes: size, most });
      if (from + 30 > bytes.length || view.getUint32(from, true) !== LOCAL) throw new Refused("zip");
      const start = from + 30 + view.getUint16(from + 26, true) + view.getUint16(from + 28, true);
      const raw = bytes.subarray(start, start + packed);
      if (raw.length < packed) throw new Refused("zip");
      const whole = method ? await inflated(raw, size) : raw;
      if (whole.length !== size || checked(whole) !== crc) throw new Refused("zip");
      return whole;
    };
    return { name, size, read };
  });
}

/** @param {Uint8Array} raw @param {number} size that it says it has: what comes beyond is not waited for */
async function inflated(raw, size) {
  const unpacked = new Blob([/** @type {BlobPart} */ (raw)])
    .stream()
    .pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = unpacked.getReader();
  const whole = new Uint8Array(size);
  let at = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return whole.subarray(0, at);
      if (at + value.length > size) throw new Refused("zip");
      whole.set(value, at);
      at += value.length;
    }
  } catch {
    void reader.cancel().catch(() => {});
    throw new Refused("zip");
  }
}

/** @type {Uint32Array|undefined} */ let table;

/** The check sum (CRC-32) of bytes. @param {Uint8Array} bytes */
function checked(bytes) {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let left = byte;
    for (let bit = 0; bit < 8; bit++) left = left & 1 ? (left >>> 1) ^ 0xedb88320 : left >>> 1;
    return left;
  });
  let sum = -1;
  for (const byte of bytes) sum = (sum >>> 8) ^ table[(sum ^ byte) & 255];
  return ~sum >>> 0;
}
