import { follow } from "./api.js";

/** How many readings of each container are remembered, for curves. */
export const kept = 60;

/** What happens and what is used, by two streams for the whole page: views are told, and ask for nothing of it themselves. */
export class Live extends EventTarget {
  usage = new Map();
  history = new Map();

  start(signal) {
    // What is not in the grant is not followed: views look by themselves too, only more rarely.
    follow("/v1/events?follow=true&cursor=newest", signal, event => this.dispatchEvent(new CustomEvent("happened", { detail: event.data }))).catch(() => {});
    follow("/v1/usage?follow=true&interval=2s", signal, event => this.#take(event.data.containers)).catch(() => {});
  }

  #take(containers) {
    this.usage = new Map(containers.map(c => [c.container, c]));
    for (const used of containers) {
      const past = this.history.get(used.container) ?? [];
      this.history.set(used.container, [...past, used].slice(-kept));
    }
    for (const id of this.history.keys()) if (!this.usage.has(id)) this.history.delete(id);
    this.dispatchEvent(new Event("usage"));
  }
}
