// How numbers, shares and times are written. Nothing is rounded up that is compared with a whole.

const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const ONE_DECIMAL = new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const NONE = "–";

export const PLATFORM_NAMES = { youtube: "YouTube", twitch: "Twitch", soop: "SOOP", chzzk: "CHZZK", kick: "Kick" };

export const whole = (number) => (number === null || number === undefined ? NONE : GROUPED.format(number));

export function amount(number) {
  if (number === null || number === undefined) return NONE;
  return number < 100 && number > 0 ? ONE_DECIMAL.format(number) : GROUPED.format(number);
}

export const compact = (number) => (number === null || number === undefined ? NONE : COMPACT.format(number));

// cut downwards: 100 % stands only where nothing is missing
export function percent(share) {
  if (share === null || share === undefined) return NONE;
  return share >= 1 ? "100%" : `${(Math.floor(share * 1000) / 10).toFixed(1)}%`;
}

export function span(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.max(0, Math.floor(seconds))} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 && hours < 24 ? `${hours} h ${String(minutes % 60).padStart(2, "0")}` : `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

export const hoursSpan = (hours) => {
  const minutes = Math.round(hours * 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
};

export const ago = (instant, now) => {
  const seconds = (now - new Date(instant)) / 1000;
  return seconds < 60 ? "just now" : `${span(seconds)} ago`;
};

const CLOCKS = new Map();

function formatter(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!CLOCKS.has(key)) CLOCKS.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  return CLOCKS.get(key);
}

export const clock = (instant, zone) => formatter(zone, { hour: "2-digit", minute: "2-digit" }).format(new Date(instant));

export const dateAndClock = (instant, zone) =>
  formatter(zone, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(new Date(instant));

// a calendar day carries no zone: it is written as it stands
export const dayName = (day, options = { weekday: "short", day: "numeric", month: "short" }) =>
  formatter("UTC", options).format(new Date(`${day}T00:00:00Z`));

export const zoneName = (zone) => (zone === "UTC" ? "UTC" : zone.split("/").pop().replace("_", " "));
