// @ts-check
// What a reader has answered, walk by walk: it stays on this device, and nobody else is told. It knows steps and
// outcomes, and no page.

import { keep, recall } from "../page/storage.js";

/** at once; after a hint; not; not tried @typedef {"right"|"hinted"|"wrong"|"skipped"} Outcome */
/** @typedef {Record<string, Outcome>} Answered by the step that was asked about */

const KEY = "convwalk.predicted";
const MOST = 24; // walks that are remembered

/** @returns {Record<string, Answered>} of each walk, the one that was answered last at the end */
function all() {
  try {
    const kept = JSON.parse(recall("localStorage", KEY) ?? "{}");
    return kept && typeof kept === "object" && !Array.isArray(kept) ? kept : {};
  } catch {
    return {}; // somebody else has written there
  }
}

/** @param {Record<string, Answered>} walks */
const write = (walks) =>
  keep("localStorage", KEY, JSON.stringify(Object.fromEntries(Object.entries(walks).slice(-MOST))));

export class Tally {
  /** @param {string} walk what it is called: its address */
  constructor(walk) {
    this.walk = walk;
  }

  /** @returns {Answered} */
  get answered() {
    return all()[this.walk] ?? {};
  }

  /** @param {number} step @param {Outcome} outcome */
  note(step, outcome) {
    const { [this.walk]: mine, ...others } = all();
    write({ ...others, [this.walk]: { ...mine, [step]: outcome } });
  }

  /** Forget this walk. */
  clear() {
    const { [this.walk]: _, ...others } = all();
    write(others);
  }

  /** How many there are of each kind. */
  get counts() {
    const counts = { asked: 0, right: 0, hinted: 0, wrong: 0, skipped: 0 };
    for (const outcome of Object.values(this.answered)) {
      counts.asked++;
      if (outcome in counts) counts[outcome]++;
    }
    return counts;
  }

  /** The steps to try again, in their order. */
  get again() {
    const missed = Object.entries(this.answered).filter(([, outcome]) => outcome === "wrong" || outcome === "skipped");
    return missed.map(([step]) => Number(step)).sort((one, other) => one - other);
  }
}
