// @ts-check
// The page of a figure: it asks for the figure in the colours of the page, has it drawn, and saves it as a file or as
// a picture. It knows nothing of layers.

import { download } from "../page/download.js";
import { part, tell } from "../page/page.js";
import { isDark, theme } from "../page/theme.js";
import { fileOf } from "./file.js";
import { show } from "./show.js";

/** @import { Manner } from "./show.js" */

const boot = JSON.parse(part("#boot").textContent ?? "");
const said = part(".said");
const stops = /** @type {HTMLSelectElement} */ (part("select.stop"));
const saves = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll("[data-saves]")]);
const say = (/** @type {string} */ key) => boot.words[key] ?? key;
const Plotly = () => /** @type {any} */ (window).Plotly;

let figure = ""; // as JSON: what Plotly is given it changes
let place = part("#figure"); // a figure is drawn in a place of its own
let asking = new AbortController();

/** @type {Manner} */
const manner = {
  language: boot.language,
  words: {
    Pan: say("figure.pan"),
    Zoom: say("figure.zoom"),
    "Zoom in": say("figure.zoom-in"),
    "Zoom out": say("figure.zoom-out"),
    "Reset axes": say("figure.whole"),
    "Download plot as a PNG": say("figure.png"),
    "Download plot": say("figure.png"),
  },
  tools: ["pan2d", "zoom2d", "zoomIn2d", "zoomOut2d", "resetScale2d"],
  name: boot.name,
};

/** The figure with these stops, or a refusal. @param {string} stop */
async function ask(stop) {
  asking.abort();
  asking = new AbortController();
  const colours = isDark() ? "dark" : "light";
  return fetch(`${boot.figure}&stop=${stop}&theme=${colours}`, { signal: asking.signal });
}

/** Ask for a figure and draw it. Where nobody has said how often it is to stop, it stops as often as it may.
 * @param {string} asked */
async function draw(asked) {
  for (const save of saves) save.disabled = true;
  part("#figure").setAttribute("aria-busy", "true");
  speak(say("figure.coming"));
  let answer;
  let told = "";
  for (const stop of asked ? [asked] : boot.stops) {
    stops.value = stop;
    answer = await ask(stop);
    if (answer.ok) break;
    const { setting, message } = await answer.json();
    told = message;
    if (setting !== "stop") break;
  }
  if (!answer?.ok) return speak(told);
  figure = await answer.text();
  if (!Plotly()) return speak(say("figure.missing"));
  Plotly().purge(place);
  const next = /** @type {HTMLElement} */ (place.cloneNode(false));
  place.replaceWith(next);
  place = next;
  await show(place, JSON.parse(figure), manner, heard);
  place.removeAttribute("aria-busy");
  for (const save of saves) save.disabled = false;
}

/** Say something that is to be seen. @param {string} message */
function speak(message) {
  said.classList.remove("quiet");
  tell(said, message);
}

/** What the title of a frame says is to be heard too. @param {string} title */
function heard(title) {
  said.classList.add("quiet");
  tell(said, plain(title));
}

/** A title of Plotly's as text. @param {string} title */
const plain = (title) =>
  new DOMParser().parseFromString(title.replaceAll("<br>", ". "), "text/html").body.textContent ?? "";

/** @param {string} as */
async function save(as) {
  if (as === "html") {
    const answer = await fetch(boot.plotly);
    const tools = [...manner.tools, "toImage"];
    const ground = JSON.parse(figure).layout.paper_bgcolor;
    const file = fileOf(figure, { ...manner, tools }, await answer.text(), boot.title, ground);
    download(file, `${boot.name}.html`);
  } else {
    const { clientWidth: width, clientHeight: height, data, layout } = /** @type {any} */ (place);
    const still = { ...layout, updatemenus: [], sliders: [], margin: { ...layout.margin, b: layout.margin.l } };
    const how = { format: as, width, height, scale: 2, filename: boot.name };
    await Plotly().downloadImage({ data, layout: still }, how);
  }
}

const begin = () => draw(boot.stop).catch((error) => error.name !== "AbortError" && speak(say("figure.failed")));
stops.addEventListener("change", () => {
  boot.stop = stops.value;
  const address = new URL(location.href);
  address.searchParams.set("stop", stops.value);
  history.replaceState(null, "", address);
  void begin();
});
for (const button of saves)
  button.addEventListener("click", () => save(button.dataset.saves ?? "").catch(() => speak(say("figure.failed"))));
theme(part("button.theme"), () => void begin());
/** @type {any} */ (window).convwalk = { ready: begin() };
