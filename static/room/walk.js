// @ts-check
// The walk in the frame of a room: which one it is, where it stands, and how it is led. The frame holds the page of
// the walk itself, and all that is known of it is what that page tells.

/** @import { Standing } from "../predict/held.js" */
/** @import { At, Spot, Walk } from "./talk.js" */

const VIEW = { embed: "1", hide: "header" };
const OURS = ["embed", "hide", "present", "predict", "lang"]; // how a page is shown, and no part of a walk
const PARTS = ["settings", "map", "transport"]; // of a page, that can be hidden for a while
const SETTLED = 500; // milliseconds after which a walk that stands elsewhere was led there by its reader
const AGAIN = 3000; // milliseconds after which a page that did not come is asked for again
const LOOK = 250; // milliseconds between two looks at what a page tells nothing of

/** @param {HTMLIFrameElement} frame @param {string} lang @param {() => void} moved its reader has led it elsewhere */
export function walkIn(frame, lang, moved) {
  /** @type {Walk|undefined} */ let wanted;
  /** @type {At|undefined} */ let at;
  let led = 0; // when it was led last
  let loads = 0; // pages that were asked for
  let isComing = false; // whether the last of them has still to be drawn
  /** @type {Document|null} */ let leaving = null; // what stood there when it was asked for
  /** @type {Standing|null} */ let standing = null;
  frame.dataset.standing = "null";
  /** @type {string[]} */ let hidden = []; // parts of the page
  let seen = "";

  /** Whether a browser's own page stands there, which says that none has come: it is nobody's to look into. */
  const isLost = () => frame.contentDocument === null;

  /** The page in the frame, once it can be led. @returns {any} */
  const page = () => {
    if (isLost()) return undefined;
    const found = /** @type {any} */ (frame.contentWindow)?.convwalk;
    return found?.ready && found.steps ? found : undefined;
  };

  /** @returns {{walk: Walk, step: number, cell: Spot|null}|undefined} */
  function where() {
    const here = page();
    if (!here || !frame.contentWindow) return undefined;
    const { pathname, search } = frame.contentWindow.location;
    const [, layer, algorithm] = pathname.split("/");
    const query = new URLSearchParams(search);
    for (const name of OURS) query.delete(name);
    const { cell } = here;
    const spot = cell?.pinned ? { array: cell.array, place: cell.index } : null;
    return { walk: { layer, algorithm, query: query.toString() }, step: here.step, cell: spot };
  }

  /** Bring the frame to where it is wanted, as far as it is there. */
  function bring() {
    const here = page();
    if (!wanted || !at || !here || !isSame(where()?.walk, wanted)) return;
    led = performance.now();
    const step = Math.min(at.step, here.steps);
    if (here.step !== step) here.seek(step);
    const now = where()?.cell ?? null;
    if (JSON.stringify(now) !== JSON.stringify(at.cell)) here.pin(at.cell && at.cell.array, at.cell?.place);
  }

  /** Tell of what its reader has done, once it has come to where it was led. */
  function look() {
    // Before it has come so far it stands somewhere else, and nobody has led it there.
    if (isComing || page()?.isAwaited || performance.now() - led < SETTLED) return;
    const now = JSON.stringify(where());
    if (now === seen) return;
    seen = now;
    if (now) moved();
  }
  window.addEventListener("message", ({ source, data }) => {
    if (source === frame.contentWindow && data?.convwalk === "step") look();
  });
  setInterval(look, LOOK);
  setInterval(() => {
    if (wanted && isLost() && !frame.hidden) load(wanted);
  }, AGAIN);

  function dress() {
    const there = frame.contentDocument?.documentElement.classList;
    for (const name of PARTS) there?.toggle(`hides-${name}`, hidden.includes(name));
  }
  frame.addEventListener("load", () => {
    dress();
    // What is about to leave may have its last scripts, and say so, after another page was asked for.
    if (leaving && frame.contentDocument === leaving) return;
    hold();
    void come(loads);
  });

  /** @param {Walk} walk */
  function load({ layer, algorithm, query: own }) {
    // While the class is asked the server sends no picture, which could tell it.
    const view = { ...VIEW, lang, ...(standing?.isHeld && { predict: "1" }) };
    const parts = [...new URLSearchParams(own), ...Object.entries(view)];
    const [address, turned] = [parts, parts.toReversed()].map(
      (each) => `/${layer}/${algorithm}?${new URLSearchParams(each)}`,
    );
    const there = isLost() ? undefined : frame.contentWindow?.location;
    // To its own address a page would only scroll, and the one that is on its way would come all the same.
    const isThere = there && there.pathname + there.search === address;
    frame.hidden = false;
    isComing = true;
    loads += 1;
    leaving = frame.contentDocument;
    frame.src = `${isThere ? turned : address}#${at?.step}`;
  }

  /** A page has come, and is brought to where it is wanted once it is drawn. @param {number} turn which one it is */
  async function come(turn) {
    if (!isLost()) await /** @type {any} */ (frame.contentWindow)?.convwalk?.ready;
    if (turn !== loads) return;
    isComing = false;
    bring();
  }

  /** Have the page hold the walk, or let it go; one that is on its way looks for it as it begins. */
  function hold() {
    if (!isLost()) /** @type {any} */ (frame.contentWindow)?.convwalk?.hold?.(standing);
  }

  return {
    where,
    /** What stands: the walk is held there, and does not tell it. @param {Standing|null} next */
    stand(next) {
      standing = next;
      frame.dataset.standing = JSON.stringify(next);
      hold();
    },
    /** The page in the frame. */
    page,
    /** Lead it to a moment of a walk. @param {Walk} walk @param {At} moment */
    lead(walk, moment) {
      const heading = (isComing ? undefined : where()?.walk) ?? wanted; // what stands there may be about to leave
      const isNew = !isSame(heading, walk);
      [wanted, at, led] = [walk, moment, performance.now()];
      if (!isNew) return bring();
      load(walk);
    },
    /** Leave the room of these parts of the page to the stage. @param {string[]} parts */
    hide(parts) {
      if (String(parts) === String(hidden)) return;
      hidden = parts;
      dress();
    },
    /** Hear of keys, whether they are pressed in the frame or around it.
     * @param {(event: KeyboardEvent) => void} pressed */
    keys(pressed) {
      window.addEventListener("keydown", pressed);
      frame.addEventListener("load", () => isLost() || frame.contentWindow?.addEventListener("keydown", pressed));
    },
    /** Whether it stands at a moment of a walk. @param {Walk} walk @param {At} at */
    isAt(walk, { step, cell }) {
      const now = where();
      return isSame(now?.walk, walk) && now?.step === step && JSON.stringify(now.cell) === JSON.stringify(cell);
    },
    /** Whether it stands where it was led, as far as steps go. */
    isThere: () => isSame(where()?.walk, wanted) && where()?.step === Math.min(at?.step ?? 0, page()?.steps ?? 0),
  };
}

/** @param {Walk|undefined} one @param {Walk|undefined} other */
function isSame(one, other) {
  const words = (/** @type {Walk} */ { query }) => [...new URLSearchParams(query)].map(String).sort().join("&");
  if (!one || !other) return one === other;
  return one.layer === other.layer && one.algorithm === other.algorithm && words(one) === words(other);
}
