// Light or dark: as Airflow is set when it has been set, else as the system is.

const KEY = "theme";

function apply() {
  const set = localStorage.getItem(KEY);
  if (set === "light" || set === "dark") document.documentElement.dataset.theme = set;
  else delete document.documentElement.dataset.theme;
}

export function followTheme(onChange) {
  apply();
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    apply();
    onChange();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
}

// The value of a colour of app.css as the browser computes it now: canvases do not know custom properties.
export function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

export function fade(rgb, alpha) {
  const [red, green, blue] = rgb.match(/[\d.]+/g);
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}
