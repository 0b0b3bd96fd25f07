// Starts the page and keeps it fresh: live parts every 30 seconds while somebody looks.

import { ask } from "./api.js";
import { redrawChannel, setUpChannel, showChannel } from "./channel.js";
import { refreshCollection } from "./collection.js";
import { chooseZone, setUpControls } from "./controls.js";
import { drawDefinitions } from "./definitions.js";
import { byId, showProblem } from "./dom.js";
import { refreshLive, showFewer as showFewerLive, tellAge } from "./live.js";
import { drawPlatforms, refreshPlatforms } from "./platforms.js";
import { refreshRanking, showFewer as showFewerRanked } from "./rankings.js";
import { setUpSearch } from "./search.js";
import { followTheme } from "./theme.js";
import { onChange, view } from "./view.js";

const REFRESH_MS = 30_000;
let terms = null;
let live = null;
let totals = null;
let refreshedAt = 0;
let retry = 0;

const zone = () => chooseZone(terms.zones);
const cadences = () => Object.fromEntries(terms.platforms.map(({ platform, cadence_s: cadence }) => [platform, cadence]));

async function refreshNow() {
  refreshedAt = Date.now();
  try {
    live = await refreshLive(zone());
    // the cards show every platform, also while the list is narrowed to one
    totals = view().platform ? await ask("live", { limit: 1 }) : live;
    tellAge(totals, cadences(), zone());
  } catch {
    // the section has said what is wrong
  }
  await Promise.all([refreshPlatforms(zone(), totals), refreshCollection(zone())]);
}

async function refreshAll() {
  await Promise.all([refreshNow(), refreshRanking(zone())]);
}

function follow(changed) {
  if (changed.has("zone")) {
    refreshAll();
    showChannel(zone(), terms);
    return;
  }
  if (changed.has("platform")) {
    showFewerLive();
    showFewerRanked();
    refreshNow();
  }
  if (changed.has("list") || changed.has("period")) showFewerRanked();
  if (["platform", "day", "period", "metric", "list"].some((name) => changed.has(name))) refreshRanking(zone());
  if (changed.has("channel")) showChannel(zone(), terms);
}

// Without the settings nothing can be shown: one message stands for the whole page until they come.
function tellOutage(error) {
  document.body.dataset.state = "down";
  byId("as-of").dataset.state = "late";
  byId("as-of-text").textContent = "No answer";
  clearTimeout(retry);
  if (error.canRetry) retry = setTimeout(start, REFRESH_MS);
  showProblem(byId("page-problem"), error, () => {
    clearTimeout(retry);
    start();
  });
}

async function start() {
  try {
    terms = await ask("definitions");
  } catch (error) {
    tellOutage(error);
    return;
  }
  document.body.dataset.state = "ready";
  showProblem(byId("page-problem"), null);
  byId("data-kind").hidden = terms.data !== "simulated";
  setUpControls(terms);
  drawDefinitions(terms);
  setUpChannel();
  setUpSearch(zone);
  onChange(follow);
  await refreshAll();
  if (view().channel) showChannel(zone(), terms);
  setInterval(() => document.visibilityState === "visible" && refreshAll(), REFRESH_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && Date.now() - refreshedAt > REFRESH_MS) refreshAll();
  });
}

followTheme(() => {
  if (!terms) return;
  drawPlatforms(zone(), totals, { isForced: true });
  redrawChannel(zone(), terms);
});
start();
