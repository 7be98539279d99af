// @ts-check
// What is said to a room and heard of it, over HTTP as docs/http.md has it. It knows nothing of a page, and runs
// without one.

/** @typedef {{layer: string, algorithm: string, query: string}} Walk */
/** @typedef {{array: string, place: number[]}} Spot a cell */
/** @typedef {{step: number, cell: Spot|null, more?: {tab?: string}}} At where the class is, and who led it there */
/** @typedef {number|string|number[]} Answer */
/** @typedef {{number: number, state: "open"|"shown"|"told", kind: "value"|"place"|"choice"|"free",
 *   text: string|Record<string, string>|null, options: (string|Record<string, string>)[]|null, array: string|null,
 *   cell: number[]|null, step: number|null, answers: {answer: Answer, count: number}[]|null,
 *   truth: Answer[]|null}} Question */
/** @typedef {{walk: Walk|null, at: At|null, question: Question|null, count?: {students: number, answers: number},
 *   end: boolean}} Room */

const HOME = "/api/rooms";
export const AGAIN = 3000; // milliseconds after which what was refused for now is tried again

/** Whether it is too much just now, or out of reach just now. @param {any} error */
export const isPassing = ({ status }) => status === 429 || status === 503;

/** @param {string} address @param {object} [said] what is said there; else it is looked at */
async function ask(address, said) {
  const how = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(said) };
  const answer = await fetch(address, said && how);
  const heard = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(heard.message ?? answer.statusText), { status: answer.status });
  return heard;
}

/** Open a room. @returns {Promise<string>} its code; whoever opens it is its teacher */
export const opened = async () => (await ask(HOME, {})).code;

/** @param {string} code */
export function talk(code) {
  const home = `${HOME}/${code}`;
  return {
    /** Say something. @param {string} what @param {object} [said] */
    post: (what, said = {}) => ask(`${home}/${what}`, said),
    /** Look at something of the room. @param {string} [what] */
    get: (what) => ask(what ? `${home}/${what}` : home),
    /** Hear what happens, for as long as the room is there. @param {(room: Room) => void} heard
     * @param {(isOpen: boolean) => void} line @param {(error: Error) => void} gone there is no such room any more */
    hear(heard, line, gone) {
      /** @type {Room} */ const room = { walk: null, at: null, question: null, end: false };
      /** @type {EventSource} */ let events;
      // Who was away for long may have lost the seat to another.
      const back = async (/** @type {{role: string}} */ { role }) => {
        if (role === "nobody") await ask(`${home}/join`, {});
        open();
      };
      let isClosed = false;
      const again = (/** @type {EventSource} */ own) =>
        setTimeout(() => !isClosed && own === events && ask(home).then(back).catch(refused), AGAIN);
      const refused = (/** @type {any} */ error) => {
        if (error.status === 404) gone(error);
        else if (isPassing(error)) again(events);
        else open();
      };
      const open = () => {
        if (isClosed) return;
        const own = (events = new EventSource(`${home}/events`));
        events.onopen = () => line(true);
        events.onmessage = ({ data }) => {
          heard(Object.assign(room, JSON.parse(data)));
          if (room.end) events.close();
        };
        events.onerror = () => {
          line(false);
          // A line that breaks comes back by itself; one that is refused does not, and may be tried again later.
          if (own.readyState === EventSource.CLOSED) again(own);
        };
      };
      open();
      return {
        /** Open the line anew: what comes first is all there is. */
        again() {
          events.close();
          open();
        },
        close() {
          isClosed = true;
          events.close();
        },
      };
    },
  };
}
