// What the ranking is narrowed to: all channels, those of a language, those of a category of the chosen platform.

import { byId, el } from "./dom.js";
import { change, view } from "./view.js";

const choice = (kind, name) => `${kind}:${name}`;

function chosen() {
  const at = view().list.indexOf(":");
  const [kind, name] = [view().list.slice(0, at), view().list.slice(at + 1)];
  if (kind === "language" && name) return { kind, name };
  // a category belongs to one platform: without it the name means nothing
  return kind === "category" && name && view().platform ? { kind, name } : null;
}

export function listParameters() {
  const list = chosen();
  if (!list) return {};
  return list.kind === "language" ? { language: list.name } : { category_id: list.name };
}

export function drawLists({ languages, categories }) {
  const picker = byId("list-picker");
  const groups = [
    ["Language", languages.map((name) => [choice("language", name), name])],
    ["Category", categories.map(({ category_id: id, category_name: name }) => [choice("category", id), name ?? id])],
  ];
  const list = chosen();
  const value = list ? choice(list.kind, list.name) : "";
  const isKnown = groups.some(([, options]) => options.some(([known]) => known === value));
  picker.replaceChildren(
    el("option", { value: "" }, "All channels"),
    ...(list && !isKnown ? [el("option", { value }, list.name)] : []),
    ...groups.filter(([, options]) => options.length).map(([label, options]) =>
      el("optgroup", { label }, options.map(([known, text]) => el("option", { value: known }, text)))));
  picker.value = value;
  picker.onchange = () => change({ list: picker.value });
}

// how the chosen list is named in words, for the caption of the table
export function nameList() {
  const list = chosen();
  if (!list) return "";
  const picked = byId("list-picker").selectedOptions[0]?.textContent ?? list.name;
  return list.kind === "language" ? ` broadcasting in ${picked}` : ` in ${picked}`;
}
