// @ts-check
// The sentences of this room, which come with it: the page is not to carry them until somebody brings something.

const language = () => (document.documentElement.lang.startsWith("zh") ? "zh" : "en");

/** @returns {Promise<(key: string) => string>} */
export async function words() {
  const answer = await fetch(new URL(`./${language()}.json`, import.meta.url));
  if (!answer.ok) throw new Error("the words have not come");
  /** @type {Record<string, string>} */ const all = await answer.json();
  return (key) => all[key] ?? key;
}

/** The style of what this room lays over the page; without it that can be used all the same. */
export function styled() {
  const sheet = document.createElement("link");
  Object.assign(sheet, { rel: "stylesheet", href: new URL("./bring.css", import.meta.url).href });
  document.head.append(sheet);
  return new Promise((done) => (sheet.onload = sheet.onerror = () => done(undefined)));
}
