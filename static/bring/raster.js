// @ts-check
// The pixels of a picture that the browser decodes: turned as a camera says (EXIF), over white where it is
// transparent, of an animation the first frame. The numbers are the file's: no profile of colours is applied.

import { Refused } from "./refused.js";

/** @typedef {import("./planes.js").Pixels} Pixels */

export const PIXELS = 64e6; // that are decoded: four bytes each
const DRAWN = 1024; // pixels along the longer side of a drawing of lines, which has no size of its own

/** @param {Blob} file @returns {Promise<Pixels>} */
export async function decoded(file) {
  const asItIs = /** @type {const} */ ({ imageOrientation: "from-image", colorSpaceConversion: "none" });
  const bitmap = await createImageBitmap(file, asItIs)
    // An older browser has no word for what it does anyway.
    .catch((error) => (error instanceof TypeError ? createImageBitmap(file) : Promise.reject(error)))
    .catch(() => {
      throw new Refused("broken");
    });
  return pixelsOf(bitmap, bitmap.width, bitmap.height);
}

/** A drawing of lines (SVG): browsers decode it in the place of an image only, where no script of it runs and it loads
 * nothing. @param {Blob} file @returns {Promise<Pixels>} */
export async function drawn(file) {
  const image = new Image();
  try {
    image.src = await addressOf(new Blob([file], { type: "image/svg+xml" }));
    await image.decode();
  } catch {
    throw new Refused("broken");
  }
  const [wide, high] = [image.naturalWidth || 1, image.naturalHeight || 1];
  const [width, height] = [wide, high].map((side) => Math.max(1, Math.round((side * DRAWN) / Math.max(wide, high))));
  const pixels = pixelsOf(image, width, height);
  try {
    pixels.rows(0, 1);
  } catch {
    throw new Refused("tainted");
  }
  return pixels;
}

/** A drawing as an address that holds all of it: of one that only names it, Chromium hands out no pixels where the
 * drawing has parts of a page in it (foreignObject). @param {Blob} file @returns {Promise<string>} */
const addressOf = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result)));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });

/** A picture by its rows: only those that are asked for are copied. It is there as long as its pixels are.
 * @param {ImageBitmap|HTMLImageElement|HTMLVideoElement} image @param {number} width @param {number} height
 * @returns {Pixels} */
export function pixelsOf(image, width, height) {
  if (width * height > PIXELS) throw new Refused("pixels", { width, height, most: PIXELS });
  if (!width || !height) throw new Refused("broken");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Refused("broken");
  return { width, height, rows };

  /** @param {number} from @param {number} count */
  function rows(from, count) {
    if (!context) throw new Refused("broken");
    [canvas.width, canvas.height] = [width, count];
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, count);
    context.drawImage(image, 0, -from, width, height);
    return context.getImageData(0, 0, width, count).data;
  }
}
