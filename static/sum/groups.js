// @ts-check
// What is worked out as groups of small grids: for each map the patch, the kernel and their products, and what they
// come to; the cells of a contest; a δ, its kernel and their stamp; or scratch arrays as they stand. It knows terms,
// and nothing of what they look like.

import { nameOf } from "../say/cell.js";
import { exprNumber, readNumber, Sum } from "../why/decimal.js";
import { isDone } from "../why/derivation.js";
import { cellOf, contest } from "../why/expression.js";
import { factorsOf, mapsOf } from "../why/work.js";

/** @import { NamedArray } from "../run/trace.js" */
/** @import { Derivation, Derivations } from "../why/derivation.js" */
/** @import { Expr, Term } from "../why/expression.js" */
/** @import { Form } from "../page/placing.js" */
/** A number of a grid: undefined while it is not known; filled says why it was filled in, if it was; flat is the cell
 * that it was read from.
 * @typedef {{value: number|undefined, array: NamedArray, filled: string, flat?: number, isWinner?: boolean}} Shown */
/** heading: the names of what is read, with their role; blocks: grids; total and running: what the group comes to, and
 * with all before it.
 * @typedef {{heading: {text: string, role: string}[], blocks: Shown[][], total?: number, running?: number}} Group */

export class Groups {
  #k = 0; // what comes after so many steps is left open

  /** @param {Derivations} derivations */
  constructor(derivations) {
    this.derivations = derivations;
  }

  /** @param {Derivation} derivation @param {number} k @returns {Group[]} */
  of(derivation, k) {
    this.#k = k;
    const { expr, sum } = derivation;
    const maps = mapsOf(sum)?.maps;
    if (maps) return this.#sums(maps, isDone(derivation, k));
    return expr ? [this.#contest(expr, isDone(derivation, k))] : [];
  }

  /** Products in a scratch array, which are not added up.
   * @param {Term[][]} maps @param {number} k @returns {Group[]} */
  ofStamp(maps, k) {
    this.#k = k;
    return maps.map((terms) => this.#map(terms));
  }

  /** Scratch arrays as they stand. @param {NamedArray[]} arrays @param {Form} form @returns {Group[]} */
  ofScratch(arrays, { rows, columns, count, blocks }) {
    const size = rows * columns;
    const shown = arrays.filter(({ cells }) => cells.length === size * count).slice(0, blocks);
    return Array.from({ length: count }, (_, map) => ({
      heading: shown.map((array) => headingOf(array, map * size)),
      blocks: shown.map((array) =>
        Array.from({ length: size }, (_, at) => {
          const flat = map * size + at;
          return { value: array.isKnown(flat) ? array.cells[flat] : undefined, array, filled: "", flat };
        }),
      ),
    }));
  }

  /** @param {Term[][]} maps @param {boolean} finished whether they are added up @returns {Group[]} */
  #sums(maps, finished) {
    const running = new Sum();
    return maps.map((terms) => {
      const total = new Sum();
      for (const { expr, minus } of terms) for (const each of [total, running]) each.add(expr, minus);
      return { ...this.#map(terms), ...(finished && { total: total.value, running: running.value }) };
    });
  }

  /** @param {Term[]} terms @returns {Group} */
  #map(terms) {
    const factors = factorsOf(terms[0].expr);
    const blocks = factors.map((_, nth) => terms.map(({ expr }) => this.#read(factorsOf(expr)[nth])));
    // One number that meets all the others stands alone.
    const isOne =
      terms.length > 1 && terms.every(({ expr }) => factorsOf(expr)[0].cell?.flat === factors[0].cell?.flat);
    if (factors.length > 1 && isOne) blocks[0].length = 1;
    if (factors.length > 1)
      blocks.push(
        terms.map(({ expr }) => {
          const { array, moment, flat } = /** @type {import("../why/expression.js").Stood} */ (expr.via);
          return { value: moment <= this.#k ? exprNumber(expr) : undefined, array, filled: "", flat };
        }),
      );
    return { heading: factors.flatMap(({ cell }) => (cell ? [headingOf(cell.array, cell.flat)] : [])), blocks };
  }

  /** The cells that one was picked from. @param {Expr} pick @param {boolean} finished whether the winner is known
   * @returns {Group} */
  #contest(pick, finished) {
    const among = pick.among ?? [];
    const { at: winner } = contest(pick);
    const cell = cellOf(among[0]) && (among[0].cell ?? among[0].via);
    const shown = among.map((one, at) => ({ ...this.#read(one), isWinner: finished && at === winner }));
    return { heading: cell ? [headingOf(cell.array, cell.flat)] : [], blocks: [shown] };
  }

  /** @param {Expr} read @returns {Shown} */
  #read({ cell, via }) {
    const array = /** @type {NamedArray} */ (cell?.array);
    if (!cell || (via && via.moment > this.#k)) return { value: undefined, array, filled: "" };
    const isSpecial = cell.value === 0 || !Number.isFinite(cell.value);
    const filled = (isSpecial && this.derivations.origin(cell).filling?.word) || "";
    return { value: readNumber(cell), array, filled, flat: cell.flat };
  }
}

/** The map that a cell lies in, such as w[0, 1]. @param {NamedArray} array @param {number} flat */
function headingOf(array, flat) {
  const outer = nameOf(array, flat).split(", ").slice(0, -2).join(", ");
  return { text: array.shape.length > 2 ? `${outer}]` : array.name, role: array.role };
}
