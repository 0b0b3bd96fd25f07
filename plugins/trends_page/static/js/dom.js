// Builds elements. Everything that comes from a site goes in as text: no function here takes markup.

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "style") for (const [key, set] of Object.entries(value)) node.style.setProperty(key, set);
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// A link only where it can be followed: a frame of Airflow may not open windows.
export function link(address, text) {
  if (window.top !== window || !URL.canParse(address ?? "") || new URL(address).protocol !== "https:") return text;
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

export const byId = (id) => document.getElementById(id);

export const unseen = (text) => el("span", { class: "unseen" }, text);

const SVG = "http://www.w3.org/2000/svg";

export function icon(path, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

// A refresh must not throw a keyboard user out of the table: what had the focus gets it back by its data-key.
export function refill(container, nodes) {
  const held = container.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  container.replaceChildren(...nodes);
  if (held === undefined) return;
  [...container.querySelectorAll("[data-key]")].find((node) => node.dataset.key === held)?.focus();
}

export function skeletonRows(count, columns) {
  return Array.from({ length: count }, () =>
    el("tr", { class: "skeleton", "aria-hidden": "true" },
      Array.from({ length: columns }, () => el("td", {}, el("span", { class: "bone" })))));
}

export function showProblem(box, error, retry) {
  box.hidden = !error;
  if (!error) return;
  box.setAttribute("role", "alert");
  box.replaceChildren(
    el("p", {}, error.message),
    error.canRetry && el("button", { type: "button", class: "button", onclick: retry }, "Try again"));
}

export function messageRow(columns, text) {
  return el("tr", { class: "message" }, el("td", { colspan: columns }, text));
}
