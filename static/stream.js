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

/** The stream broke off before its end. */
export class CutShort extends Error {}

/** Read a stream and hand over each line as an object.
 * @param {string} url @param {AbortSignal} signal @param {(line: any) => void} receive
 * @returns {Promise<void>} when the last line has come; a Refusal, a CutShort or an AbortError otherwise */
export async function readLines(url, signal, receive) {
  /** @type {Response} */ let response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new CutShort(String(error));
  }
  if (response.status >= 500) throw new CutShort(response.statusText); // it may get over it
  if (!response.ok) throw await refusalOf(response);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let ended = false;
  for (let done = false; !done; ) {
    const part = await reader.read().catch((error) => {
      if (signal.aborted) throw error;
      throw new CutShort(String(error)); // the connection was lost in the middle
    });
    done = part.done;
    const lines = (rest + decoder.decode(part.value, { stream: !done })).split("\n");
    rest = /** @type {string} */ (lines.pop());
    for (const line of lines) {
      const object = JSON.parse(line);
      ended = ended || "end" in object;
      receive(object);
    }
  }
  if (!ended) throw new CutShort("no end line");
}

/** @param {Response} response */
async function refusalOf(response) {
  const said = await response.json().catch(() => ({}));
  return new Refusal(said.setting ?? null, said.message ?? response.statusText);
}
