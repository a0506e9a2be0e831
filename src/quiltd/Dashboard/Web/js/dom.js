// Elements are made here and nowhere else: what is given as a child is text, never markup.

const svgNamespace = "http://www.w3.org/2000/svg";

function build(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export const el = (tag, properties, ...children) => build(document.createElement(tag), properties, children);

export const svg = (tag, properties, ...children) => build(document.createElementNS(svgNamespace, tag), properties, children);

/**
 * Makes `before` like `after` with as few changes as it takes: focus, selection and scrolling stay. Listeners are not carried over.
 * A child with a `data-key` becomes the one with the same key, wherever that is; others are matched by their place.
 */
export function morph(before, after) {
  if (before.nodeType !== after.nodeType || before.nodeName !== after.nodeName) {
    before.replaceWith(after);
    return;
  }
  if (before.nodeType === Node.TEXT_NODE) {
    if (before.data !== after.data) before.data = after.data;
    return;
  }
  for (const { name } of [...before.attributes]) if (!after.hasAttribute(name)) before.removeAttribute(name);
  for (const { name, value } of after.attributes) if (before.getAttribute(name) !== value) before.setAttribute(name, value);
  morphChildren(before, [...after.childNodes]);
}

const key = node => node.dataset?.key;

function morphChildren(parent, fresh) {
  const wanted = new Set(fresh.map(key));
  const kept = new Map();
  for (const child of [...parent.childNodes]) {
    if (key(child) === undefined) continue;
    if (wanted.has(key(child))) kept.set(key(child), child);
    else child.remove();
  }
  let place = parent.firstChild;
  for (const child of fresh) {
    const old = key(child) === undefined ? place : kept.get(key(child));
    if (!old || key(old) !== key(child)) { // the second: where there is none, `place` may have one
      parent.insertBefore(child, place);
      continue;
    }
    if (old === place) place = place.nextSibling;
    else parent.insertBefore(old, place);
    morph(old, child);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

/** Puts one new child in the place of all. */
export function show(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}
