// @ts-check
// A picture from the camera. It is on while its view is seen, and off before anything else is.

import { button, element, tell } from "../page/page.js";
import { pixelsOf } from "./raster.js";
import { Refused, sentence } from "./refused.js";

/** @typedef {import("./planes.js").Pixels} Pixels */

/** @param {(key: string) => string} say @param {(pixels: Pixels) => void} taken */
export function camera(say, taken) {
  const video = element("video", { playsinline: "", muted: "", "aria-label": say("bring.view") });
  video.muted = true;
  const told = element("p", { class: "told", role: "status" });
  const shutter = button({ class: "shutter apply", disabled: "" }, () => void take(), say("bring.shutter"));
  const root = element("div", { class: "camera" }, video, told, shutter);
  /** @type {MediaStream|undefined} */ let stream;
  let turn = 0; // a camera that comes after it was closed is closed again

  async function start() {
    stop();
    const mine = turn;
    tell(told, say("bring.starting"));
    video.hidden = shutter.hidden = false;
    try {
      const come = await asked();
      if (mine !== turn) return stopped(come);
      stream = come;
      for (const track of come.getTracks()) track.addEventListener("ended", () => refuse(new Refused("camera-lost")));
      video.srcObject = come;
      await video.play();
      if (mine !== turn) return;
      tell(told, "");
      shutter.disabled = false;
      shutter.focus();
    } catch (error) {
      if (mine === turn) refuse(error);
    }
  }

  /** @param {unknown} error */
  function refuse(error) {
    stop();
    video.hidden = shutter.hidden = true;
    tell(told, sentence(error instanceof Refused ? error : new Refused("camera-lost"), say));
  }

  function stop() {
    turn++;
    shutter.disabled = true;
    video.srcObject = null;
    if (stream) stopped(stream);
    stream = undefined;
  }

  async function take() {
    const { videoWidth: width, videoHeight: height } = video;
    try {
      const image = await createImageBitmap(video); // the stream ends, and the picture stays
      const pixels = pixelsOf(image, width, height);
      stop();
      taken(pixels);
    } catch (error) {
      refuse(error);
    }
  }

  return { root, start, stop };
}

/** @param {MediaStream} stream */
const stopped = (stream) => stream.getTracks().forEach((track) => track.stop());

async function asked() {
  const { mediaDevices } = navigator;
  if (!mediaDevices?.getUserMedia) throw new Refused("camera-none"); // a page that comes by plain http from elsewhere
  try {
    return await mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    const { name } = /** @type {{name?: string}} */ (error); // not every one is a DOMException in every browser
    const reasons = {
      NotAllowedError: "camera-refused",
      SecurityError: "camera-refused",
      NotFoundError: "camera-none",
      OverconstrainedError: "camera-none", // as WebKit says it
    };
    const reason = Object.entries(reasons).find(([each]) => each === name)?.[1] ?? "camera-lost";
    throw new Refused(/** @type {import("./refused.js").Reason} */ (reason));
  }
}
