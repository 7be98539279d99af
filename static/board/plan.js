// @ts-check
// Where the cells of an array lie on a flat board, and the lines around a set of them. It knows shapes, no layer.
// A board is a grid: the maps of an array (its last two axes) side by side and below each other, with a free row for
// labels between them. The labels of the topmost stand before the numbers of their columns, or in the place of those.

/** @typedef {{x: number, y: number, label: string}} MapPlace */

/** @typedef {{at: number, text: string}} Tick a number beside the board, and how many cells from its edge
 * @typedef {"stack"|"block"|"line"} Layout of the maps: below each other, about as high as wide, side by side */

export const MARGIN = { l: 26, t: 18, r: 3, b: 3 }; // pixels around the cells of a board, for what stands there

const APART = 18; // pixels between the middles of two numbers of columns

const FLATTEST = { stack: 1.15, block: 1.15, line: 0.5 }; // as high as so many times its width is a block of maps
const SHORT = { stack: 40, block: 16, line: 0 }; // rows: what is no higher than that remains a stack

/** How many maps stand across. @param {number} maps @param {number} height @param {number} width
 * @param {Layout} layout */
function acrossFor(maps, height, width, layout) {
  if (maps * (height + 1) <= SHORT[layout]) return 1;
  let across = 1;
  while (across < maps && Math.ceil(maps / across) * (height + 1) > FLATTEST[layout] * across * (width + 1)) across++;
  return across;
}

export class Plan {
  /** @param {number[]} shape of one to four axes @param {Layout} layout */
  constructor(shape, layout = "stack") {
    const [height, width] = shape.length === 1 ? [shape[0], 1] : shape.slice(-2);
    const outer = shape.slice(0, -2);
    const maps = outer.reduce((product, size) => product * size, 1);
    const labelled = outer.length > 0;
    // The filters of a weight go across and its channels down, or the other way round, or all stand in a line; with
    // one channel the filters stand like any other maps.
    const isWeight = outer.length === 2 && outer[1] > 1;
    const down = isWeight && layout === "stack" ? outer[1] : 0;
    const ofWeight = layout === "line" ? maps : outer[1];
    const across = isWeight ? ofWeight : acrossFor(maps, height, width, layout);

    this.shape = shape;
    this.height = height;
    this.width = width;
    /** @type {MapPlace[]} */ this.maps = [];
    this.xs = new Uint16Array(maps * height * width);
    this.ys = new Uint16Array(maps * height * width);
    for (let map = 0, flat = 0; map < maps; map++) {
      const [column, row] = down ? [Math.floor(map / down), map % down] : [map % across, Math.floor(map / across)];
      const x = column * (width + 1);
      const y = row * (height + 1);
      const index = outer.length === 2 ? `${Math.floor(map / outer[1])}, ${map % outer[1]}` : `${map}`;
      this.maps.push({ x, y, label: labelled ? `[${index}]` : "" });
      for (let cell = 0; cell < height * width; cell++, flat++) {
        this.xs[flat] = x + (cell % width);
        this.ys[flat] = y + Math.floor(cell / width);
      }
    }
    this.columns = 1 + Math.max(...this.maps.map((map) => map.x)) + width - 1;
    this.rows = 1 + Math.max(...this.maps.map((map) => map.y)) + height - 1;
    this.flatAt = new Int32Array(this.columns * this.rows).fill(-1);
    for (let flat = 0; flat < this.xs.length; flat++) this.flatAt[this.ys[flat] * this.columns + this.xs[flat]] = flat;
  }

  /** The flat index of the cell at a place of the board, or -1. @param {number} x @param {number} y */
  at(x, y) {
    return x < 0 || y < 0 || x >= this.columns || y >= this.rows ? -1 : this.flatAt[y * this.columns + x];
  }

