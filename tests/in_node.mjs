// Runs the page's modules without a page: a job in each line of standard input, its result as JSON in a line of output.
// Arrays of floats travel as base64 of their bytes, so that what is compared is every bit.

import { createInterface } from "node:readline";
import { Links } from "../static/why/links.js";
import { indicesOf, nameOf } from "../static/say/cell.js";
import { exprNumber, Sum, tidy } from "../static/why/decimal.js";
import { Derivations } from "../static/why/derivation.js";
import { evaluate } from "../static/why/expression.js";
import { describe } from "../static/say/describe.js";
import { kindOf, textOf as saidBy } from "../static/bring/kind.js";
import { npy } from "../static/bring/npy.js";
import { npz } from "../static/bring/npz.js";
import { planes } from "../static/bring/planes.js";
import { inked } from "../static/bring/strokes.js";
import { rightOf } from "../static/room/asked.js";
import { read, write } from "../static/room/lesson.js";
import { linkOf, textOf } from "../static/room/link.js";
import { cellsOf, nextWrite } from "../static/run/cells.js";
import { inStep } from "../static/contrast/steps.js";
import { stepOf } from "../static/run/fragment.js";
import { moved } from "../static/hands/layout.js";
import { exact, Look, Looks, short } from "../static/say/look.js";
import { fitted, placesOf } from "../static/board/width.js";
import { decimalsFor, rounded } from "../static/paste/address.js";
import { address, filled, fit, lines, parse, withKernel } from "../static/paste/matrix.js";
import { isHopeless, numberOf, turned } from "../static/page/number.js";
import { Plan } from "../static/board/plan.js";
import { PACES, stridesOf, Trace } from "../static/run/trace.js";
import { pictureAt } from "../static/plots/kinds.js";
import { sumAt, waterfallOf } from "../static/plots/terms.js";
import { Order } from "../static/predict/order.js";
import { answerTo, derivedAt } from "../static/predict/question.js";
import { rightness } from "../static/predict/right.js";
import { slipIn } from "../static/predict/slips.js";
import { COPIES, npy as npyOf, tabbed } from "../static/plots/copies.js";
import { histogram } from "../static/plots/histogram.js";
import { heatmap, mapsOf, surface } from "../static/plots/views.js";

/** @param {Float64Array|Uint8Array} array */
const bytes = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");

/** @param {() => any} act */
function refusal(act) {
  try {
    act();
  } catch (error) {
    return String(error);
  }
  return null;
}

/** @param {{header: any, steps: any[]}} trace */
function whole({ header, steps }) {
  const made = new Trace(header);
  made.add(steps);
  return made;
}

