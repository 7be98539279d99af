// @ts-check
// Which kind of plot belongs to a moment: what the function that runs declares, or else the waterfall of its sum. A
// new kind is a new module, and its name here.

import { agreement } from "./agreement.js";
import { change } from "./change.js";
import { confusion } from "./confusion.js";
import { contest } from "./contest.js";
import { curve } from "./curve.js";
import { descent } from "./descent.js";
import { landscape } from "./landscape.js";
import { progress } from "./progress.js";
import { waterfall } from "./waterfall.js";

/** @import { Frame } from "../board/stage.js" */
/** @import { NamedArray, Trace } from "../run/trace.js" */
/** @import { Moment, Picture, Sampled } from "./picture.js" */
/** @import { Say } from "../say/describe.js" */

const KINDS = /** @type {Record<string, (moment: Moment) => Picture|undefined>} */ ({
  agreement,
  change,
  confusion,
  contest,
  curve,
  descent,
  landscape,
  progress,
});

/** @param {Trace} trace @param {Frame} frame @param {Say} say @param {Sampled} [sampled]
 * @returns {Picture|undefined} */
export function pictureAt(trace, frame, say, sampled = () => undefined) {
  const { source, arrays: bindings } = frame.scene;
  const { plot } = trace.header.sources.find((/** @type {{name: string}} */ { name }) => name === source);
  if (!plot) return waterfall({ trace, frame, say });
  const bound = new Map(bindings);
  const named = (/** @type {string} */ parameter) => {
    return /** @type {NamedArray} */ (trace.byName.get(bound.get(parameter) ?? ""));
  };
  const array = (/** @type {string} */ part) => named(plot[part]);
  const arrays = (/** @type {string} */ part) => plot[part].map(named);
  return KINDS[plot.kind]({ trace, frame, say, plot, sampled, array, arrays });
}
