// One channel in a drawer: its last 24 hours, its days, its broadcasts.

import { ask, now } from "./api.js";
import { buildDays, buildTiles } from "./channel_days.js";
import { drawDays, drawViewers } from "./charts.js";
import { byId, el, showProblem } from "./dom.js";
import { ago, dateAndClock, dayName, NONE, PLATFORM_NAMES, span, whole } from "./format.js";
import { buildMeanings, tellMarks } from "./marks.js";
import { buildPicture, buildStrip } from "./pictures.js";
import { change, view } from "./view.js";

const ENDED = { site: "ended", absence: "gone from the site since", silence: "over by all signs, last seen" };
const ODD = {
  stuck: "the count stood still for an hour or longer from",
  glitch_to_one: "the count fell to 1 at once at",
  maybe_hidden: "0 may be a hidden count, from",
};
let charts = [];
let latest = null;
let opener = null;

export function setUpChannel() {
  const drawer = byId("channel");
  byId("channel-close").addEventListener("click", () => drawer.close());
  drawer.addEventListener("click", (event) => event.target === drawer && drawer.close());
  drawer.addEventListener("close", () => {
    change({ channel: "" });
    dropCharts();
    opener?.focus?.();
  });
}

export async function showChannel(zone, terms) {
  const drawer = byId("channel");
  const [platform, ...rest] = view().channel.split(":");
  const id = rest.join(":");
  if (!id) {
    if (drawer.open) drawer.close();
    return;
  }
  if (!drawer.open) {
    opener = document.activeElement;
    drawer.showModal();
  }
  drawHead({ platform, channel_id: id });
  dropCharts();
  byId("channel-body").replaceChildren(el("div", { class: "bone bone-tall" }), el("div", { class: "bone bone-tall" }));
  byId("channel-name").focus();
  try {
    latest = await ask(`channels/${encodeURIComponent(platform)}/${encodeURIComponent(id)}`, { zone });
    drawHead(latest);
    drawBody(latest, zone, terms);
  } catch (error) {
    const box = el("div", { class: "problem" });
    byId("channel-body").replaceChildren(box);
    showProblem(box, error, () => showChannel(zone, terms));
  }
}

export function redrawChannel(zone, terms) {
  if (byId("channel").open && latest) drawBody(latest, zone, terms);
}

function dropCharts() {
  charts.forEach((chart) => chart.destroy());
  charts = [];
}

function drawHead(channel) {
  const { platform } = channel;
  byId("channel-platform").replaceChildren(
    el("i", { class: "dot", data: { platform } }), PLATFORM_NAMES[platform] ?? platform);
  byId("channel-name").textContent = channel.channel_name ?? channel.channel_id;
  byId("channel-handle").textContent = [channel.channel_handle && `@${channel.channel_handle}`, `id ${channel.channel_id}`]
    .filter(Boolean).join(" · ");
}

function drawBody(channel, zone, terms) {
  dropCharts();
  const day = channel.days.find((one) => one.airtime_hours > 0);
  const viewersBox = el("div", { class: "chart", role: "img", "aria-label": describeViewers(channel) });
  const daysBox = el("div", { class: "chart", role: "img", "aria-label": "Hours watched by day; the table below holds the same." });
  const wasWatched = channel.days.some((one) => one.hours_watched > 0);
  const wasSeen = channel.viewers.some((value) => value !== null);
  byId("channel-body").replaceChildren(
    channel.picture ? buildPortrait(channel, zone) : "",
    day ? buildTiles(day) : "",
    el("h3", {}, "Last 24 hours"),
    wasSeen ? el("figure", {}, viewersBox) : el("p", { class: "card-empty" }, explainNothing(channel)),
    el("h3", {}, "Hours watched by day"),
    wasWatched ? el("figure", {}, daysBox) : el("p", { class: "card-empty" }, "No day with a known count has been rolled up."),
    channel.days.length ? buildDays(channel.days, zone, terms) : "",
    buildMeanings([...channel.days, ...channel.broadcasts.flatMap((broadcast) => broadcast.marked_days)], terms.marks),
    el("h3", {}, "Broadcasts"),
    buildBroadcasts(channel, zone));
  if (wasSeen) {
    charts.push(drawViewers(viewersBox, {
      buckets: channel.buckets, values: channel.viewers, holes: channel.holes, nothing: "off air or hidden",
      zone, ink: channel.platform, height: 150,
    }));
  }
  if (wasWatched) {
    const inOrder = [...channel.days].reverse();
    charts.push(drawDays(daysBox, {
      days: inOrder.map((one) => one.day), values: inOrder.map((one) => one.hours_watched),
      ink: channel.platform, unit: "hours watched", height: 130,
    }));
  }
}

function buildPortrait(channel, zone) {
  const { captured_at: at } = channel.picture;
  return el("figure", { class: "portrait" },
    buildPicture(channel.picture, channel.channel_name ?? channel.channel_id, { zone, size: "picture-large" }),
    el("figcaption", { class: "hint" }, at ? `Captured ${dateAndClock(at, zone)}` : "As the site shows it now"));
}

function explainNothing({ broadcasts, buckets }) {
  const wasLive = broadcasts.some(({ last_sampled_at: at }) => at && Date.parse(at) >= Date.parse(buckets.from_at));
  return wasLive ? "Live in the last 24 hours, but the site hid every count." : "Not seen live in the last 24 hours.";
}

function describeViewers({ viewers }) {
  const known = viewers.filter((value) => value !== null);
  return known.length ? `Viewers over 24 hours: from ${whole(Math.min(...known))} to ${whole(Math.max(...known))}.` : "";
}

function buildBroadcasts({ platform, broadcasts }, zone) {
  if (!broadcasts.length) return el("p", { class: "card-empty" }, "None was ever seen.");
  return el("ul", { class: "broadcasts" }, broadcasts.map((broadcast) => {
    const from = broadcast.started_at ?? broadcast.first_sampled_at;
    const to = broadcast.ended_at ?? broadcast.last_sampled_at;
    const facts = [
      from && dateAndClock(from, zone),
      from && to && span((new Date(to) - new Date(from)) / 1000),
      tellStatus(broadcast),
      broadcast.category_name,
    ];
    return el("li", {},
      el("div", { class: "beside" },
        buildPicture(broadcast.picture, broadcast.title || "Untitled", { zone }),
        el("div", {},
          el("p", { class: "live-title" }, broadcast.title || "Untitled"),
          el("p", { class: "live-about" }, facts.filter(Boolean).join(" · ")),
          broadcast.flags.map(({ flag, sampled_at: at }) =>
            el("p", { class: "live-about warned" }, `Odd count: ${ODD[flag] ?? flag} ${dateAndClock(at, zone)}`)),
          broadcast.marked_days.map(({ day, marks }) =>
            el("p", { class: "live-about warned" }, `Marked on ${dayName(day)}: ${tellMarks(marks)}`)))),
      broadcast.picture?.sha256 && buildStrip(platform, broadcast, zone));
  }));
}

function tellStatus({ status, ended_by: by, ended_at: ended, last_sampled_at: last }) {
  if (status === "ended") return `${ENDED[by] ?? "ended"} ${ago(ended, now())}`;
  const seen = `last sample ${last ? ago(last, now()) : NONE}`;
  return status === "live" ? `live, ${seen}` : `unseen when it was due, maybe over, ${seen}`;
}
