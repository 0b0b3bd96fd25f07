// One card a platform: what is watched now, and the last 24 hours with their holes.

import { ask, now } from "./api.js";
import { drawViewers, findHoles, joinRuns } from "./charts.js";
import { byId, el, refill, showProblem } from "./dom.js";
import { amount, clock, compact, NONE, PLATFORM_NAMES, span, whole } from "./format.js";

let latest = null;
let charts = [];
let drawn = "";

export async function refreshPlatforms(zone, live) {
  const box = byId("platform-cards");
  try {
    latest = await ask("platforms/series", { hours: 24 });
    showProblem(byId("platforms-problem"), null);
  } catch (error) {
    showProblem(byId("platforms-problem"), error, () => refreshPlatforms(zone, live));
    if (!latest) box.replaceChildren();
    return;
  } finally {
    box.setAttribute("aria-busy", "false");
  }
  drawPlatforms(zone, live);
}

export function drawPlatforms(zone, live, { isForced = false } = {}) {
  if (!latest) return;
  const facts = JSON.stringify([latest, zone, live?.totals]);
  if (facts === drawn && !isForced) return;
  drawn = facts;
  charts.forEach((chart) => chart.destroy());
  const box = byId("platform-cards");
  const open = new Set([...box.querySelectorAll("details[open]")].map((node) => node.dataset.platform));
  refill(box, latest.platforms.map((series) => buildCard(series, zone, live, open.has(series.platform))));
  charts = latest.platforms.flatMap(({ platform, viewers, incomplete }) => {
    const frame = box.querySelector(`.chart[data-platform="${platform}"]`);
    return frame ? [drawViewers(frame, {
      buckets: latest.buckets, values: viewers, holes: findHoles(viewers), incomplete, zone, ink: platform,
    })] : [];
  });
}

function buildCard(series, zone, live, isOpen) {
  const { platform, viewers } = series;
  const name = PLATFORM_NAMES[platform] ?? platform;
  const total = live?.totals.find((row) => row.platform === platform);
  const known = viewers.filter((value) => value !== null);
  const peak = known.length ? Math.max(...known) : null;
  const facts = [];
  if (total) {
    facts.push(`${whole(total.broadcasts)} live`);
    if (total.hidden_counts) facts.push(`${whole(total.hidden_counts)} with a hidden count`);
  }
  const tick = total && `at ${clock(total.sampled_at, zone)}`;
  return el("article", { class: "card", "aria-label": name },
    el("header", { class: "card-head" },
      el("h3", {}, el("i", { class: "dot", data: { platform } }), name),
      el("p", { class: "card-facts" }, facts.join(" · "))),
    el("p", { class: "card-number" }, total ? whole(total.viewers) : NONE,
      el("small", {}, total ? ` viewers ${tick}` : " nothing has landed yet")),
    known.length
      ? el("figure", {},
        el("div", { class: "chart", role: "img", data: { platform }, "aria-label": describe(name, series, zone) }),
        el("figcaption", {}, summarise(series, peak, zone)))
      : el("p", { class: "card-empty" }, "No samples in the last 24 hours."),
    buildHours(series, zone, isOpen));
}

function summarise({ viewers }, peak, zone) {
  const at = Date.parse(latest.buckets.from_at) + viewers.indexOf(peak) * latest.buckets.step_s * 1000;
  const missing = findHoles(viewers).length * latest.buckets.step_s;
  return [
    el("span", {}, "Peak ", el("b", {}, compact(peak)), ` at ${clock(at, zone)}`),
    missing ? el("span", { class: "warned" }, `${span(missing)} without samples`) : el("span", {}, "no holes"),
  ];
}

function describe(name, { viewers }, zone) {
  const known = viewers.filter((value) => value !== null);
  const holes = joinRuns(findHoles(viewers)).length;
  return `${name}, viewers over 24 hours up to ${clock(now(), zone)}: from ${whole(Math.min(...known))} to ` +
    `${whole(Math.max(...known))}, last ${whole(known.at(-1))}, ${holes || "no"} ${holes === 1 ? "hole" : "holes"}. ` +
    "The hours follow as a table.";
}

function buildHours({ platform, hours }, zone, isOpen) {
  if (!hours.length) return null;
  const name = PLATFORM_NAMES[platform] ?? platform;
  return el("details", { class: "hours", open: isOpen, data: { platform } },
    el("summary", { data: { key: `hours-${platform}` } }, "By the hour"),
    el("div", { class: "table-frame hours-frame", tabindex: "0", role: "region", "aria-label": `${name} by the hour` },
      el("table", {},
        el("caption", { class: "unseen" }, `${name}: rolled-up hours, newest first`),
        el("thead", {}, el("tr", {},
          ["Hour", "Hours watched", "Peak at once", "Channels"].map((title, place) =>
            el("th", { scope: "col", class: place ? "num" : null }, title)))),
        el("tbody", {}, [...hours].reverse().map((hour) =>
          el("tr", {},
            el("th", { scope: "row" }, clock(hour.hour, zone)),
            el("td", { class: "num" }, amount(hour.hours_watched)),
            el("td", { class: "num" }, whole(hour.peak_concurrent)),
            el("td", { class: "num" }, whole(hour.active_channels))))))));
}
