// @ts-check
// A student in a room: with the class or, for a while, on their own; while a question stands, where it was asked.

import { part } from "../page/page.js";
import { offerField } from "./field.js";
import { standingOf } from "./standing.js";

/** @import { Answer, Room, Question } from "./talk.js" */
/** @import { Part, Talk, WalkIn } from "./main.js" */

/** @param {(key: string) => string} say @param {Talk} talking @param {WalkIn} walk
 * @param {(hand: import("./question.js").Hand) => ReturnType<typeof import("./question.js").questions>} panel
 * @param {(text: string) => void} tellWhere @returns {Part} */
export function student(say, talking, walk, panel, tellWhere) {
  /** @type {Room|undefined} */ let room;
  let isWith = true; // whether the walk follows the class
  /** @type {{question: number|null, answer: Answer|null}} */ let own = { question: null, answer: null };
  let asked = 0; // the number of the question of which one's own answer is known
  const back = part("button.return");

  const view = panel({
    answer: async (answer) => {
      const number = room?.question?.number ?? 0;
      await talking.post("answer", { question: number, answer });
      own = { question: number, answer };
      draw();
    },
    pinned: () => walk.where()?.cell ?? null,
    show: () => {},
    tell: () => {},
    done: () => {},
  });

  back.addEventListener("click", () => {
    isWith = true;
    follow();
  });

  /** The question that holds the walk where it was asked. @returns {Question|undefined} */
  const held = () => (standingOf(room?.question)?.isHeld && room?.question) || undefined;

  function follow() {
    back.hidden = isWith;
    tellWhere(say(isWith ? "room.with" : "room.alone"));
    if (!room?.walk || !room.at) return;
    const question = held();
    // Whoever points at a cell to answer with keeps it.
    if (question) walk.lead(room.walk, { step: Number(question.step), cell: walk.where()?.cell ?? null });
    else if (isWith) walk.lead(room.walk, room.at);
  }

  function draw() {
    if (!room) return;
    const mine = own.question === room.question?.number && own.answer !== null ? own.answer : undefined;
    walk.stand(standingOf(room.question, mine));
    view.draw(room, false, mine);
  }

  /** What was answered before this page was loaded. @param {number} number */
  async function recall(number) {
    asked = number;
    own = await talking.get("answer").catch(() => own);
    draw();
  }

  return {
    draw(now) {
      room = now;
      if (held()) isWith = true; // a question calls everybody together
      draw(); // before it is led anywhere
      follow();
      if (room.question && room.question.number !== asked && isWith)
        offerField(part(".question"), /** @type {HTMLIFrameElement} */ (part("iframe")));
      walk.hide([...(room.question ? ["settings", "map"] : []), ...(held() ? ["transport"] : [])]);
      if (room.question && room.question.number !== asked) void recall(room.question.number);
    },
    moved() {
      draw(); // the cell that is pointed at may be another
      if (walk.isThere()) return;
      if (held()) return follow();
      isWith = false;
      follow();
    },
  };
}
