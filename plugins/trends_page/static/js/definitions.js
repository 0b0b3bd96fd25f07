// What the numbers mean, under which settings they are computed, and how long data is kept.

import { byId, el, link } from "./dom.js";
import { PLATFORM_NAMES, span, whole } from "./format.js";

export function drawDefinitions({ data, definitions, definitions_version: version, platforms }) {
  byId("definitions-title").textContent = `What the numbers mean, version ${version}`;
  byId("definition-list").replaceChildren(...definitions.map(({ term, meaning }) =>
    el("div", {}, el("dt", {}, term), el("dd", {}, meaning))));
  byId("terms").tBodies[0].replaceChildren(...platforms.map((terms) =>
    el("tr", {},
      el("th", { scope: "row" }, el("span", { class: "who" },
        el("i", { class: "dot", data: { platform: terms.platform } }), PLATFORM_NAMES[terms.platform] ?? terms.platform)),
      el("td", {}, `every ${span(terms.cadence_s)}`),
      el("td", { class: "num" }, terms.viewer_floor ? whole(terms.viewer_floor) : "none"),
      el("td", {}, span(terms.raw_age_s)),
      el("td", {}, span(terms.text_age_s)),
      el("td", {}, span(terms.statistics_age_s)),
      el("td", {}, terms.in_combined_rank ? "yes" : "no"),
      el("td", {}, cite(terms.source_url, data)))));
}

function cite(address, data) {
  if (address) return link(address, URL.canParse(address) ? new URL(address).host : address);
  return data === "simulated" ? "none for simulated data" : "none published";
}
