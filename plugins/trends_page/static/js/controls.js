// The filters above the page: platform, zone, metric. Each writes into the view; the view tells the sections.

import { byId, el } from "./dom.js";
import { PLATFORM_NAMES, zoneName } from "./format.js";
import { change, onChange, view } from "./view.js";

export const METRICS = { hours_watched: "Hours watched", average: "Average", peak: "Peak", airtime: "Airtime" };

function fillSegments(box, name, choices, chosen) {
  box.append(...choices.map(({ value, label, dot }) =>
    el("label", { class: "segment" },
      el("input", { type: "radio", name, value, onchange: () => change({ [name]: value }) }),
      el("span", {}, dot && el("i", { class: "dot", data: { platform: dot } }), label))));
  const mark = () => {
    for (const input of box.querySelectorAll("input")) input.checked = input.value === chosen();
  };
  mark();
  onChange((changed) => changed.has(name) && mark());
}

export const metric = () => (view().metric in METRICS ? view().metric : "hours_watched");

export function chooseZone(zones) {
  if (zones.includes(view().zone)) return view().zone;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zones.includes(own) ? own : zones[0];
}

export function setUpControls({ zones, platforms }) {
  const names = platforms.map(({ platform }) => platform);
  const choices = names.map((value) => ({ value, label: PLATFORM_NAMES[value] ?? value, dot: value }));
  fillSegments(byId("platform-filter"), "platform", [{ value: "", label: "All" }, ...choices],
    () => (names.includes(view().platform) ? view().platform : ""));
  fillSegments(byId("metric-picker"), "metric",
    Object.entries(METRICS).map(([value, label]) => ({ value, label })), metric);

  const picker = byId("zone-picker");
  picker.replaceChildren(...zones.map((zone) => el("option", { value: zone }, zoneName(zone))));
  picker.value = chooseZone(zones);
  // another zone has other days: the day that was picked is given up
  picker.addEventListener("change", () => change({ zone: picker.value, day: "" }));
  onChange((changed) => {
    if (changed.has("zone")) picker.value = chooseZone(zones);
  });
}
