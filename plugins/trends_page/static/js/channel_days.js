// A channel's days: their numbers, what keeps them from being final, and how often counts looked wrong.

import { el } from "./dom.js";
import { amount, dayName, hoursSpan, whole } from "./format.js";
import { tellMarks } from "./marks.js";
import { buildCoverage } from "./rankings.js";

export function buildTiles(day) {
  const tile = (label, value, note) => el("div", { class: "tile" }, el("dt", {}, label), el("dd", {}, value, note && el("small", {}, note)));
  const name = [dayName(day.day), tellState(day)].filter(Boolean).join(", ");
  return el("dl", { class: "tiles", "aria-label": `Latest day, ${name}` },
    tile("Hours watched", amount(day.hours_watched), name),
    tile("Average", amount(day.average_viewers)),
    tile("Peak", whole(day.peak_viewers)),
    tile("Airtime", hoursSpan(day.airtime_hours)));
}

export function buildDays(days, zone, terms) {
  return el("div", { class: "table-frame" },
    el("table", {},
      el("caption", { class: "unseen" }, `Days of ${zone}, newest first`),
      el("thead", {}, el("tr", {},
        ["Day", "Hours watched", "Average", "Peak", "Airtime", "Coverage"].map((title, place) =>
          el("th", { scope: "col", class: place && place < 5 ? `num${place === 4 ? " wide-only" : ""}` : null }, title)))),
      el("tbody", {}, days.flatMap((day) => buildDay(day, terms)))));
}

function buildDay(day, terms) {
  const marks = tellMarks(day.marks);
  const notes = [
    tellState(day),
    day.is_blocked && "not final: a quality check fails",
    day.definitions_version !== terms.definitions_version && `definitions version ${day.definitions_version}`,
  ].filter(Boolean);
  return [
    el("tr", {},
      el("th", { scope: "row", rowspan: marks ? 2 : null }, dayName(day.day), notes.map((note) => el("small", { class: "note" }, note))),
      el("td", { class: "num" }, amount(day.hours_watched)),
      el("td", { class: "num" }, amount(day.average_viewers)),
      el("td", { class: "num" }, whole(day.peak_viewers)),
      el("td", { class: "num wide-only" }, hoursSpan(day.airtime_hours)),
      el("td", {}, buildCoverage(day, terms.low_coverage))),
    marks && el("tr", { class: "marks" }, el("td", { colspan: 5 }, el("span", { class: "mark" }, "marked"), ` ${marks}`)),
  ].filter(Boolean);
}

const tellState = ({ is_open: isOpen, is_provisional: isProvisional }) => (isOpen ? "so far" : isProvisional && "provisional");
