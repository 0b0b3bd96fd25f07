// The ranking of channels in one day, or the week or month that holds it: rank, change, measures, and how much of the day was seen.

import { address, ask } from "./api.js";
import { metric, METRICS } from "./controls.js";
import { byId, el, icon, messageRow, refill, showProblem, skeletonRows, unseen } from "./dom.js";
import { amount, compact, dateAndClock, dayName, hoursSpan, NONE, percent, PLATFORM_NAMES, whole } from "./format.js";
import { drawLists, listParameters, nameList } from "./lists.js";
import { buildPicture } from "./pictures.js";
import { change, view } from "./view.js";

const PAGE = 20;
const COLUMNS = 8;
const UP = "M10 4l6 9H4z";
const DOWN = "M10 16L4 7h12z";
let shown = PAGE;
let days = [];
let asked = null;

export const showFewer = () => {
  shown = PAGE;
};

export async function refreshRanking(zone) {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  const body = byId("ranking").tBodies[0];
  if (!body.rows.length) body.replaceChildren(...skeletonRows(12, COLUMNS));
  try {
    ({ days } = await ask("days", { zone }, { signal }));
    const [ranking, lists] = days.length
      ? await Promise.all([
        ask("rankings/channels", { ...parameters(zone), limit: shown }, { signal }),
        ask("rankings/lists", { zone, day: view().day, platform: view().platform }, { signal })])
      : [null, { languages: [], categories: [] }];
    showProblem(byId("ranking-problem"), null);
    drawDays(ranking);
    drawPeriod();
    drawLists(lists);
    draw(ranking, zone);
  } catch (error) {
    if (error.name === "AbortError") return;
    body.replaceChildren();
    byId("ranking-summary").textContent = "";
    drawDays(null);
    showProblem(byId("ranking-problem"), error, () => refreshRanking(zone));
  }
}

const PERIODS = ["week", "month"];

// a category is ranked by the day only
const period = () => (PERIODS.includes(view().period) && !listParameters().category_id ? view().period : "");

const parameters = (zone) =>
  ({ zone, day: view().day, period: period(), platform: view().platform, metric: metric(), ...listParameters() });

function drawPeriod() {
  const picker = byId("period-picker");
  picker.value = period();
  picker.disabled = Boolean(listParameters().category_id);
  picker.onchange = () => change({ period: picker.value });
}

function drawDays(ranking) {
  const picker = byId("day-picker");
  const names = new Map(days.map((day) => [day.day, nameDay(day)]));
  picker.replaceChildren(...[...names].map(([value, label]) => el("option", { value }, label)));
  const chosen = ranking && !period() ? ranking.day : view().day || lastDay()?.day;
  picker.value = chosen;
  picker.onchange = () => change({ day: picker.value });
  const place = days.findIndex((day) => day.day === chosen);
  const step = (button, target) => {
    button.disabled = !target;
    button.onclick = () => change({ day: target.day });
  };
  step(byId("day-before"), days[place + 1]);
  step(byId("day-after"), place > 0 ? days[place - 1] : null);
}

// the day that is meant where none is named
const lastDay = () => days.find((day) => !day.is_open) ?? days[0];

function nameDay(day) {
  const name = dayName(day.day);
  if (day.is_open) return `${name}, so far`;
  return lastDay() === day ? `${name}, last full day` : name;
}

function draw(ranking, zone) {
  const table = byId("ranking");
  table.dataset.metric = metric();
  for (const name of Object.keys(METRICS)) {
    const head = table.tHead.querySelector(`.m-${name}`);
    if (name === metric()) head.setAttribute("aria-sort", "descending");
    else head.removeAttribute("aria-sort");
  }
  byId("download-csv").href = address("rankings/channels", { ...parameters(zone), limit: 50000, format: "csv" });
  byId("download-csv").toggleAttribute("hidden", !ranking);
  const more = byId("ranking-more");
  if (!ranking) {
    byId("ranking-summary").textContent = "";
    more.hidden = true;
    refill(table.tBodies[0], [messageRow(COLUMNS, "No day has been rolled up yet: the first appears an hour after its first samples.")]);
    return;
  }
  const of = ranking.platform ? ` of ${PLATFORM_NAMES[ranking.platform] ?? ranking.platform}` : "";
  table.caption.textContent = `Channels${of}${nameList()} by ${METRICS[metric()].toLowerCase()} ${nameDays(ranking)} in ${ranking.zone}`;
  drawSummary(ranking);
  const largest = Math.max(...ranking.channels.map((channel) => channel.hours_watched), 1);
  const rows = ranking.channels.map((channel) => buildRow(channel, largest, zone, ranking));
  refill(table.tBodies[0], rows.length ? rows : [messageRow(COLUMNS, `No channel was live in this ${ranking.period}.`)]);
  more.hidden = ranking.totals.channels <= rows.length;
  more.onclick = () => {
    shown += 3 * PAGE;
    refreshRanking(zone);
  };
}