  /** The numbers of its columns and rows, where there is room for them.
   * @param {number} cell the height of a cell in pixels
   * @returns {{columns: Tick[], rows: Tick[]}} */
  numbers(cell) {
    /** @param {number[]} origins of the maps along one axis @param {number} length */
    const along = (origins, length) => {
      const every = cell >= (length > 10 ? 18 : 14) ? 1 : Math.ceil(20 / cell / 5) * 5;
      const count = cell >= 5 ? Math.ceil(length / every) : 0;
      if (count === 1 && length > 1) return []; // a lone zero tells nothing
      const all = Array.from({ length: count }, (_, nth) => nth * every);
      const told = all.filter((at) => at === 0 || (length + 1 - at) * cell >= APART); // the next map begins with 0
      return [...new Set(origins)].flatMap((origin) =>
        told.map((at) => ({ at: origin + at + 0.5, text: String(at) })),
      );
    };
    if (this.shape.length === 1) return { columns: [], rows: along([0], this.rows) }; // it has no columns
    const isNamed = this.shape.length > 3; // two indices stand in the place of the numbers
    const above = this.maps.filter((map) => map.y === 0).map((map) => map.x);
    const beside = this.maps.filter((map) => map.x === 0).map((map) => map.y);
    return { columns: isNamed ? [] : along(above, this.width), rows: along(beside, this.height) };
  }

  /** A grid of the board with 1 wherever the test holds for the cell there. @param {(flat: number) => boolean} test */
  grid(test) {
    const grid = new Uint8Array(this.columns * this.rows);
    for (let flat = 0; flat < this.xs.length; flat++)
      if (test(flat)) grid[this.ys[flat] * this.columns + this.xs[flat]] = 1;
    return grid;
  }

  /** A line through each cell for which the test holds: [x0, y0, x1, y1]. @param {(flat: number) => boolean} test */
  strokes(test) {
    const struck = [...this.xs.keys()].filter(test);
    return struck.map((flat) => [this.xs[flat], this.ys[flat] + 1, this.xs[flat] + 1, this.ys[flat]]);
  }

  /** The lines around the marked cells of a grid: [x0, y0, x1, y1] each, runs of edges made one line.
   * @param {Uint8Array} grid @returns {number[][]} */
  outline(grid) {
    const { columns, rows } = this;
    /** @type {number[][]} */ const lines = [];
    /** @param {number} x @param {number} y */
    const marked = (x, y) => x >= 0 && y >= 0 && x < columns && y < rows && grid[y * columns + x] === 1;
    /** @param {number} across how many lines @param {number} along how long
     * @param {(line: number, at: number) => boolean}
     * isEdge @param {(line: number, from: number, to: number) => void} add called with each run of edges */
    const runs = (across, along, isEdge, add) => {
      for (let line = 0; line <= across; line++)
        for (let at = 0, from = -1; at <= along; at++) {
          const edge = at < along && isEdge(line, at);
          if (edge && from < 0) from = at;
          if (edge || from < 0) continue;
          add(line, from, at);
          from = -1;
        }
    };
    runs(
      rows,
      columns,
      (y, x) => marked(x, y) !== marked(x, y - 1),
      (y, from, to) => lines.push([from, y, to, y]),
    );
    runs(
      columns,
      rows,
      (x, y) => marked(x, y) !== marked(x - 1, y),
      (x, from, to) => lines.push([x, from, x, to]),
    );
    return lines;
  }

  /** The marked cells of a grid as few rectangles [x0, y0, x1, y1]. @param {Uint8Array} grid @returns {number[][]} */
  rectangles(grid) {
    const { columns, rows } = this;
    /** @type {number[][]} */ const done = [];
    /** @type {Map<string, number[]>} */ let open = new Map();
    for (let y = 0; y <= rows; y++) {
      /** @type {Map<string, number[]>} */ const here = new Map();
      for (let x = 0, from = -1; y < rows && x <= columns; x++) {
        const marked = x < columns && grid[y * columns + x] === 1;
        if (marked && from < 0) from = x;
        if (!marked && from >= 0) {
          const above = open.get(`${from},${x}`);
          here.set(`${from},${x}`, above ? [from, above[1], x, y + 1] : [from, y, x, y + 1]);
          from = -1;
        }
      }
      for (const [run, rectangle] of open) if (here.get(run)?.[1] !== rectangle[1]) done.push(rectangle);
      open = here;
    }
    return done;
  }
}
