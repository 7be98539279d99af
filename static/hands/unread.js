// @ts-check
// What is said of numbers that cannot be read, or do not have as many axes as an array.

import { Unreadable } from "../paste/matrix.js";

/** @param {Unreadable} error @param {(key: string) => string} say */
export function sentence({ reason, values }, say) {
  const said = say(`editor.${reason}`);
  return Object.entries(values).reduce((line, [name, value]) => line.replace(`{${name}}`, String(value)), said);
}
