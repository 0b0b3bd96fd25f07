// Was everything swept, has it landed, what was refused or given up.

import { ask, now } from "./api.js";
import { byId, el, messageRow, refill, showProblem, skeletonRows } from "./dom.js";
import { refreshQuality } from "./quality.js";
import { ago, clock, dateAndClock, NONE, PLATFORM_NAMES, span, whole } from "./format.js";

const COLUMNS = 10;

export async function refreshCollection(zone) {
  const body = byId("collection").tBodies[0];
  if (!body.rows.length) body.replaceChildren(...skeletonRows(3, COLUMNS));
  try {
    const state = await ask("collection");
    await refreshQuality(zone);
    showProblem(byId("collection-problem"), null);
    refill(body, state.platforms.length
      ? state.platforms.map((platform) => buildRow(platform, zone))
      : [messageRow(COLUMNS, "No platform is collected.")]);
    refill(byId("quotas").tBodies[0], state.quotas.map((quota) => buildQuota(quota, zone)));
    drawNotices(state, zone);
  } catch (error) {
    if (body.querySelector(".skeleton")) body.replaceChildren();
    showProblem(byId("collection-problem"), error, () => refreshCollection(zone));
  }
}

function buildRow(state, zone) {
  const { platform, last_sweep: sweep } = state;
  const name = el("th", { scope: "row" },
    el("span", { class: "who" }, el("i", { class: "dot", data: { platform } }), PLATFORM_NAMES[platform] ?? platform));
  if (!sweep) return el("tr", {}, name, el("td", { class: "muted", colspan: COLUMNS - 1 }, "No sweep has landed yet."));
  const age = (now() - new Date(sweep.sampled_at)) / 1000;
  const isLate = age > 3 * state.cadence_s;
  return el("tr", {},
    name,
    el("td", {}, clock(sweep.sampled_at, zone), el("small", { class: isLate ? "warned" : "muted" }, ago(sweep.sampled_at, now()))),
    el("td", {}, el("span", { class: `chip ${sweep.outcome}`, title: sweep.error }, sweep.outcome)),
    el("td", { class: "num" }, span((new Date(sweep.finished_at) - new Date(sweep.started_at)) / 1000)),
    el("td", { class: "num" }, whole(sweep.pages)),
    el("td", { class: "num" }, whole(sweep.snapshots)),
    el("td", {}, buildTicks(state)),
    el("td", { class: "num" }, buildLag(state)),
    el("td", { class: "num" }, state.dead_letters ? el("b", { class: "warned" }, whole(state.dead_letters)) : "0"),
    el("td", { class: "spend" }, Object.entries(state.spend).map(([bucket, cost]) => `${bucket} ${whole(cost)}`).join(", ") || NONE));
}

// What waits as the last landing measured it, or where none has, as landed sweeps tell it.
function buildLag({ known_lag: known, landing, capture, last_sweep: sweep }) {
  const lag = landing?.lag_messages ?? known;
  const took = (new Date(sweep.landed_at) - new Date(sweep.finished_at)) / 1000;
  const title = ["Messages that are not landed yet, and the time from the end of the last sweep to its landing", ...(landing?.lags ?? []).map(tellPartition)].join("\n");
  return el("span", { title },
    lag ? el("b", { class: "warned" }, whole(lag)) : whole(lag),
    landing?.waiting_since && el("small", { class: "warned" }, `waits for ${span((now() - new Date(landing.waiting_since)) / 1000)}`),
    el("small", { class: "muted" }, `landed in ${span(took)}`),
    landing?.messages_per_s && el("small", { class: "muted" }, `${whole(Math.round(landing.messages_per_s))} a second`),
    landing?.batches && el("small", { class: "muted" }, `${whole(Math.round(landing.messages / landing.batches))} a batch`),
    buildPictureLag(capture));
}

// What waits for the group that captures pictures; nothing where none are to be captured.
function buildPictureLag(capture) {
  if (capture?.lag_messages == null) return null;
  const title = ["Messages whose broadcasts' pictures are not captured yet", ...capture.lags.map(tellPartition)].join("\n");
  const waits = capture.waiting_since ? `, for ${span((now() - new Date(capture.waiting_since)) / 1000)}` : "";
  return el("small", { class: capture.lag_messages ? "warned" : "muted", title }, `pictures: ${whole(capture.lag_messages)} wait${waits}`);
}

function tellPartition({ topic, topic_partition: partition, messages, next_offset: next, end_offset: end, waiting_since: since }) {
  const waits = since ? ` for ${span((now() - new Date(since)) / 1000)}` : "";
  return `${topic}, partition ${partition}: ${whole(messages)} wait${waits}, done up to ${whole(next)} of ${whole(end)}`;
}

