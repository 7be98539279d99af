// @ts-check
// Paints the cells of a picture on a canvas, a pixel each, from black for the least number to white, as the stage has
// them. The style sheet has it enlarge them without a blur.

/** @typedef {import("./npy.js").Matrix} Matrix */

/** @param {HTMLCanvasElement} canvas @param {Matrix} matrix of one channel or of three, or of rows alone
 * @param {number} low the number of a black cell @param {number} high that of a white one */
export function paint(canvas, { shape, cells }, low, high) {
  const [rows, columns] = shape.slice(-2);
  const count = rows * columns;
  if (canvas.width !== columns || canvas.height !== rows) [canvas.width, canvas.height] = [columns, rows];
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(columns, rows);
  for (let at = 0; at < count; at++) {
    for (let c = 0; c < 3; c++) {
      const cell = cells[(cells.length === 3 * count ? c * count : 0) + at];
      image.data[4 * at + c] = Math.round((255 * (cell - low)) / (high - low));
    }
    image.data[4 * at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
