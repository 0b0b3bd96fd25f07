// Pictures beside broadcasts and channels, in boxes that keep their size whether or not anything comes.

import { address, ask } from "./api.js";
import { el, showProblem } from "./dom.js";
import { clock, dateAndClock } from "./format.js";

const find = (picture) => (picture.sha256 ? address(`thumbnails/${picture.sha256}`).href : picture.link);

// YouTube sends a small grey picture with its 404, which browsers show like any other.
const isGrey = ({ naturalWidth: width, naturalHeight: height }) => width <= 120 && height <= 90;

// Names and titles are strangers' text: they go into attributes, never into markup. Without `of` it only adorns the name
// that stands beside it.
export function buildPicture(picture, of, { zone, size = "" } = {}) {
  const box = el("span", { class: `picture ${size}` });
  if (!picture) return box;
  const when = picture.captured_at && `captured ${dateAndClock(picture.captured_at, zone)}`;
  const image = el("img", {
    alt: of === null ? "" : `Picture of ${of}`, title: when ?? "as the site shows it now", width: picture.width, height: picture.height,
    // the address comes last: lazy is only what was told to be so before
    loading: "lazy", decoding: "async", referrerpolicy: "no-referrer", src: find(picture),
  });
  // what does not come leaves the empty box: the host may have none any more
  image.addEventListener("error", () => image.remove(), { once: true });
  if (picture.link) image.addEventListener("load", () => isGrey(image) && image.remove(), { once: true });
  box.append(image);
  return box;
}

// The pictures of one broadcast over time; asked for when somebody opens them.
export function buildStrip(platform, broadcast, zone) {
  const body = el("div", { class: "strip-body" });
  const strip = el("details", { class: "strip" }, el("summary", {}, "Pictures over time"), body);
  const fill = async () => {
    try {
      const path = `broadcasts/${encodeURIComponent(platform)}/${encodeURIComponent(broadcast.broadcast_id)}/pictures`;
      const { pictures } = await ask(path);
      body.replaceChildren(pictures.length ? buildFrames(pictures, broadcast, zone) : el("p", { class: "hint" }, "None is kept any more."));
    } catch (error) {
      const box = el("div", { class: "problem" });
      body.replaceChildren(box);
      showProblem(box, error, fill);
    }
  };
  strip.addEventListener("toggle", () => strip.open && !body.childElementCount && fill());
  return strip;
}

function buildFrames(pictures, broadcast, zone) {
  const of = broadcast.title || "Untitled";
  // it scrolls sideways, also by keyboard
  return el("ol", { class: "frames", tabindex: "0", "aria-label": `Pictures of ${of}, oldest first` },
    pictures.map((picture) =>
      el("li", {},
        buildPicture(picture, of, { zone, size: "picture-frame" }),
        el("time", { datetime: picture.captured_at, title: dateAndClock(picture.captured_at, zone) }, clock(picture.captured_at, zone)))));
}
