// How the hours were judged: what failed, by how much, and what that means for the days.

import { ask } from "./api.js";
import { byId, el, messageRow, refill } from "./dom.js";
import { dateAndClock, NONE, PLATFORM_NAMES, whole } from "./format.js";

const COLUMNS = 6;
const PRECISE = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const MEANINGS = {
  block: "its days stay provisional",
  warn: "numbers stand",
};

export async function refreshQuality(zone) {
  const { platforms, failures } = await ask("quality");
  const hours = platforms.reduce((sum, platform) => sum + platform.hours, 0);
  const checks = platforms.reduce((sum, platform) => sum + platform.checks, 0);
  const words = hours
    ? `All ${whole(checks)} checks of ${whole(hours)} hours passed.`
    : "No hour has been judged yet: check_quality does so forty minutes past every hour.";
  refill(byId("quality").tBodies[0], failures.length
    ? failures.map((failure) => buildFailure(failure, zone))
    : [messageRow(COLUMNS, words)]);
}

function buildFailure({ platform, hour, check_name: check, severity, observed, least, most }, zone) {
  return el("tr", {},
    el("th", { scope: "row" },
      el("span", { class: "who" }, el("i", { class: "dot", data: { platform } }), PLATFORM_NAMES[platform] ?? platform)),
    el("td", {}, dateAndClock(hour, zone)),
    el("td", {}, check.replaceAll("_", " ")),
    el("td", { class: "num" }, el("b", { class: "warned" }, PRECISE.format(observed))),
    el("td", { class: "num" }, tellBounds(least, most)),
    el("td", {}, el("span", { class: `chip ${severity === "block" ? "failed" : "partial"}` }, severity), ` ${MEANINGS[severity]}`));
}

function tellBounds(least, most) {
  if (least !== null && most !== null) return `${PRECISE.format(least)} to ${PRECISE.format(most)}`;
  if (least !== null) return `${PRECISE.format(least)} or more`;
  return most === null ? NONE : `${PRECISE.format(most)} or less`;
}

