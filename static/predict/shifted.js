// @ts-check
// What a sum over a window would come to if the window lay elsewhere, or if the kernel on it were turned. How far a
// window moves is taken from the windows that were recorded. It knows derivations, and no layer.

import { indicesOf } from "../say/cell.js";
import { derivationsOf } from "../why/derivation.js";
import { factorsOf, mapsOf, windowOf } from "../why/work.js";
import { flatOf } from "./question.js";
import { termsOf, total, withSum } from "./terms.js";

/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Derivation } from "../why/derivation.js" */
/** @import { Term } from "../why/expression.js" */
/** @import { Window } from "../why/work.js" */
/** @import { Slips } from "./terms.js" */

/** The same sum over a window that lies elsewhere: without the padding, not moved as far, or one cell off.
 * @type {Slips} */
export function* elsewhere(trace, step, derivation) {
  const window = windowOf(derivation, step + 1);
  if (!window || derivation.kind === "pick") return;
  const { array } = window;
  const { begins } = trace.steps[step];
  /** @param {(index: number[]) => {array: NamedArray, index: number[]}|undefined} moved */
  const over = (moved) => {
    let sum = total(termsOf(derivation).filter((term) => !isOver(term, window)));
    for (const { flat, met } of window.cells) {
      const to = moved(indicesOf(array, flat));
      const isInside = to?.index.every((at, axis) => at >= 0 && at < to.array.shape[axis]);
      if (!to || !isInside) return NaN;
      const value = trace.accesses.valueBefore(to.array, flatOf(to.array, to.index), begins);
      sum += value * (met ? met.value : 1);
    }
    return withSum(derivation, sum);
  };
  const bare = bareOf(trace, window, begins);
  if (bare) {
    const number = over((index) => ({ array: bare, index }));
    yield { says: "padding", number, values: { padded: array.name, array: bare.name }, parts: [] };
  }
  const axes = array.shape.map((_, axis) => axis).slice(-2);
  for (const axis of axes) {
    const by = strideOf(trace, step, derivation, window, axis);
    if (by < 2) continue;
    const at = Math.floor(indicesOf(array, window.cells[0].flat)[axis] / by);
    for (const back of new Set([at * (by - 1), by - 1])) {
      const number = over((index) => ({ array, index: index.map((each, nth) => each - (nth === axis ? back : 0)) }));
      yield { says: "stride", number, values: { by }, parts: [] };
    }
  }
  for (const axis of axes)
    for (const by of [-1, 1]) {
      const number = over((index) => ({ array, index: index.map((each, nth) => each + (nth === axis ? by : 0)) }));
      const side = axis === array.shape.length - 1 ? ["left", "right"] : ["up", "down"];
      yield { says: `off.${side[by < 0 ? 0 : 1]}`, number, values: { array: array.name }, parts: [] };
    }
}

/** Whether a term is one of those that a window is made of. @param {Term} term @param {Window} window */
const isOver = ({ expr }, { array, cells }) =>
  factorsOf(expr).some(({ cell }) => cell?.array === array && cells.some(({ flat }) => flat === cell.flat));

/** What a padded array was before it was padded. @param {Trace} trace @param {Window} window @param {number} before */
function bareOf(trace, { array, cells }, before) {
  const found = cells.map(({ flat }) => derivationsOf(trace).origin({ array, flat, value: 0, before }));
  const [inner] = found.filter((each) => each.array !== array && each.array.shape.length === array.shape.length);
  return inner?.array;
}

/** How far the window moves from one cell to the next on an axis, by what was recorded; 0 where there is no other.
 * @param {Trace} trace @param {number} step @param {Derivation} derivation @param {Window} window
 * @param {number} axis */
function strideOf(trace, step, { array, flat }, window, axis) {
  const back = window.array.shape.length - axis;
  const along = array.shape.length - back;
  if (along < 0 || !indicesOf(array, flat)[along]) return 0;
  const other = derivationsOf(trace).of(array.name, flat - array.strides[along], step + 1);
  const before = other.value === undefined ? undefined : windowOf(other, step + 1);
  if (before?.array !== window.array) return 0;
  const [here, there] = [window, before].map(({ cells }) => indicesOf(window.array, cells[0].flat)[axis]);
  return here - there;
}

/** The products with a kernel that is turned. @type {Slips} */
export function* turned(trace, step, derivation) {
  const window = windowOf(derivation, step + 1);
  const maps = mapsOf(derivation.sum);
  const met = window?.cells.find(({ met }) => met)?.met?.array;
  if (!window || !maps || !met || window.cells.length !== maps.maps.flat().length) return;
  const { begins } = trace.steps[step];
  let [sum, at] = [total(maps.others), 0];
  for (const { length } of maps.maps) {
    const cells = window.cells.slice(at, (at += length));
    cells.forEach(({ flat }, nth) => {
      sum += trace.accesses.valueBefore(window.array, flat, begins) * Number(cells[length - 1 - nth].met?.value);
    });
  }
  yield { says: "turned", number: withSum(derivation, sum), values: { array: met.name }, parts: [] };
}
