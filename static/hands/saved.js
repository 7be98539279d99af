// @ts-check
// Saves a walk as the file that the server makes of it, and says what has become of that.

import { download } from "../page/download.js";

/** @param {() => Promise<Response>} file @param {(text: string) => string} say
 * @returns {Promise<string>} a sentence */
export async function saved(file, say) {
  try {
    const answer = await file();
    if (!answer.ok) return (await answer.json()).message;
    const name = /filename="(.+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "walk.npz";
    download(await answer.blob(), name);
    return say("share.saved").replace("{name}", name);
  } catch {
    return say("share.unsaved");
  }
}
