// A layered drawing (Sugiyama's, in short): each node stands right of all that lead to it, and in its layer near those that it is joined with.

export const size = { width: 170, height: 46, gapX: 130, gapY: 22, margin: 12 };
const sweeps = 6;

/**
 * @param nodes [{ id }]
 * @param edges [{ from, to }]
 * @returns Where each node's upper left corner is, by id, and how large all is.
 */
export function layout(nodes, edges) {
  const ids = new Set(nodes.map(n => n.id)), joined = edges.filter(e => ids.has(e.from) && ids.has(e.to) && e.from !== e.to);
  const layers = byLayer(nodes, layerOf(nodes, joined));
  const near = new Map(nodes.map(n => [n.id, []]));
  for (const { from, to } of joined) {
    near.get(from).push(to);
    near.get(to).push(from);
  }
  for (let sweep = 0; sweep < sweeps; sweep++) order(layers, near, sweep % 2 === 1);

  const tallest = Math.max(1, ...layers.map(l => l.length)), step = size.height + size.gapY, places = new Map();
  layers.forEach((layer, x) => layer.forEach((id, y) => places.set(id, {
    x: size.margin + x * (size.width + size.gapX),
    y: size.margin + (y + (tallest - layer.length) / 2) * step,
  })));
  return {
    places,
    width: 2 * size.margin + layers.length * size.width + Math.max(0, layers.length - 1) * size.gapX,
    height: 2 * size.margin + tallest * step - size.gapY,
  };
}

/** The longest way to each node. An edge that closes a circle is left out of it. */
function layerOf(nodes, edges) {
  const into = new Map(nodes.map(n => [n.id, []])), layer = new Map(), open = new Set();
  for (const { from, to } of edges) into.get(to).push(from);
  function visit(id) {
    if (layer.has(id)) return layer.get(id);
    open.add(id);
    const before = into.get(id).filter(from => !open.has(from)).map(from => visit(from) + 1);
    open.delete(id);
    layer.set(id, Math.max(0, ...before));
    return layer.get(id);
  }
  for (const { id } of nodes) visit(id);
  return layer;
}

function byLayer(nodes, layer) {
  const layers = [];
  for (const { id } of nodes) (layers[layer.get(id)] ??= []).push(id);
  return Array.from(layers, l => l ?? []);
}

/** Each node to the middle of those it is joined with, layer after layer. */
function order(layers, near, backwards) {
  const at = new Map();
  for (const layer of layers) layer.forEach((id, i) => at.set(id, (i + 0.5) / layer.length));
  for (const layer of backwards ? layers.toReversed() : layers) {
    const middle = id => { const all = near.get(id); return all.length === 0 ? at.get(id) : all.reduce((sum, other) => sum + at.get(other), 0) / all.length; };
    const wanted = new Map(layer.map(id => [id, middle(id)]));
    layer.sort((a, b) => wanted.get(a) - wanted.get(b));
    layer.forEach((id, i) => at.set(id, (i + 0.5) / layer.length));
  }
}
