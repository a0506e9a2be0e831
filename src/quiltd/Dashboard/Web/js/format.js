const units = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytes(count) {
  let value = Number(count), unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit++; }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export const percent = value => `${Number(value).toFixed(1)} %`;

export function ago(time, now = Date.now()) {
  const seconds = Math.round((now - Date.parse(time)) / 1000), future = seconds < 0, size = Math.abs(seconds);
  const text = size < 60 ? `${size} s` : size < 3600 ? `${Math.floor(size / 60)} min` : size < 86400 ? `${Math.floor(size / 3600)} h` : `${Math.floor(size / 86400)} d`;
  return future ? `in ${text}` : `${text} ago`;
}

export const clock = time => new Date(time).toLocaleTimeString([], { hour12: false });

export const short = id => id.slice(0, 12);

const feelings = { running: "good", healthy: "good", active: "good", allowed: "good", exited: "dim", failed: "warn", paused: "warn", orphaned: "warn", denied: "bad", unhealthy: "bad" };

export const feeling = word => feelings[word] ?? "";
