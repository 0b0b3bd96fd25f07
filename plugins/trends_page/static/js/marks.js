// Marks of a day: how often counts looked wrong, in words, and what each kind means.

import { el } from "./dom.js";
import { whole } from "./format.js";

const KINDS = {
  stuck_hours: ["count stuck", "hour"],
  flat_hours: ["flat line", "hour"],
  glitches: ["glitch to 1", "time"],
  step_jumps: ["step jump", "time"],
};

const listKinds = (marks) => Object.keys(KINDS).filter((kind) => marks[kind] > 0);

// Empty where nothing is marked.
export const tellMarks = (marks) => listKinds(marks).map((kind) => {
  const [words, unit] = KINDS[kind];
  return `${words} (${whole(marks[kind])} ${unit}${marks[kind] === 1 ? "" : "s"})`;
}).join(", ");

// What the marks of these days mean; nothing where there are none.
export function buildMeanings(days, meanings) {
  const kinds = new Set(days.flatMap(({ marks }) => listKinds(marks)));
  if (!kinds.size) return "";
  return el("details", { class: "meanings" },
    el("summary", {}, "What the marks mean"),
    el("dl", { class: "definitions" }, meanings.filter(({ mark }) => kinds.has(mark)).map(({ term, meaning }) =>
      el("div", {}, el("dt", {}, term), el("dd", {}, meaning)))),
    el("p", { class: "hint" }, "A mark says that somebody should look. Every count stands in the numbers as the site told it."));
}
