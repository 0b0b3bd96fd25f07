// Finds a channel by a piece of its name: a combobox whose list is moved through with the arrow keys.

import { ask, now } from "./api.js";
import { byId, el } from "./dom.js";
import { ago, PLATFORM_NAMES } from "./format.js";
import { buildPicture } from "./pictures.js";
import { change } from "./view.js";

const PAUSE_MS = 180;
let timer = 0;
let asked = null;
let found = [];
let chosen = -1;
let tellZone = null;

export function setUpSearch(zone) {
  tellZone = zone;
  const input = byId("search-text");
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(input.value.trim()), PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && found.length) open(found[Math.max(0, chosen)]);
    else if (event.key === "Escape") hide();
  });
  input.addEventListener("focus", () => found.length && input.value && draw());
  document.addEventListener("click", (event) => event.target.closest(".search") || hide());
  input.addEventListener("blur", () => setTimeout(hide, 150));
}

async function search(text) {
  asked?.abort();
  if (!text) {
    found = [];
    hide();
    return;
  }
  asked = new AbortController();
  try {
    ({ channels: found } = await ask("channels", { q: text, limit: 8 }, { signal: asked.signal }));
    chosen = -1;
    draw(found.length ? "" : `No channel holds “${text}” in its name.`);
  } catch (error) {
    if (error.name === "AbortError") return;
    found = [];
    draw(error.message);
  }
}

function draw(note = "") {
  const list = byId("search-results");
  const input = byId("search-text");
  list.replaceChildren(...found.map((channel, place) =>
    el("li", { role: "option", id: `found-${place}`, "aria-selected": String(place === chosen),
      onmousedown: (event) => event.preventDefault(), onclick: () => open(channel) },
      el("div", { class: "beside" },
        buildPicture(channel.picture, null, { zone: tellZone(), size: "picture-small" }),
        el("div", {},
          el("span", { class: "found-name" }, channel.channel_name ?? channel.channel_id),
          el("span", { class: "found-about" },
            el("i", { class: "dot", data: { platform: channel.platform } }),
            [PLATFORM_NAMES[channel.platform] ?? channel.platform,
              channel.last_sampled_at && `seen ${ago(channel.last_sampled_at, now())}`].filter(Boolean).join(" · ")))))));
  if (note) list.append(el("li", { class: "found-none", role: "presentation" }, note));
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  mark();
  byId("search-note").textContent = note || `${found.length} ${found.length === 1 ? "channel" : "channels"} found`;
}

function mark() {
  const input = byId("search-text");
  [...byId("search-results").querySelectorAll("[role=option]")].forEach((option, place) => {
    option.setAttribute("aria-selected", String(place === chosen));
    if (place === chosen) option.scrollIntoView({ block: "nearest" });
  });
  if (chosen >= 0) input.setAttribute("aria-activedescendant", `found-${chosen}`);
  else input.removeAttribute("aria-activedescendant");
}

function move(by) {
  if (!found.length) return;
  if (byId("search-results").hidden) draw();
  chosen = (chosen + by + found.length) % found.length;
  mark();
}

function open(channel) {
  hide();
  change({ channel: `${channel.platform}:${channel.channel_id}` });
}

function hide() {
  byId("search-results").hidden = true;
  byId("search-text").setAttribute("aria-expanded", "false");
  byId("search-text").removeAttribute("aria-activedescendant");
}