function buildTicks({ ticks_due: due, ticks_complete: complete, ticks_partial: partial, ticks_failed: failed }) {
  const seen = complete + partial + failed;
  const of = Math.max(due, 1);
  const words = `${whole(complete)} complete, ${whole(partial)} partial, ${whole(failed)} failed, ${whole(due - seen)} missed`;
  const part = (count, kind) => el("i", { class: kind, style: { width: `${(count / of) * 100}%` } });
  return el("span", { class: "ticks", title: words },
    el("span", { class: "ticks-bar", role: "img", "aria-label": words },
      part(complete, "complete"), part(partial, "partial"), part(failed, "failed")),
    el("span", { class: "ticks-count" }, `${whole(complete)} of ${whole(due)}`));
}

// What the last sweep left out on purpose, and what it met that nobody reads yet.
function tellLimits({ platform, last_sweep: sweep }) {
  if (!sweep) return [];
  const name = PLATFORM_NAMES[platform] ?? platform;
  return [
    sweep.viewer_floor && `${name}: read down to ${whole(sweep.viewer_floor)} viewers, what has fewer is unseen`,
    sweep.is_filtered && `${name}: only some languages or categories are read, so nobody is missed`,
    ...Object.entries(sweep.unknown_fields).map(([field, records]) => `${name}: new field “${field}” in ${whole(records)} records, not read`),
  ].filter(Boolean);
}

function buildQuota(quota, zone) {
  const { bucket, platform, per, limit, spent, left, projected, resets_at: resetsAt, is_closed: isClosed, told_at: toldAt } = quota;
  const isDaily = per === "day";
  const name = el("th", { scope: "row" }, el("span", { class: "who" }, el("i", { class: "dot", data: { platform } }), bucket));
  const allowed = el("td", { class: "num" }, `${whole(limit)} a ${per}`);
  const filled = el("td", {}, isDaily ? dateAndClock(resetsAt, zone) : "every minute");
  if (spent === null) return el("tr", {}, name, allowed, el("td", { class: "muted", colspan: 3 }, "No sweep has landed yet."), filled);
  const source = isDaily ? "since the last reset" : `a minute, tick ${clock(toldAt, zone)}`;
  const rest = isClosed ? "closed by the site" : null;
  const willPass = projected !== null && projected > limit;
  return el("tr", {},
    name,
    allowed,
    el("td", { class: "num" }, whole(spent), el("small", { class: "muted" }, source)),
    el("td", { class: "num" }, left ? whole(left) : el("b", { class: "warned" }, "0"), rest && el("small", { class: "warned" }, rest)),
    el("td", { class: "num" }, buildProjection(projected, isDaily, willPass)),
    filled);
}

function buildProjection(projected, isDaily, willPass) {
  if (!isDaily) return NONE;
  if (projected === null) return el("span", { class: "muted" }, "too early to tell");
  return willPass ? [el("b", { class: "warned" }, whole(projected)), el("small", { class: "warned" }, "over the limit")] : whole(projected);
}

function drawNotices(state, zone) {
  const notices = [];
  for (const letter of state.dead_letters) {
    notices.push(`${PLATFORM_NAMES[letter.platform] ?? letter.platform}: ${whole(letter.letters)} dead letters, “${letter.reason}”, ` +
      `the last at ${clock(letter.last_found_at, zone)}`);
  }
  for (const { platform, lost_messages: lost, last_loss_at: at } of state.platforms) {
    if (lost) notices.push(`${PLATFORM_NAMES[platform] ?? platform}: ${whole(lost)} messages given up, the last ${ago(at, now())}`);
  }
  for (const { platform, landing } of state.platforms) {
    if (landing?.error) notices.push(`${PLATFORM_NAMES[platform] ?? platform}: landing has failed since ${clock(landing.failing_since, zone)}: ${landing.error}`);
  }
  for (const { platform, capture } of state.platforms) {
    if (capture?.error) notices.push(`${PLATFORM_NAMES[platform] ?? platform}: capturing pictures has failed since ${clock(capture.failing_since, zone)}: ${capture.error}`);
  }
  for (const { platform, last_sweep: sweep } of state.platforms) {
    if (sweep?.error) notices.push(`${PLATFORM_NAMES[platform] ?? platform}, last sweep: ${sweep.error}`);
  }
  notices.push(...state.platforms.flatMap(tellLimits));
  byId("collection-notices").replaceChildren(...notices.map((notice) => el("li", {}, notice)));
  const waiting = state.dirty_hours || state.dirty_days
    ? `${whole(state.dirty_hours)} hours and ${whole(state.dirty_days)} days wait to be rolled up`
    : "Nothing waits to be rolled up";
  byId("collection-summary").textContent = state.last_rolled_up_at
    ? `${waiting} · hours last rolled up at ${clock(state.last_rolled_up_at, zone)}`
    : `${waiting} · no hour has been rolled up yet`;
}
