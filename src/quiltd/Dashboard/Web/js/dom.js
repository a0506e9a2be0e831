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

/** Makes `before` like `after` with as few changes as it takes: focus, selection and scrolling stay. Listeners are not carried over. */
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
  const old = [...before.childNodes], fresh = [...after.childNodes];
  fresh.forEach((child, i) => (i < old.length ? morph(old[i], child) : before.append(child)));
  old.slice(fresh.length).forEach(child => child.remove());
}

/** Puts one new child in the place of all. */
export function show(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}