const nameDays = ({ period: kind, day, last_day: last }) =>
  (kind === "day" ? `on ${day}` : `in the ${kind} from ${day} to ${last}`);

function drawSummary(ranking) {
  const { totals, left_out: leftOut, is_provisional: isProvisional, blocked_platforms: blocked } = ranking;
  const parts = [
    `${whole(totals.channels)} channels`,
    `${compact(totals.hours_watched)} hours watched`,
    `coverage ${percent(totals.coverage)}`,
    `definitions version ${ranking.definitions_version}`,
  ];
  const names = leftOut.map((platform) => PLATFORM_NAMES[platform] ?? platform).join(", ");
  const blockedNames = blocked.map((platform) => PLATFORM_NAMES[platform] ?? platform).join(", ");
  byId("ranking-summary").replaceChildren(
    isProvisional ? el("span", { class: "badge badge-info", title: "These numbers may still change" }, "Provisional") : "",
    parts.join(" · "),
    blockedNames ? el("span", { class: "aside" }, `Not final: a quality check fails for ${blockedNames}, see State of collection`) : "",
    names ? el("span", { class: "aside" }, `Without ${names}: its terms allow no combined ranking`) : "");
}

function buildRow(channel, largest, zone, ranking) {
  const { platform, channel_id: id } = channel;
  return el("tr", { class: channel.has_low_coverage ? "low" : null },
    el("td", { class: "col-rank" }, String(channel.rank)),
    el("td", { class: "col-change" }, buildChange(channel, ranking.period)),
    el("th", { scope: "row", class: "col-channel" },
      el("div", { class: "beside" },
        buildPicture(channel.picture, channel.channel_name ?? id, { zone, size: "picture-small" }),
        el("div", {},
          el("span", { class: "who" },
            el("i", { class: "dot", data: { platform } }),
            el("button", { type: "button", class: "link", data: { key: `rank-${platform}-${id}` },
              onclick: () => change({ channel: `${platform}:${id}` }) }, channel.channel_name ?? id)),
          el("span", { class: "where" }, PLATFORM_NAMES[platform] ?? platform)))),
    el("td", { class: "num m-hours_watched" },
      el("span", { class: "measure" }, amount(channel.hours_watched)),
      el("span", { class: "measure-bar", "aria-hidden": "true" },
        el("i", { data: { platform }, style: { width: `${(channel.hours_watched / largest) * 100}%` } }))),
    el("td", { class: "num m-average" }, amount(channel.average_viewers)),
    el("td", { class: "num m-peak", title: channel.peak_at && `sampled ${dateAndClock(channel.peak_at, zone)}` },
      whole(channel.peak_viewers)),
    el("td", { class: "num m-airtime" }, hoursSpan(channel.airtime_hours)),
    el("td", { class: "col-coverage" }, buildCoverage(channel, ranking.low_coverage)));
}

function buildChange(channel, kind) {
  const { rank_change: places, is_new: isNew, is_returning: isBack, has_doubtful_change: isDoubtful } = channel;
  const before = kind === "day" ? "the day before" : "as many days before";
  if (isNew) return el("span", { class: "change new" }, "new");
  if (isBack) return el("span", { class: "change new", title: `Live before, but not ${before}` }, "back");
  if (places === null) return el("span", { class: "change same" }, NONE, unseen(`no rank ${before}`));
  const doubt = isDoubtful ? `, in doubt: not enough was seen, then or ${before}` : "";
  if (places === 0) {
    return el("span", { class: "change same", title: `Same place${doubt}` }, "=", unseen(` same place${doubt}`));
  }
  const words = `${places > 0 ? "up" : "down"} ${Math.abs(places)}${doubt}`;
  return el("span", { class: `change ${places > 0 ? "up" : "down"}${isDoubtful ? " doubtful" : ""}`, title: words },
    icon(places > 0 ? UP : DOWN), el("span", { "aria-hidden": "true" }, String(Math.abs(places))), unseen(words));
}

export function buildCoverage({ coverage, known_share: knownShare, has_low_coverage: isLow }, threshold) {
  const hidden = knownShare !== null && knownShare < 1;
  const notes = [
    isLow && `under ${percent(threshold)}: rank and sums are in doubt`,
    hidden && `counts known for ${percent(knownShare)} of the airtime`,
  ].filter(Boolean);
  return el("span", { class: `coverage${isLow ? " is-low" : ""}`, title: notes.join("; ") || null },
    el("span", { class: "coverage-bar", "aria-hidden": "true" }, el("i", { style: { width: `${(coverage ?? 0) * 100}%` } })),
    el("span", { class: "coverage-share" }, percent(coverage)),
    isLow && el("span", { class: "mark" }, "low"),
    hidden && el("span", { class: "mark mark-hidden" }, `${percent(knownShare)} known`));
}
