// @ts-check
// One line to a room for all tabs of a browser: it runs as a shared worker, hears what happens, and tells each tab. A
// tab that comes later is told all there is; with the last one the line is closed. It knows rooms, and no page.

import { talk } from "./talk.js";

/** @import { Room } from "./talk.js" */
/** What a tab is told: all there is of the room, whether the line is open, or why there is none.
 * @typedef {{room?: Room, isOpen?: boolean, gone?: {status: number, message: string}}} Told */

const code = self.name.split(" ")[1];
/** @type {Set<MessagePort>} */ const tabs = new Set();
/** @type {ReturnType<ReturnType<typeof talk>["hear"]>|undefined} */ let line;
/** @type {Told} what a tab that comes now has missed */ let all = {};

/** @param {Told} told */
function tell(told) {
  all = { ...all, ...told };
  for (const tab of tabs) tab.postMessage(told);
}

/** @param {MessagePort} tab */
function enter(tab) {
  tabs.add(tab);
  tab.postMessage(all);
  line ??= talk(code).hear(
    (room) => tell({ room }),
    (isOpen) => tell({ isOpen }),
    (/** @type {any} */ { status, message }) => tell({ gone: { status, message } }),
  );
}

/** @param {MessagePort} tab */
function leave(tab) {
  tabs.delete(tab);
  if (tabs.size) return;
  line?.close();
  line = undefined;
  all = {};
}

/** @type {any} */ (self).onconnect = (/** @type {MessageEvent} */ { ports: [tab] }) => {
  const acts = { enter: () => enter(tab), leave: () => leave(tab), again: () => line?.again() };
  tab.onmessage = ({ data }) => acts[/** @type {keyof typeof acts} */ (data)]();
};
