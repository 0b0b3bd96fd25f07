// What is live: seen when it was last due, and not over.

import { ask, now } from "./api.js";
import { byId, el, link, messageRow, refill, showProblem, skeletonRows } from "./dom.js";
import { ago, clock, PLATFORM_NAMES, span, whole } from "./format.js";
import { buildPicture } from "./pictures.js";
import { change, view } from "./view.js";

const PAGE = 18;
const COLUMNS = 3;
let shown = PAGE;
let asked = null;

export const showFewer = () => {
  shown = PAGE;
};

export async function refreshLive(zone) {
  asked?.abort();
  asked = new AbortController();
  const body = byId("live").tBodies[0];
  if (!body.rows.length) body.replaceChildren(...skeletonRows(8, COLUMNS));
  try {
    const live = await ask("live", { platform: view().platform, limit: shown }, asked);
    showProblem(byId("live-problem"), null);
    draw(live, zone);
    return live;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (body.querySelector(".skeleton")) body.replaceChildren();
    showProblem(byId("live-problem"), error, () => refreshLive(zone));
    throw error;
  }
}

function draw(live, zone) {
  const rows = live.broadcasts.map((broadcast) => buildRow(broadcast, zone));
  refill(byId("live").tBodies[0], rows.length ? rows : [messageRow(COLUMNS, emptyText(live))]);
  byId("live-summary").textContent = [
    live.total && `${whole(live.total)} broadcasts, most viewers first`,
    tellUnseen(live.totals),
  ].filter(Boolean).join(" · ");
  const more = byId("live-more");
  more.hidden = live.total <= rows.length;
  more.onclick = () => {
    shown += 3 * PAGE;
    refreshLive(zone).catch(() => {});
  };
}

// not in the list: nobody knows whether they are live
function tellUnseen(totals) {
  const unseen = totals.reduce((sum, total) => sum + total.unseen, 0);
  return unseen && `${whole(unseen)} more not seen when they were due, maybe over`;
}

function emptyText({ ticks }) {
  return ticks.length ? "Nothing was live at the latest tick." : "No sweep has landed yet: the first comes within one cadence.";
}

function buildRow(broadcast, zone) {
  const { platform, channel_id: id } = broadcast;
  const name = broadcast.channel_name ?? id;
  const about = [PLATFORM_NAMES[platform] ?? platform, broadcast.category_name].filter(Boolean).join(" · ");
  const started = broadcast.started_at;
  return el("tr", {},
    el("td", {},
      el("div", { class: "beside" },
        buildPicture(broadcast.picture, `${name}: ${broadcast.title || "Untitled"}`, { zone }),
        el("div", {},
          el("p", { class: "live-title", title: broadcast.title ?? "" }, link(broadcast.watch_url, broadcast.title || "Untitled")),
          el("p", { class: "live-about" },
            el("i", { class: "dot", data: { platform } }),
            el("button", { type: "button", class: "link", data: { key: `live-${platform}-${broadcast.broadcast_id}` },
              onclick: () => change({ channel: `${platform}:${id}` }) }, name),
            el("span", {}, ` · ${about}`))))),
    el("td", { class: "num muted", title: started ? `since ${clock(started, zone)}` : null },
      started ? span((now() - new Date(started)) / 1000) : "–"),
    el("td", { class: "num strong" }, broadcast.viewers === null
      ? el("span", { class: "muted", title: "The site does not show this count" }, "hidden")
      : whole(broadcast.viewers)));
}

export function tellAge(live, cadences, zone) {
  const text = byId("as-of-text");
  const box = byId("as-of");
  if (!live.ticks.length) {
    text.textContent = "Nothing has landed yet";
    box.dataset.state = "waiting";
    return;
  }
  const newest = live.ticks.map((tick) => tick.sampled_at).sort().at(-1);
  const late = live.ticks.filter((tick) => (now() - new Date(tick.sampled_at)) / 1000 > 3 * (cadences[tick.platform] ?? 300));
  box.dataset.state = late.length ? "late" : "fresh";
  const names = late.map(({ platform }) => PLATFORM_NAMES[platform] ?? platform).join(", ");
  text.textContent = `Samples of ${clock(newest, zone)}, ${ago(newest, now())}${late.length ? ` · ${names} behind` : ""}`;
}
