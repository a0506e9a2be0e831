import { call } from "../api.js";
import { el, show, svg } from "../dom.js";
import { bytes, feeling } from "../format.js";
import { layout, size } from "../graph.js";
import { poll } from "../poll.js";
import { table, trouble } from "../table.js";

export function open(root, { live, signal }) {
  const failed = el("div"), drawing = el("div", { class: "panel drawing", tabindex: "0", role: "region", "aria-label": "Drawing" }), note = el("p", { class: "dim" });
  const edges = table([
    { title: "From", cell: e => e.connection.fromName },
    { title: "To", cell: e => `${e.connection.toName}:${e.connection.port}/${e.connection.protocol}`, kind: "text" },
    { title: "Packets", cell: e => e.packets, kind: "number" },
    { title: "Bytes", cell: e => bytes(e.bytes), kind: "number" },
  ], { key: e => e.connection.id, empty: "No container may reach anything.", label: "Connections" });
  show(root, el("h1", {}, "Topology"), failed, drawing, note, el("h2", {}, "Connections"), edges.node);
  let drawn = "";
  const look = poll(5, signal, async () => {
    const told = await call("getNetworkTopology", {}, signal);
    edges.fill(told.edges);
    const graph = graphOf(told), text = JSON.stringify(graph);
    if (text !== drawn) {
      drawn = text;
      show(drawing, graph.nodes.length === 0 ? el("p", { class: "empty" }, "No container is connected to anything. What is not drawn cannot be reached.") : draw(graph));
    }
    show(note, graph.alone > 0 ? `${graph.alone} more with nothing but their loopback.` : "");
    show(failed);
  }, e => trouble(failed, e));
  live.addEventListener("happened", look.soon, { signal });
}

/** Containers that are joined with something, networks, and what is outside. */
function graphOf({ nodes, edges, networks, ports }) {
  const links = [], others = new Map();
  const known = new Map(nodes.map(n => [n.id, n]));
  for (const { connection: c } of edges) {
    if (!known.has(c.to)) others.set(c.to, { id: c.to, title: c.toName, sub: c.to.startsWith("network:") ? "network" : "outside", kind: c.to.startsWith("network:") ? "network" : "outside" });
    links.push({ from: c.from, to: c.to, label: `${c.port}/${c.protocol}` });
  }
  for (const network of networks) {
    const id = `network:${network.id}`;
    others.set(id, { id, title: network.name, sub: `network, ${network.policy}`, kind: "network" });
    for (const member of network.members) links.push({ from: member.container, to: id, label: "", member: true });
  }
  for (const port of ports) {
    const id = `port:${port.hostAddress}`;
    others.set(id, { id, title: port.hostAddress, sub: "port of the host", kind: "outside" });
    links.push({ from: id, to: port.container, label: `${port.port}/${port.protocol}` });
  }
  const joined = new Set(links.flatMap(l => [l.from, l.to]));
  const containers = nodes.filter(n => joined.has(n.id)).map(n => ({ id: n.id, title: n.name, sub: `${n.state}${n.address ? ` · ${n.address}` : ""}`, kind: n.state, link: `#/containers/${n.id}` }));
  return { nodes: [...containers, ...others.values()], links: merge(links), alone: nodes.length - containers.length };
}

/** One line for all ports between the same two. */
function merge(links) {
  const found = new Map();
  for (const link of links) {
    const key = `${link.from} ${link.to} ${link.member ?? ""}`, before = found.get(key);
    if (before) before.label += `, ${link.label}`;
    else found.set(key, { ...link });
  }
  return [...found.values()];
}

function draw({ nodes, links }) {
  const { places, width, height } = layout(nodes, links);
  return svg("svg", { class: "graph", viewBox: `0 0 ${width} ${height}`, style: `min-width:${width * 0.75}px;max-width:${width * 1.4}px`, role: "img", "aria-label": `${nodes.length} nodes, ${links.length} connections; the table below says the same` },
    svg("defs", {}, svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto-start-reverse" }, svg("path", { d: "M0 0L8 4L0 8z" }))),
    links.filter(l => places.has(l.from) && places.has(l.to)).map(l => line(places.get(l.from), places.get(l.to), l)),
    nodes.map(n => box(places.get(n.id), n)));
}

function line(from, to, { label, member }) {
  const forward = to.x > from.x;
  const a = { x: from.x + (forward ? size.width : 0), y: from.y + size.height / 2 }, b = { x: to.x + (forward ? 0 : size.width), y: to.y + size.height / 2 };
  const bend = forward ? Math.max(40, (b.x - a.x) / 2) : -60;
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 - 5 };
  return [
    svg("path", { class: member && "member", d: `M${a.x} ${a.y}C${a.x + bend} ${a.y} ${b.x - bend} ${b.y} ${b.x} ${b.y}`, "marker-end": member ? undefined : "url(#arrow)" }),
    label && svg("text", { class: "label", x: middle.x, y: middle.y, "text-anchor": "middle" }, label),
  ];
}

const longestTitle = 22;

function box({ x, y }, { title, sub, kind, link }) {
  const cut = title.length > longestTitle ? `${title.slice(0, longestTitle - 1)}…` : title;
  const drawn = svg("g", { class: kind, transform: `translate(${x} ${y})` },
    svg("title", {}, title),
    svg("rect", { width: size.width, height: size.height, rx: 7 }),
    svg("text", { x: 10, y: 20 }, cut), svg("text", { class: `sub ${feeling(kind)}`, x: 10, y: 36 }, sub));
  return link ? svg("a", { href: link }, drawn) : drawn;
}
