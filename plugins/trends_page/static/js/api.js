// Asks the API. Addresses are relative to the page, so any prefix that Airflow is served under is kept.

export class ApiError extends Error {
  constructor(message, { canRetry = true, status = 0 } = {}) {
    super(message);
    this.canRetry = canRetry;
    this.status = status;
  }
}

let skewMs = 0;

// The server's clock: ages on the page are told by it, not by a browser that may be minutes off.
export const now = () => new Date(Date.now() + skewMs);

export function address(path, parameters = {}) {
  const url = new URL(`api/v1/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

export async function ask(path, parameters = {}, { signal } = {}) {
  let response;
  try {
    // no-cache: the browser sends the ETag it has and gets 304 where nothing is new
    response = await fetch(address(path, parameters), { cache: "no-cache", credentials: "same-origin", signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("Airflow does not answer. The page goes on trying.");
  }
  const told = Date.parse(response.headers.get("date") ?? "");
  // the header has whole seconds: smaller differences say nothing
  if (!Number.isNaN(told) && Math.abs(told - Date.now()) > 5000) skewMs = told - Date.now();
  if (response.ok) return response.json();
  throw new ApiError(await readRefusal(response), { status: response.status, canRetry: response.status >= 500 });
}

async function readRefusal(response) {
  if (response.status === 401) return "You are signed out of Airflow. Sign in there and load this page again.";
  if (response.status === 403) return "Your Airflow user may not see plugins.";
  try {
    const { detail } = await response.json();
    if (typeof detail === "string") return detail;
  } catch {
    // not every refusal has a body of ours
  }
  return `Airflow answered ${response.status}.`;
}
