// @ts-check
// Fetches a run line by line. It knows HTTP and JSON lines; what the lines mean is the trace's business.

/** What a server says of a setting that makes no sense. */
export class Refusal extends Error {
  /** @param {string|null} setting @param {string} message */
  constructor(setting, message) {
    super(message);
    this.setting = setting;
  }
}

/** The stream broke off before its end, or could not begin yet. */
export class CutShort extends Error {
  /** @param {string} message @param {number} after milliseconds for which a busy server asks to be left alone */
  constructor(message, after = 0) {
    super(message);
    this.after = after;
  }
}

const MOMENT = 8; // milliseconds of reading

/** Let the browser do what else it has to. A timer would wait longer, and in a tab that nobody sees for a second. */
const pause = () =>
  new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (port1.close(), done(undefined));
    port2.postMessage(undefined);
  });

/** @typedef {(url: string, how?: RequestInit) => Promise<Response>} Ask as `fetch` does */

/** Read a stream and hand over each line as an object.
 * @param {string} url @param {Ask} ask @param {AbortSignal} signal
 * @param {(line: any) => Promise<void>|void} receive the next line waits for what it returns
 * @returns {Promise<void>} when the last line has come; a Refusal, a CutShort or an AbortError otherwise */
export async function readLines(url, ask, signal, receive) {
  /** @type {Response} */ let response;
  try {
    response = await asked(url, ask, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new CutShort(String(error));
  }
  const isBusy = response.status >= 500 || response.status === 429; // it may get over it
  if (isBusy) throw new CutShort(response.statusText, restOf(response));
  if (!response.ok) throw await refusalOf(response);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const decoder = new TextDecoder();
  /** @type {string[]} of a line that has not ended */ let parts = [];
  let ended = false;
  let begun = performance.now();
  for (let done = false; !done;) {
    const part = await reader.read().catch((error) => {
      if (signal.aborted) throw error;
      throw new CutShort(String(error)); // the connection was lost in the middle
    });
    done = part.done;
    const [next, ...others] = decoder.decode(part.value, { stream: !done }).split("\n");
    parts.push(next);
    if (!others.length) continue; // a long line comes in many parts: only what is new is looked through
    const lines = [parts.join(""), ...others];
    parts = [/** @type {string} */ (lines.pop())];
    for (const line of lines) {
      const object = JSON.parse(line);
      ended = ended || "end" in object;
      const received = receive(object);
      if (!received) continue;
      await received;
      signal.throwIfAborted();
    }
    if (performance.now() - begun < MOMENT) continue;
    await pause(); // much may have come at once, and pictures are to be drawn meanwhile
    signal.throwIfAborted();
    begun = performance.now();
  }
  if (!ended) throw new CutShort("no end line");
}

/** The answer to what early.js has asked for already, once; else to what is asked for now. A preloaded answer would
 * not do: not every browser finds it again. @param {string} url @param {Ask} ask @param {AbortSignal} signal
 * @returns {Promise<Response>} */
function asked(url, ask, signal) {
  /** @type {{convwalkStream?: {url: string, answer: Promise<Response>, stop: () => void}}} */
  const early = /** @type {any} */ (window);
  const { convwalkStream: stream } = early;
  delete early.convwalkStream;
  if (stream?.url !== url) {
    stream?.stop();
    return ask(url, { signal });
  }
  signal.addEventListener("abort", stream.stop);
  return stream.answer;
}

/** For how long a server that is busy asks to be left alone: not all who were refused should come back at once.
 * @param {Response} response @returns {number} milliseconds; 0 if it says nothing */
function restOf(response) {
  const seconds = Number(response.headers.get("Retry-After")) || 0;
  return 1000 * seconds * (1 + Math.random() / 2);
}

/** @param {Response} response */
async function refusalOf(response) {
  const said = await response.json().catch(() => ({}));
  return new Refusal(said.setting ?? null, said.message ?? response.statusText);
}
