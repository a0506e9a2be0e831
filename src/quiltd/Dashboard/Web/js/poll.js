import { Gone } from "./api.js";

/**
 * Does `act` now, every `seconds` while the page is looked at, and at once when `now` of what is returned is called; one at a time.
 * Where the daemon is gone it is tried again; any other failure is told to `failed`.
 */
export function poll(seconds, signal, act, failed) {
  let running = false, again = false, timer;
  async function run() {
    clearTimeout(timer);
    if (signal.aborted) return;
    if (running) { again = true; return; }
    running = true;
    try {
      if (!document.hidden) await act();
    } catch (e) {
      if (!signal.aborted && !(e instanceof Gone)) failed(e);
    }
    running = false;
    if (signal.aborted) return;
    if (again) { again = false; run(); return; }
    timer = setTimeout(run, seconds * 1000);
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  document.addEventListener("visibilitychange", () => document.hidden || run(), { signal });
  run();
  return { now: run };
}
