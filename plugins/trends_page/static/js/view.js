// What is being looked at lives in the address: platform, zone, day, period, metric, list, channel. A link shows the same view again.

const NAMES = ["platform", "zone", "day", "period", "metric", "list", "channel"];
const listeners = new Set();
let current = readAddress();

function readAddress() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""]));
}

export const view = () => current;

export const onChange = (listener) => listeners.add(listener);

export function change(changes, { isNewEntry = true } = {}) {
  const before = current;
  // a category belongs to one platform: another one is looked at without it
  const isLeft = "platform" in changes && current.list.startsWith("category:");
  current = { ...current, ...(isLeft && { list: "" }), ...changes };
  const changed = NAMES.filter((name) => before[name] !== current[name]);
  if (!changed.length) return;
  const query = new URLSearchParams(NAMES.filter((name) => current[name]).map((name) => [name, current[name]]));
  const target = `${location.pathname}${query.size ? `?${query}` : ""}`;
  if (isNewEntry) history.pushState(null, "", target);
  else history.replaceState(null, "", target);
  mirrorInFrame();
  for (const listener of listeners) listener(new Set(changed));
}

// Airflow shows the page in a frame under /plugin/<route>/<address of the page>: its address bar follows, so that
// what people copy from it is the view they see.
function mirrorInFrame() {
  if (window.top === window) return;
  try {
    const outer = window.parent.location;
    const at = outer.pathname.indexOf("/plugin/viewer-trends");
    if (at < 0) return;
    const route = `${outer.pathname.slice(0, at)}/plugin/viewer-trends${location.pathname}${location.search}`;
    window.parent.history.replaceState(window.parent.history.state, "", route);
  } catch {
    // a frame of another origin keeps its address to itself
  }
}

window.addEventListener("popstate", () => {
  const before = current;
  current = readAddress();
  const changed = new Set(NAMES.filter((name) => before[name] !== current[name]));
  for (const listener of listeners) listener(changed);
});
