import { call } from "../api.js";
import { el, show } from "../dom.js";
import { ago, bytes, feeling, percent, short } from "../format.js";
import { poll } from "../poll.js";
import { table, trouble } from "../table.js";

export const allContainers = async signal => {
  const found = [];
  let cursor;
  do {
    const page = await call("listContainers", { limit: 1000, ...(cursor && { cursor }) }, signal);
    found.push(...page.containers);
    cursor = page.cursor;
  } while (cursor);
  return found;
};

const labels = container => Object.entries(container.labels).map(([name, value]) => (value ? `${name}=${value}` : name)).join(", ");

export function open(root, { live, signal }) {
  let found = [];
  const used = (container, write) => { const usage = live.usage.get(container.id); return usage ? write(usage) : el("span", { class: "dim" }, "–"); };
  const rows = table([
    { title: "Name", cell: c => el("a", { href: `#/containers/${c.id}` }, c.name) },
    { title: "State", cell: c => [el("span", { class: feeling(c.state) }, c.state), c.exitCode !== undefined && ` (${c.exitCode})`, c.health && [" · ", el("span", { class: feeling(c.health) }, c.health)]], kind: "nowrap" },
    { title: "CPU", cell: c => used(c, u => percent(u.cpuPercent)), kind: "number" },
    { title: "Memory", cell: c => used(c, u => bytes(u.memory)), kind: "number" },
    { title: "Processes", cell: c => used(c, u => u.pids), kind: "number wide" },
    { title: "Image", cell: c => c.image, kind: "text" },
    { title: "Lives as", cell: c => c.strategy, kind: "wide" },
    { title: "Labels", cell: labels, kind: "text wide" },
    { title: "Created", cell: c => ago(c.createdAt), kind: "nowrap wide" },
    { title: "Id", cell: c => short(c.id), kind: "dim wide" },
  ], { key: c => c.id, empty: "There is no container. Agents make them, or: quilt run -d", label: "Containers" });
  const find = el("input", { type: "search", placeholder: "Name, image, label", "aria-label": "Find containers", oninput: draw });
  const state = el("select", { "aria-label": "State", onchange: draw }, el("option", { value: "" }, "Any state"), ["running", "paused", "created", "exited"].map(s => el("option", {}, s)));
  const count = el("span", { class: "dim" }), failed = el("div");
  show(root, el("h1", {}, "Containers"), el("div", { class: "bar" }, find, state, count), failed, rows.node);

  function draw() {
    const wanted = find.value.toLowerCase();
    const shown = found.filter(c => (!state.value || c.state === state.value) && `${c.name} ${c.image} ${labels(c)} ${c.id}`.toLowerCase().includes(wanted));
    rows.fill(shown);
    show(count, `${shown.length} of ${found.length}, ${found.filter(c => c.state === "running").length} running`);
  }

  const list = poll(15, signal, async () => {
    found = (await allContainers(signal)).reverse(); // the newest first
    show(failed);
    draw();
  }, e => trouble(failed, e));
  live.addEventListener("happened", list.soon, { signal });
  live.addEventListener("usage", draw, { signal });
}
