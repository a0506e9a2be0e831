import { Gone } from "./api.js";

const least = 1000;

/**
 * Does `act` now, every `seconds` while the page is looked at, and at once when `now` of what is returned is called; one at a time. `soon` is for
 * what may come in crowds, as events do: a second after the last time at the earliest.
 * Where the daemon is gone it is tried again; any other failure is told to `failed`.
 */
export function poll(seconds, signal, act, failed) {
  let running = false, again = false, timer, began;
  async function run() {
    clearTimeout(timer);
    if (signal.aborted) return;
    if (running) { again = true; return; }
    running = true;
    began = performance.now();
    try {
      if (!document.hidden) await act();
    } catch (e) {
      if (!signal.aborted && !(e instanceof Gone)) failed(e);
    }
    running = false;
    if (signal.aborted) return;
    if (again) soon();
    else timer = setTimeout(run, seconds * 1000);
    again = false;
  }
  function soon() {
    if (running) { again = true; return; }
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(0, began + least - performance.now()));
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  document.addEventListener("visibilitychange", () => document.hidden || run(), { signal });
  run();
  return { now: run, soon };
}
