// @ts-check
// Light or dark: as the system has it, until the reader chooses. The dark part of the style sheets is one rule of
// media, which early.js turns on or off before the first paint, and here at any time. It knows no colour.

import { attribute } from "./page.js";
import { keep, recall } from "./storage.js";

const KEY = "convwalk.theme"; // where the browser remembers what was chosen
const DARK = "(prefers-color-scheme: dark)";
let chosen = recall("localStorage", KEY);

/** Whether the page is dark. */
export const isDark = () => (chosen ? chosen === "dark" : matchMedia(DARK).matches);

/** @param {HTMLElement} button @param {() => void} changed called when the page has other colours */
export function theme(button, changed) {
  const told = () => attribute(button, { "aria-pressed": String(isDark()) });
  button.addEventListener("click", () => {
    chosen = isDark() ? "light" : "dark";
    keep("localStorage", KEY, chosen);
    /** @type {any} */ (window).convwalkTheme?.(chosen);
    told();
    changed();
  });
  matchMedia(DARK).addEventListener("change", () => {
    told();
    changed();
  });
  told();
}
