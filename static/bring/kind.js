// @ts-check
// What a file is, by its first bytes and never by its name; of a picture also how large it says it is, so that one
// that is too large is not decoded first. It knows no page.

/** @typedef {{kind: "picture"|"svg"|"npy"|"zip"|"text"|"unknown", width?: number, height?: number}} Kind */

export const HEAD = 262144; // bytes that are looked at: the sizes of a JPEG stand behind its thumbnail

/** @param {Uint8Array} head the first bytes of a file @returns {Kind} */
export function kindOf(head) {
  const starts = (/** @type {string} */ text, at = 0) =>
    [...text].every((sign, i) => head[at + i] === sign.charCodeAt(0));
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  /** @param {() => [number, number]|undefined} sizes @returns {Kind} */
  const picture = (sizes) => {
    const [width, height] = (head.length > 30 ? sizes() : undefined) ?? [];
    return { kind: "picture", width, height };
  };
  if (starts("\x93NUMPY")) return { kind: "npy" };
  if (starts("PK\x03\x04") || starts("PK\x05\x06")) return { kind: "zip" };
  if (starts("\x89PNG")) return picture(() => [view.getUint32(16), view.getUint32(20)]);
  if (starts("GIF8")) return picture(() => [view.getUint16(6, true), view.getUint16(8, true)]);
  if (starts("BM")) return picture(() => [Math.abs(view.getInt32(18, true)), Math.abs(view.getInt32(22, true))]);
  if (starts("\xff\xd8\xff")) return picture(() => sizesOfJpeg(view));
  if (starts("RIFF") && starts("WEBP", 8)) return picture(() => sizesOfWebp(view, starts));
  if (starts("ftyp", 4)) return picture(() => undefined); // AVIF, HEIC
  const text = textOf(head);
  if (text === undefined) return { kind: "unknown" };
  return { kind: /^\s*(<\?xml[^>]*>|<!--[^]*?-->|<!DOCTYPE[^>]*>|\s)*<svg[\s>]/i.test(text) ? "svg" : "text" };
}

/** @param {DataView} view @returns {[number, number]|undefined} */
function sizesOfJpeg(view) {
  for (let at = 2; at + 9 < view.byteLength && view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    const mark = view.getUint8(at + 1);
    const isFrame = mark >= 0xc0 && mark <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(mark);
    if (isFrame) return [view.getUint16(at + 7), view.getUint16(at + 5)];
  }
  return undefined;
}

/** @param {DataView} view @param {(text: string, at: number) => boolean} starts
 * @returns {[number, number]|undefined} */
function sizesOfWebp(view, starts) {
  const whole = (/** @type {number} */ at) => (view.getUint32(at, true) & 0xffffff) + 1;
  if (starts("VP8X", 12)) return [whole(24), whole(27)];
  if (starts("VP8 ", 12)) return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
  if (!starts("VP8L", 12)) return undefined;
  const bits = view.getUint32(21, true);
  return [(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1];
}

/** What bytes say, if they are text. @param {Uint8Array} bytes */
function textOf(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true }); // it may be cut
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
