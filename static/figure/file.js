// @ts-check
// A figure as one HTML file that plays without a network: Plotly is inside, and the text of the function that draws a
// figure here. It knows figures, and no page.

import { element } from "../page/page.js";
import { show } from "./show.js";

/** @import { Manner } from "./show.js" */

// Nothing that is in the file can ask anything of a network.
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:";

/** The page that the file is, as its own script begins it. */
function begin() {
  const given = (/** @type {string} */ id) => JSON.parse(document.getElementById(id)?.textContent ?? "");
  const root = /** @type {HTMLElement} */ (document.getElementById("figure"));
  void show(root, given("data"), given("manner"), (title) => {
    document.documentElement.dataset.said = title;
  });
}

/** @param {string} figure as JSON @param {Manner} manner @param {string} plotly the text of the library
 * @param {string} title @param {string} ground the colour around the figure @returns {Blob} */
export function fileOf(figure, manner, plotly, title, ground) {
  const page = document.implementation.createHTMLDocument(title);
  page.documentElement.lang = document.documentElement.lang;
  const json = (/** @type {string} */ id, /** @type {string} */ text) =>
    element("script", { type: "application/json", id }, text.replaceAll("<", "\\u003c"));
  const style = `height: 100%; margin: 0; background: ${ground}`;
  for (const whole of [page.documentElement, page.body]) whole.setAttribute("style", style);
  page.head.prepend(element("meta", { charset: "utf-8" }));
  page.head.append(
    element("meta", { "http-equiv": "Content-Security-Policy", content: POLICY }),
    element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    element("link", { rel: "icon", href: "data:," }),
    element("script", {}, plotly),
  );
  page.body.append(
    element("div", { id: "figure", tabindex: "0", role: "region", "aria-label": title, style }),
    json("data", figure),
    json("manner", JSON.stringify(manner)),
    element("script", {}, `${show}\n${begin}\nbegin();`),
  );
  return new Blob(["<!doctype html>\n", page.documentElement.outerHTML], { type: "text/html" });
}
