// @ts-check
// What a file is, by its first bytes and never by its name; of a picture also how large it says it is, so that one
// that is too large is not decoded first. It knows no page.

/** @typedef {{kind: "picture"|"svg"|"npy"|"zip"|"text"|"unknown", width?: number, height?: number}} Kind */

export const HEAD = 262144; // bytes that are looked at: the sizes of a JPEG stand behind its thumbnail
const OS2 = 12; // bytes of the older header of a BMP
const BLANKS = [9, 10, 11, 12, 13]; // that a text has besides spaces
/** What XML leaves as it is, up to where it ends; quotes are in its declarations. */
const PARTS = [["<!--", "-->"], ["<?", "?>"], ['"', '"'], ["'", "'"]]; // prettier-ignore

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
  if (starts("GIF87a") || starts("GIF89a")) return picture(() => [view.getUint16(6, true), view.getUint16(8, true)]);
  if (starts("BM") && isBmp(view)) return picture(() => sizesOfBmp(view));
  if (starts("\0\0\x01\0")) return picture(() => undefined); // ICO
  if (starts("\xff\xd8\xff")) return picture(() => sizesOfJpeg(view));
  if (starts("RIFF") && starts("WEBP", 8)) return picture(() => sizesOfWebp(view, starts));
  if (starts("ftyp", 4)) return picture(() => undefined); // AVIF, HEIC
  const text = textOf(head, true);
  if (text === undefined) return { kind: "unknown" };
  return { kind: isDrawing(text) ? "svg" : "text" };
}

/** Whether a file goes on as a BMP does, for a text may begin with the same letters. @param {DataView} view */
function isBmp(view) {
  if (view.byteLength < 26) return false;
  const [reserved, header] = [view.getUint32(6, true), view.getUint32(14, true)];
  return reserved === 0 && [OS2, 40, 52, 56, 64, 108, 124].includes(header);
}

/** @param {DataView} view @returns {[number, number]} */
function sizesOfBmp(view) {
  if (view.getUint32(14, true) === OS2) return [view.getUint16(18, true), view.getUint16(20, true)];
  return [Math.abs(view.getInt32(18, true)), Math.abs(view.getInt32(22, true))];
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

/** Whether the first element of a text is one that is called svg: behind blanks, comments, instructions and the type
 * of a document, which may have declarations in it. Each sign is passed once. @param {string} text */
function isDrawing(text) {
  let depth = 0; // 1 in the type, 2 in its declarations
  for (let at = 0; at < text.length; at++) {
    const [open, close] = PARTS.slice(0, depth ? 4 : 2).find(([sign]) => text.startsWith(sign, at)) ?? [];
    if (open && close) {
      const end = text.indexOf(close, at + open.length);
      if (end < 0) return false;
      at = end + close.length - 1;
    } else if (depth) {
      if (text[at] === "[") depth = 2;
      if (text[at] === "]") depth = 1;
      if (text[at] === ">" && depth === 1) depth = 0;
    } else if (/^<!DOCTYPE\s/i.test(text.slice(at, at + 10))) depth = 1;
    else if (/\S/.test(text[at])) return /^<(?:[^\s<>:/]{1,60}:)?svg[\s>/]/i.test(text.slice(at, at + 70));
  }
  return false;
}

/** What bytes say, if they are text: in UTF-8, in UTF-16 with the mark of it, in GB18030 where all that is not English
 * comes in pairs, or else in the code of Western Europe, as spreadsheets write them. Digits are the same in the last
 * three. @param {Uint8Array} bytes @param {boolean} [isCut] whether they may go on */
export function textOf(bytes, isCut = false) {
  const mark = String(bytes.slice(0, 2));
  /** @type {string[]} */ const codes = [];
  if (mark === "255,254") codes.push("utf-16le");
  else if (mark === "254,255") codes.push("utf-16be");
  else
    codes.push("utf-8", ...(bytes.some((byte) => byte < 32 && !BLANKS.includes(byte)) ? [] : ["gb18030", "latin1"]));
  for (const code of codes) {
    const said = inCode(bytes, code, isCut);
    if (said !== undefined) return said.includes("\0") ? undefined : said;
  }
  return undefined;
}

/** @param {Uint8Array} bytes @param {string} code @param {boolean} isCut */
function inCode(bytes, code, isCut) {
  try {
    const said = new TextDecoder(code, { fatal: true }).decode(bytes, { stream: isCut });
    return code !== "gb18030" || inPairs(bytes, isCut) ? said : undefined;
  } catch {
    return undefined;
  }
}

/** Whether bytes that are no English signs come in pairs. @param {Uint8Array} bytes @param {boolean} isCut */
function inPairs(bytes, isCut) {
  let row = 0;
  for (const byte of bytes) {
    if (byte < 128 && row % 2) return false;
    row = byte < 128 ? 0 : row + 1;
  }
  return isCut || row % 2 === 0;
}
