// @ts-check
// How data flows through a walk: where every array enters or is made, what a scene reads and writes, and where the way
// back begins. It knows chapters, scenes and roles; no layer by name, and nothing of the page.

/** @import {Trace, Scene} from "./trace.js" */
/** @typedef {{number: number, enters: string[], makes: string[], renews: string[]}} Stop a chapter by its number: the
 *   given arrays that are first used in it, those that it makes, and those of others that it writes to */

/** @param {Trace} trace */
export function flowOf(trace) {
  const sources = new Map(trace.header.sources.map((/** @type {any} */ source) => [source.name, source]));
  /** What a walk keeps only for a moment, such as a patch, is no station of its way. @param {string} name */
  const arrayOf = (name) => {
    const array = trace.byName.get(name);
    return array && array.role !== "scratch" ? array : undefined;
  };

  /** @param {Scene} scene @param {"reads"|"writes"} how @returns {string[]} in the order of the data */
  const named = ({ source, arrays }, how) => {
    const used = sources.get(source)[how];
    return arrays.filter(([parameter, name]) => arrayOf(name) && used.includes(parameter)).map(([, name]) => name);
  };
  const reads = (/** @type {Scene} */ scene) => new Set(named(scene, "reads"));
  const writes = (/** @type {Scene} */ scene) => new Set(named(scene, "writes"));

  const chapters = trace.chapters.map(({ scenes }) => ({
    touched: new Set(scenes.flatMap((scene) => scene.arrays.map(([, name]) => name)).filter(arrayOf)),
    written: new Set(scenes.flatMap((scene) => named(scene, "writes"))),
  }));
  const isGradient = (/** @type {string} */ name) => arrayOf(name)?.role === "gradient";
  const backFrom = chapters.findIndex(({ written }) => [...written].some(isGradient));

  /** @type {Map<string, number>} the chapter where each array has its place */ const places = new Map();
  chapters.forEach(({ touched }, number) => {
    for (const name of touched) if (!places.has(name)) places.set(name, number);
  });
  // A gradient that is given comes from the layer behind, even if something on the way there has looked at it.
  for (const [name, number] of places)
    if (number < backFrom && arrayOf(name)?.known && isGradient(name)) places.set(name, backFrom);

  /** @type {Stop[]} */
  const stops = chapters.map(({ written }, number) => {
    const here = [...places].filter(([, place]) => place === number).map(([name]) => name);
    return {
      number,
      enters: here.filter((name) => arrayOf(name)?.known),
      makes: here.filter((name) => !arrayOf(name)?.known),
      renews: [...written].filter((name) => !here.includes(name)),
    };
  });
  // A walk that goes one way only, forward or backward, has one row.
  const turn = backFrom > 0 ? backFrom : stops.length;
  return { forward: stops.slice(0, turn), backward: stops.slice(turn), reads, writes };
}
