// @ts-check
// The line on which a tab hears of a room: that of all tabs of its browser, where a browser has workers which tabs
// share, and else one of its own.

import { talk } from "./talk.js";

/** @import { Room } from "./talk.js" */
/** @import { Told } from "./worker.js" */

const PATIENCE = 4000; // milliseconds for a worker to say a first word

/** Hear what happens, for as long as the room is there. @param {string} code @param {(room: Room) => void} heard
 * @param {(isOpen: boolean) => void} line @param {(error: any) => void} gone there is no such room any more
 * @returns {{again: () => void}} to open the line anew */
export function hear(code, heard, line, gone) {
  /** @type {SharedWorker} */ let worker;
  try {
    worker = new SharedWorker(new URL("worker.js", import.meta.url), { type: "module", name: `room ${code}` });
  } catch {
    return talk(code).hear(heard, line, gone);
  }
  const { port } = worker;
  /** @type {{again: () => void}|undefined} */ let own;
  const alone = () => {
    clearTimeout(waiting);
    if (own) return;
    port.postMessage("leave");
    own = talk(code).hear(heard, line, gone);
  };
  const waiting = setTimeout(alone, PATIENCE);
  worker.onerror = alone;
  port.onmessage = (/** @type {MessageEvent<Told>} */ { data: told }) => {
    clearTimeout(waiting);
    if (own) return;
    if (told.isOpen !== undefined) line(told.isOpen);
    if (told.room) heard(told.room);
    if (told.gone) gone(told.gone);
  };
  port.postMessage("enter");
  // A tab that is closed says nothing later; one that a browser brings back hears again.
  addEventListener("pagehide", () => port.postMessage("leave"));
  addEventListener("pageshow", ({ persisted }) => persisted && port.postMessage("enter"));
  return { again: () => (own ? own.again() : port.postMessage("again")) };
}
