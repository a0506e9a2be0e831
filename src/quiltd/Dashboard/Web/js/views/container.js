import { call, Refusal } from "../api.js";
import { actions } from "../actions.js";
import { el, morph, show, svg } from "../dom.js";
import { ago, bytes, feeling, percent } from "../format.js";
import { kept } from "../live.js";
import { poll } from "../poll.js";
import { trouble } from "../table.js";
import * as logs from "./logs.js";
import * as terminal from "./terminal.js";

const tabs = { overview: "Overview", logs: "Logs", terminal: "Terminal" };

export function open(root, { live, signal, rest: [id, chosen] }) {
  const tab = chosen !== undefined && Object.hasOwn(tabs, chosen) ? chosen : "overview";
  const title = el("span", {}, ""), state = el("span", {}), failed = el("div"), body = el("div", { id: "tab", role: "tabpanel", "aria-label": tabs[tab] });
  const buttons = actions(id, () => status.now(), e => trouble(failed, e));
  show(root,
    el("p", {}, el("a", { href: "#/containers" }, "← Containers")),
    el("div", { class: "bar" }, el("h1", { class: "grow" }, title, " ", state), buttons.node), failed,
    el("div", { role: "tablist", "aria-label": "Of this container", onkeydown: arrows }, Object.entries(tabs).map(([name, text]) => el("button", {
      type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "tab", "aria-selected": String(name === tab), tabindex: name === tab ? 0 : -1,
      onclick: () => { location.hash = `#/containers/${id}/${name}`; },
    }, text))), body);
  if (tab === "logs") logs.open(body, { id, signal });
  if (tab === "terminal") terminal.open(body, { id, signal });

  const status = poll(10, signal, async () => {
    try {
      const now = await call("getContainerStatus", { container: id }, signal);
      show(title, now.container.name);
      show(state, el("span", { class: feeling(now.container.state) }, now.container.state));
      buttons.of(now.container);
      if (tab === "overview") overview(body, now, live);
    } catch (e) {
      if (!(e instanceof Refusal) || e.code !== "not_found") throw e;
      buttons.of(undefined);
      show(state, el("span", { class: "dim" }, "removed"));
    }
  }, e => trouble(failed, e));
  live.addEventListener("happened", e => e.detail.container === id && status.soon(), { signal });
  if (tab === "overview") live.addEventListener("usage", () => tilesOf(body, id, live), { signal });
}

function arrows(e) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
  if (!step) return;
  const all = [...e.currentTarget.children];
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
}

function overview(body, status, live) {
  const c = status.container;
  const fields = [
    ["Id", c.id], ["Image", `${c.image} (${status.imageDigest})`], ["Command", status.command.join(" ") || "it idles"],
    ["User", status.user], ["Working folder", status.workingDir], ["Host name", status.hostname],
    ["Created", ago(c.createdAt)], ["Started", status.startedAt && ago(status.startedAt)], ["Ended", status.exitedAt && `${ago(status.exitedAt)} with ${c.exitCode}${status.exitSignal ? ` (${status.exitSignal})` : ""}${status.oomKilled ? ", out of memory" : ""}`],
    ["Lives as", c.strategy], ["Expires", c.expiresAt && ago(c.expiresAt)], ["Agent", c.agent || "operator"], ["Session", c.session], ["Tasks", c.tasks?.join(", ")],
    ["Health", c.health], ["Labels", Object.entries(c.labels).map(([n, v]) => `${n}=${v}`).join(", ")],
    ["Environment", status.envNames.join(", ")], ["Capabilities", status.capabilities.join(", ")],
    ["Mounts", status.mounts.map(m => `${m.path} (${m.type}${m.readOnly ? ", read only" : ""})`).join(", ")], ["Listens on", status.exposedPorts.join(", ")],
  ].filter(([, value]) => value);
  const fresh = el("div", {},
    el("div", { class: "tiles" }, tiles(c.id, live)),
    el("dl", { class: "panel" }, fields.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    el("h2", {}, "What happened last"),
    el("div", { class: "panel" }, status.lastEvents.map(e => el("div", {}, el("span", { class: "dim" }, `${ago(e.time)} `), e.type)).reverse()));
  if (body.firstChild) morph(body.firstChild, fresh);
  else show(body, fresh);
}

function tilesOf(body, id, live) {
  const place = body.querySelector(".tiles");
  if (place) morph(place, el("div", { class: "tiles" }, tiles(id, live)));
}

function tiles(id, live) {
  const past = live.history.get(id) ?? [], now = past.at(-1);
  if (!now) return [];
  return [
    tile("CPU", percent(now.cpuPercent), past.map(u => u.cpuPercent), 100),
    tile("Memory", `${bytes(now.memory)}${now.memoryLimit ? ` of ${bytes(now.memoryLimit)}` : ""}`, past.map(u => u.memory), 0),
    tile("Processes", `${now.pids}${now.pidsLimit ? ` of ${now.pidsLimit}` : ""}`, past.map(u => u.pids), 0),
    tile("Network in / out", `${bytes(now.networkReceived)} / ${bytes(now.networkSent)}`, past.map(u => u.networkReceived + u.networkSent), 0),
  ];
}

function tile(name, value, line, least) {
  return el("div", { class: "panel tile" }, el("span", { class: "dim" }, name), el("b", {}, value), spark(line, least));
}

function spark(line, least) {
  const most = Math.max(least, ...line, 1e-9);
  const points = line.map((v, i) => `${(100 - (line.length - 1 - i) / (kept - 1) * 100).toFixed(1)},${(26 - v / most * 24).toFixed(1)}`).join(" ");
  return svg("svg", { viewBox: "0 0 100 28", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("polyline", { points }));
}