// What stands in no script of 2009. Strings, comments and regular expressions are taken out before it is looked for.
const NEWER = /\b(let|const|class|async|await|yield|import|export|of)\b|=>|`|\?\?|\?\.(?!\d)|\.\.\.|\*\*|\b0[bo]/g;
const NO_CODE =
  /\/\*[^]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?<=[(=,[:!&|?{};\n]\s*)\/(?![*\/])(?:\\.|\[(?:\\.|[^\]])*\]|[^/\\\n])+\/\w*/g;

const jobs = {
  /** Which of some answers are right. */
  right: ({ value, answers }) => rightOf(Number(value), answers),
  /** The moments of two runs that belong together. */
  contrast({ runs }) {
    const moments = inStep(runs.map((run) => cellsOf(whole(run))));
    return moments.map(({ level, ...moment }) => ({ ...moment, level: level === Infinity ? null : level }));
  },
  /** The words and signs of a classic script that a browser of 2009 could not read; an error if nobody can. */
  es5({ text }) {
    new Function(text);
    return text.replace(NO_CODE, '""').match(NEWER) ?? [];
  },

  /** The step that each hash of an address names; "unclear" where it cannot be read, "none" where there is none. */
  fragments({ hashes }) {
    return hashes.map((/** @type {string} */ hash) => {
      const step = stepOf(hash);
      return step === undefined ? "none" : (step ?? "unclear");
    });
  },

  /** Add steps and seek as the script says: ["add", how many], ["seek", k], ["refused", k] or ["nested", k]. */
  replay({ header, steps, script }) {
    const trace = new Trace(header);
    let added = 0;
    return script.map(([act, number]) => {
      if (act === "add") trace.add(steps.slice(added, (added += number)));
      else if (act === "refused") return refusal(() => trace.show(number));
      else if (act === "nested")
        return {
          at: trace.at,
          snapshot: Object.fromEntries(trace.arrays.map(({ name }) => [name, trace.value(name, number)])),
          after: trace.at,
        };
      else {
        trace.show(number);
        return Object.fromEntries(
          trace.arrays.map((array) => [array.name, { cells: bytes(array.cells), marks: bytes(array.marks) }]),
        );
      }
      return null;
    });
  },

  /** Which cells have a value to show after each of some moments. */
  known(request) {
    const trace = whole(request);
    return request.moments.map((/** @type {number} */ k) => {
      trace.show(k);
      return Object.fromEntries(
        trace.arrays.map((array) => [array.name, Array.from(array.cells, (_, flat) => array.isKnown(flat))]),
      );
    });
  },

  /** The span of every step; of every moment its chapter and scene, and for each pace its stops and what it lights. */
  moments(request) {
    const trace = whole(request);
    const moments = Array.from({ length: trace.length + 1 }, (_, k) => k);
    const paces = Object.entries(PACES).map(([name, pace]) => [
      name,
      {
        after: moments.map((k) => trace.after(k, pace) ?? null),
        before: moments.map((k) => trace.before(k, pace)),
        lit: moments.map((k) => trace.lit(k, pace)),
      },
    ]);
    return {
      spans: trace.steps.map((_, k) => trace.span(k)),
      paces: Object.fromEntries(paces),
      chapters: moments.map((k) => trace.chapterAt(k)),
      scenes: moments.map((k) => trace.sceneAt(k)),
      opening: trace.opening(),
    };
  },

  /** What some cells have to do with others: [moment of the scene, array, flat index, moment of the scratch arrays];
   * each once so many steps have arrived, if that is said. */
  links({ header, steps, asked, arrived = [] }) {
    const trace = new Trace(header);
    const links = new Links(trace);
    const plain = (/** @type {Map<string, Uint8Array>} */ cells) =>
      [...cells].flatMap(([name, mask]) => [...mask].flatMap((how, flat) => (how ? [[name, flat, how]] : [])));
    return asked.map(
      (/** @type {[number, string, number, number]} */ [scene, name, flat, k], /** @type {number} */ at) => {
        trace.add(steps.slice(trace.steps.length, arrived[at]));
        const { from, feeds, meets } = links.of(trace.sceneAt(scene), name, flat, k);
        return { from: plain(from), feeds: plain(feeds), meets: plain(meets) };
      },
    );
  },

  /** Boards of some shapes, each with some sets of marked cells (flat indices). */
  plans({ boards }) {
    return boards.map((/** @type {{shape: number[], masks: number[][]}} */ { shape, masks }) => {
      const plan = new Plan(shape);
      const marked = masks.map((mask) => new Set(mask)).map((mask) => plan.grid((flat) => mask.has(flat)));
      return {
        columns: plan.columns,
        rows: plan.rows,
        xs: [...plan.xs],
        ys: [...plan.ys],
        maps: plan.maps,
        at: Array.from(plan.xs, (x, flat) => plan.at(x, plan.ys[flat])),
        indices: Array.from(plan.xs, (_, flat) => indicesOf({ shape, strides: stridesOf(shape) }, flat)),
        outside: [plan.at(-1, 0), plan.at(0, -1), plan.at(plan.columns, 0), plan.at(0, plan.rows)],
        outlines: marked.map((grid) => plan.outline(grid)),
        rectangles: marked.map((grid) => plan.rectangles(grid)),
      };
    });
  },

  /** The bars of the sum at some moments: their values, where they begin and the cells they stand for; null where none is shown. */
  waterfalls({ header, steps, moments, ...frame }) {
    const trace = whole({ header, steps });
    return moments.map((/** @type {number} */ k) => {
      const sum = sumAt(trace, { k, first: k, stop: k, scene: trace.sceneAt(k), ...frame });
      if (!sum) return null;
      const { bars, ...told } = waterfallOf(sum, k);
      const each = (/** @type {(bar: any) => any} */ part) => bars.map((bar) => part(bar) ?? null);
      return { ...told, derivation: undefined, values: each(({ value }) => value), bases: each(({ base }) => base), cells: each(({ cell }) => cell),
        counts: each(({ count }) => count), groups: each(({ group }) => group) }; // prettier-ignore
    });
  },

  /** The plots at some moments, as Plotly is given them, with their words and the cells of their bars and points; null where there is none. Where words are all that is asked for, all is drawn, and they come alone. */
  pictures({ header, steps, moments, words, pinned, losses, told = false, size = { width: 320, height: 130, letters: 11 } }) {
    const trace = whole({ header, steps });
    const say = (/** @type {string} */ key) => words[key] ?? `?${key}`;
    const colours = Object.fromEntries(
      ["zero", "ink", "faint", "veil", "surface", "read", "write", "meets"].map((name) => [name, name]),
    );
    const theme = { ...colours, positive: ["up", "up"], negative: ["down", "down"] };
    return moments.map((/** @type {number} */ k) => {
      trace.show(k);
      const cell = pinned && { ...pinned, pinned: true };
      const picture = pictureAt(trace, { k, first: k, stop: k, scene: trace.sceneAt(k), cell }, say, () => losses);
      if (!picture) return null;
      const { traces, moving, layout, spots } = picture.draw({ ...size, theme, pinned });
      if (told) return { title: picture.title, sentence: picture.sentence };
      const data = traces.map((each, at) => ({ ...each, ...moving[at] }));
      return { title: picture.title, sentence: picture.sentence, wants: picture.wants, data, layout, spots };
    });
  },

  /** Every array at some moments as a closer look has Plotly draw it: each map as a heatmap and as a surface, with what is said of its cells, and all values in their bins. */
  looked({ header, steps, moments, words }) {
    const trace = whole({ header, steps });
    const say = (/** @type {string} */ key) => words[key] ?? `?${key}`;
    const looks = new Looks({
      zero: "#ffffff",
      ink: "#000000",
      faint: "#888888",
      veil: "#eeeeee",
      read: "read",
      write: "write",
      meets: "meets",
      positive: ["#8888ff", "#0000ff"],
      negative: ["#ff8888", "#ff0000"],
    });
    return moments.map((/** @type {number} */ k) => {
      trace.show(k);
      return Object.fromEntries(
        trace.arrays.map((array) => {
          const maps = mapsOf(array);
          const [reach, room] = [{ across: 5, down: 5 }, { wide: 300, high: 300 }];
          const seen = (/** @type {any} */ map) => ({ array, map, look: looks.of(array), letters: 12, reach, room, say });
          const drawn = (/** @type {any} */ view) => maps.map((map) => view(seen(map)).data[0]);
          const [bins] = histogram(seen(maps[0])).data;
          return [
            array.name,
            {
              maps: maps.map(({ name }) => name),
              flat: drawn(heatmap).map(({ z }) => z),
              raised: drawn(surface).map(({ z }) => z),
              told: drawn(heatmap).map(({ hovertext }) => hovertext),
              bins: { middles: bins.x, counts: bins.y, width: bins.width, told: bins.hovertext },
            },
          ];
        }),
      );
    });
  },

  /** How some cells came by their numbers: [array, flat index, moment] each. */
  derivations(request) {
    const trace = whole(request);
    const derivations = new Derivations(trace);
    /** @param {any} cell */
    const named = (cell) => ({ name: nameOf(cell.array, cell.flat), value: told(cell.value), origin: originOf(cell) });
    /** @param {any} cell */
    const originOf = (cell) => {
      const { array, flat, filling } = derivations.origin(cell);
      return (filling ? "filled in " : "") + nameOf(array, flat);
    };
    /** @param {any} expr @returns {any} */
    const plain = (expr) => ({
      op: expr.op,
      ...(expr.cell && expr.op !== "array" ? named(expr.cell) : {}),
      ...(expr.text ? { text: expr.text } : {}),
      ...(expr.parts ? { parts: expr.parts.map(plain) } : {}),
      ...(expr.terms
        ? { terms: expr.terms.map((/** @type {any} */ term) => ({ minus: term.minus, ...plain(term.expr) })) }
        : {}),
      ...(expr.over ? { over: expr.over.name } : {}),
      ...(expr.among ? { among: expr.among.map(plain) } : {}),
      ...(expr.via ? { via: nameOf(expr.via.array, expr.via.flat) } : {}),
    });
    /** @param {number|undefined} value */
    const told = (value) => (value === undefined ? null : Number.isFinite(value) ? value : String(value));
    const before = trace.at;
    const found = request.cells.map((/** @type {[string, number, number]} */ [array, flat, k]) => {
      const { kind, value, moment, path, expr, filling } = derivations.of(array, flat, k);
      return {
        kind,
        filling: filling?.word ?? null,
        value: told(value),
        moment: moment ?? null,
        path: path.map((cell) => nameOf(cell.array, cell.flat)),
        computed: expr ? told(evaluate(expr)) : null,
        ...(request.whole && expr ? { expr: plain(expr) } : {}),
      };
    });
    const words = (/** @type {string} */ key) => request.words?.[key] ?? key;
    return {
      found,
      stands: trace.at === before,
      described: request.described?.map(
        (/** @type {[string, number, number]} */ [array, flat, k]) => (
          trace.show(k),
          describe(trace, array, flat, words)
        ),
      ),
    };
  },

  /** What is shown of some expressions: a number, or an operator and its parts; ["read", number] was computed before. Each
   * with what is shown of its growing sum, if it is one, and what a computer has. */
  decimals({ expressions }) {
    /** @param {any} one @returns {any} */
    const built = (one) => {
      if (typeof one === "number") return { op: "number", value: one };
      const [op, ...parts] = one;
      if (op === "read") return { op: "cell", cell: { array: { known: false }, flat: 0, value: parts[0], before: 0 } };
      if (op === "+")
        return {
          op,
          terms: parts.map((part) =>
            part[0] === "minus" ? { minus: true, expr: built(part[1]) } : { minus: false, expr: built(part) },
          ),
        };
      return ["*", "/", "neg", "if"].includes(op)
        ? { op, parts: parts.map(built) }
        : { op: "call", text: op, parts: parts.map(built) };
    };
    return expressions.map((/** @type {any} */ one) => {
      const expr = built(one);
      const sum = new Sum();
      const growing = expr.terms?.map((/** @type {any} */ term) => exact(sum.add(term.expr, term.minus).value));
      return { text: exact(exprNumber(expr)), computed: exact(evaluate(expr)), growing };
    });
  },

  /** The text of some numbers, in full and in so many characters. */
  texts({ values, rooms, widths = [] }) {
    return values.map((/** @type {number|string} */ value) => ({
      exact: exact(Number(value)),
      short: rooms.map((/** @type {number} */ room) => short(Number(value), room)),
      fitted: widths.map((/** @type {number} */ ems) => fitted(Number(value), ems, 0.8)),
    }));
  },

  /** Some numbers without the dust of binary sums, and how many decimals they have together in a cell of some width. */
  tidied({ values, ems }) {
    const tidied = values.map((/** @type {number} */ value) => tidy(value));
    return { tidied, places: placesOf(tidied, ems, 0.8) };
  },

  /** The colours of some numbers, and those of the legend from the lowest to the limit. */
  colours({ theme, limit, values }) {
    const look = new Look(theme, limit);
    return {
      looks: values.map((/** @type {number|string} */ value) => look.of(Number(value))),
      scale: look.scale(),
    };
  },

  /** What some texts say, fitted to a shape where one is wanted; or why they say nothing. */
  read({ texts }) {
    return texts.map((/** @type {[string, number[]?]} */ [text, wanted]) => {
      try {
        return wanted ? fit(parse(text), wanted) : parse(text);
      } catch (error) {
        return { reason: error.reason, values: error.values };
      }
    });
  },

  /** What texts say where NaN and the infinities are taken too; each cell as a word, for JSON has none for those. */
  readAny({ texts }) {
    return texts.map((/** @type {string} */ text) => {
      try {
        const { shape, cells } = parse(text, true);
        return { shape, cells: cells.map(String) };
      } catch (error) {
        return { reason: error.reason, values: error.values };
      }
    });
  },

  /** An array in each format, where null is a cell that is not computed yet. */
  copies({ array: { cells, ...array } }) {
    const words = cells.map((/** @type {number|string|null} */ cell) => (cell === null ? undefined : Number(cell)));
    const all = Object.entries(COPIES).map(([as, { write }]) => [as, write({ ...array, cells: words })]);
    return {
      ...Object.fromEntries(all),
      tabbed: tabbed({ ...array, cells: words }),
      npy: bytes(npyOf({ ...array, cells: words })),
    };
  },

  /** What is offered of texts that are not read at once: the shape and the cells of each reading. */
  offered({ texts }) {
    return texts.map((/** @type {string} */ text) => {
      try {
        return { read: parse(text) };
      } catch (error) {
        return error.readings.map((/** @type {any} */ { matrix }) => matrix);
      }
    });
  },

  /** What typed numbers mean, and whether nothing can come of them any more: [text, whole] each. */
  numbers({ texts }) {
    return texts.map((/** @type {[string, boolean]} */ [text, whole]) => ({
      ...numberOf(text, whole),
      hopeless: isHopeless(text, whole),
    }));
  },

  /** What arrow keys make of numbers: [number, way, range] each. */
  turned({ asked }) {
    return asked.map((/** @type {[number, 1|-1, object]} */ [value, way, range]) => turned(value, way, range));
  },

  /** Arrays as text, and as an address has them. */
  written({ matrices }) {
    return matrices.map((/** @type {any} */ matrix) => ({ lines: lines(matrix), address: address(matrix) }));
  },

  /** Arrays whose axes were moved: [matrix, move] each. */
  moved({ asked }) {
    return asked.map((/** @type {[any, any]} */ [matrix, move]) => moved(matrix, move));
  },

  /** How many decimals arrays may have in an address of so many characters, and the address with as many. */
  fitting({ matrices, room }) {
    return matrices.map((/** @type {any} */ matrix) => {
      const decimals = decimalsFor(matrix, room);
      return decimals === undefined ? null : { decimals, address: address(rounded(matrix, decimals)) };
    });
  },

  /** Arrays of some shapes filled in every way that is named. */
  filled({ kinds, shapes }) {
    return kinds.map((/** @type {any} */ kind) => shapes.map((/** @type {number[]} */ shape) => filled(kind, shape)));
  },

  /** What files are by their first bytes, and what those that are text say. */
  kinds({ files }) {
    return files.map((/** @type {string} */ file) => {
      const bytes = new Uint8Array(Buffer.from(file, "base64"));
      const found = kindOf(bytes);
      return found.kind === "text" ? { ...found, said: saidBy(bytes) } : found;
    });
  },

  /** The arrays in files of NumPy, or why there are none. */
  brought({ files }) {
    const told = (/** @type {any} */ { reason, values, word }) => ({ reason, values, word });
    const number = (/** @type {number} */ cell) => (Number.isFinite(cell) ? cell : String(cell));
    const plain = (/** @type {any} */ matrix) => matrix && { ...matrix, cells: matrix.cells.map(number) };
    return Promise.all(
      files.map(async (/** @type {string} */ file) => {
        const bytes = new Uint8Array(Buffer.from(file, "base64"));
        try {
          if (kindOf(bytes).kind === "npy") return plain(npy(bytes));
          const { arrays, walk } = await npz(bytes);
          return {
            walk,
            arrays: arrays.map(({ name, matrix, refused }) => ({
              name,
              matrix: plain(matrix),
              refused: refused && told(refused),
            })),
          };
        } catch (error) {
          return told(error);
        }
      }),
    );
  },

  /** What a walk is asked about at a pace: the questions and their right answers. */
  questions({ header, steps, pace }) {
    const trace = whole({ header, steps });
    const order = new Order(trace);
    return trace.steps.flatMap((_, step) => {
      const question = order.at(step, PACES[/** @type {keyof typeof PACES} */ (pace)]);
      return question ? [{ question, answer: answerTo(trace, question) }] : [];
    });
  },

  /** How typed numbers are right, and which slips wrong ones come from: [step, text] each. */
  typed({ header, steps, answers }) {
    const trace = whole({ header, steps });
    return answers.map((/** @type {[number, string]} */ [step, text]) => {
      const derivation = /** @type {import("../static/why/derivation.js").Derivation} */ (derivedAt(trace, step));
      const slip = slipIn(trace, step, derivation, (number) => rightness(text, number) !== undefined);
      return { right: rightness(text, Number(derivation.value)), says: slip?.says, values: slip?.values, parts: slip?.parts };
    });
  },

  /** Whether some texts are some numbers. */
  rightness({ pairs }) {
    return pairs.map((/** @type {[string, number]} */ [text, value]) => rightness(text, value) ?? null);
  },

  /** A picture of so many pixels, with a byte to each colour of each, in the ways that are wished. */
  planes({ width, height, pixels, wishes }) {
    const bytes = Buffer.from(pixels, "base64");
    let most = 0; // rows that were asked for together
    const rows = (/** @type {number} */ from, /** @type {number} */ count) => {
      most = Math.max(most, count);
      const part = bytes.subarray(3 * width * from, 3 * width * (from + count));
      return Uint8ClampedArray.from({ length: 4 * width * count }, (_, at) =>
        at % 4 === 3 ? 255 : part[3 * Math.floor(at / 4) + (at % 4)],
      );
    };
    const made = wishes.map((/** @type {any} */ wish) => planes({ width, height, rows }, wish));
    return { most, made };
  },

  /** The cells that have ink after some acts, on grids of some sizes. */
  inked({ acts, sizes }) {
    return sizes.map((/** @type {number} */ size) => inked(acts, size));
  },

  /** Lessons as a teacher's page reads and writes them, or why it does not. */
  lessons({ texts, layers }) {
    return texts.map((/** @type {string} */ text) => {
      try {
        return { written: write(read(text, layers)) };
      } catch (error) {
        return { refused: error.message, values: error.values };
      }
    });
  },

  /** A text as a link, and what comes out of the link again, or of another one. */
  async link({ text, hash }) {
    try {
      const link = hash ?? new URL(await linkOf(text, "http://127.0.0.1/class")).hash;
      return { link, text: await textOf(link) };
    } catch (error) {
      return { refused: error.message, values: error.values };
    }
  },

  /** Where a walk works next at some arrays or cells, each from a moment on. */
  nextWrites({ header, steps, asked }) {
    const trace = whole({ header, steps });
    return asked.map((/** @type {any} */ [name, from, cell]) => nextWrite(trace, name, from, cell ?? undefined) ?? null);
  },

  /** An array with a kernel in its maps. */
  kernel({ matrix, kernel, which }) {
    return withKernel(matrix, kernel, which ?? undefined);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { job, ...request } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await jobs[job](request))}\n`);
}
