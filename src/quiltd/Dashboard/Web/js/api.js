import { events } from "./sse.js";
import { token } from "./session.js";

/** What the daemon refused: `code` is stable, `message` and `remedy` are for people. */
export class Refusal extends Error {
  constructor(problem) {
    super(problem.message ?? problem.detail ?? "the daemon refused");
    this.code = problem.code;
    this.remedy = problem.remedy;
  }
}

/** The daemon does not answer. */
export class Gone extends Error {}

export const connection = new EventTarget();

function tell(state) {
  connection.dispatchEvent(new CustomEvent("state", { detail: state }));
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: { Authorization: `Bearer ${token()}`, ...options.headers }, cache: "no-store", redirect: "error" });
  } catch (e) {
    if (e.name === "AbortError") throw e;
    tell("gone");
    throw new Gone("the daemon does not answer");
  }
  tell("there");
  if (response.ok) return response;
  const refusal = new Refusal(await response.json().catch(() => ({})));
  if (response.status === 401) connection.dispatchEvent(new CustomEvent("unknown", { detail: refusal }));
  throw refusal;
}

/** Calls a tool, as every face of the daemon has it. */
export async function call(tool, args = {}, signal = undefined) {
  const response = await ask(`/v1/tools/${tool}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(args), signal });
  return response.json();
}

/** The token that a link's code stands for: once, and no longer than a minute after the link was made. */
export async function exchange(code) {
  const response = await ask("/enter", { method: "POST", headers: { Authorization: `Bearer ${code}` } });
  return (await response.json()).token;
}

const retryAfter = 1000;

/**
 * Follows a stream until the signal ends it. Where it breaks off, it goes on after the last event, as soon as the daemon is there again.
 * A page that nobody looks at follows nothing: a browser has six connections to one host, for all its tabs together.
 */
export async function follow(path, signal, take) {
  let last;
  while (!signal.aborted) {
    await untilSeen(signal);
    const hidden = new AbortController();
    const onHide = () => document.hidden && hidden.abort();
    document.addEventListener("visibilitychange", onHide);
    try {
      const response = await ask(path, { headers: last === undefined ? {} : { "Last-Event-ID": last }, signal: AbortSignal.any([signal, hidden.signal]) });
      for await (const event of events(response)) {
        last = event.id ?? last;
        if (event.name === "error") throw new Refusal(event.data);
        take(event);
      }
      return;
    } catch (e) {
      if (signal.aborted) return;
      if (e instanceof Refusal) throw e;
      if (!hidden.signal.aborted) {
        tell("gone");
        await new Promise(done => setTimeout(done, retryAfter));
      }
    } finally {
      document.removeEventListener("visibilitychange", onHide);
    }
  }
}

const untilSeen = signal => new Promise(done => {
  if (!document.hidden || signal.aborted) return done();
  document.addEventListener("visibilitychange", done, { once: true });
  signal.addEventListener("abort", done, { once: true });
});

/** Where a terminal's WebSocket is. */
export const terminalUrl = container => `ws://${location.host}/v1/containers/${encodeURIComponent(container)}/terminal`;
