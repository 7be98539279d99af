// @ts-check
// The cell that the reader points at or has pinned, and the one whose name they point at. It knows scenes, and nothing
// of what is told of a cell.

/** @typedef {import("../say/cell.js").Cell} Cell */
/** @typedef {import("../run/trace.js").Trace} Trace */
/** @typedef {import("../run/trace.js").Scene} Scene */

/** @typedef {{array: string, flat: number}} Place of a cell */
/** @param {Place|undefined} one @param {Place|undefined} other */
export const isSame = (one, other) => one?.array === other?.array && one?.flat === other?.flat;

/** @param {Scene} scene @param {Cell|undefined} cell */
const isIn = (scene, cell) => scene.arrays.some(([, array]) => array === cell?.array);

export class Pinned {
  /** @type {Cell|undefined} */ cell;
  /** @type {Cell|undefined} */ glanced;

  /** @param {{scene: () => Scene, rest: () => void, redraw: () => void}} walk which rests while a cell is pinned */
  constructor(walk) {
    this.walk = walk;
  }

  /** A cell is named beside the stage: it is lit there while the reader looks at its name, whatever is pinned.
   * @param {Cell|undefined} next */
  glance = (next) => {
    if (isSame(this.glanced, next)) return;
    this.glanced = next;
    this.walk.redraw();
  };

  /** The reader points at a cell, pins it, or lets it go. While one is pinned, pointing at others changes nothing; to
   * pin it once more frees it. @param {Cell|undefined} next */
  point = (next) => {
    const { cell } = this;
    if (cell?.pinned && !next?.pinned) return;
    if (isSame(cell, next)) {
      if (!next?.pinned) return;
      if (cell?.pinned) next = { ...next, pinned: false };
    }
    if (next?.pinned) this.walk.rest();
    this.cell = next && { ...next, away: !isIn(this.walk.scene(), next) };
    this.walk.redraw();
  };

  /** Let go of the pinned cell. @returns {boolean} whether there was one */
  free = () => {
    if (!this.cell?.pinned) return false;
    this.cell = undefined;
    this.walk.redraw();
    return true;
  };

  /** Another run has begun: it may have no such cell. @param {Trace} trace @param {Trace|undefined} before */
  begin(trace, before) {
    const shapeIn = (/** @type {Trace|undefined} */ run) => run?.byName.get(this.cell?.array ?? "")?.shape.join();
    if (shapeIn(trace) !== shapeIn(before)) this.cell = undefined;
    this.glanced = undefined;
  }

  /** What has left the stage is let go, unless it was pinned by its name. @param {Scene} scene */
  enter(scene) {
    if (!this.cell?.away && !isIn(scene, this.cell)) this.cell = undefined;
  }
}
