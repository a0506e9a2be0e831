import { el, morph, show } from "./dom.js";

/**
 * A table whose rows are brought up to date in place.
 * @param columns [{ title, cell: item => child or children, kind: class of the cell }]
 */
export function table(columns, { empty, label }) {
  const body = el("tbody");
  const whole = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el("table", {}, el("thead", {}, el("tr", {}, columns.map(c => el("th", { class: c.kind, scope: "col" }, c.title)))), body));
  return {
    node: whole,
    fill(items) {
      const fresh = el("tbody", {}, items.length === 0
        ? el("tr", {}, el("td", { colspan: columns.length, class: "empty" }, empty))
        : items.map(item => el("tr", {}, columns.map(c => el("td", { class: c.kind }, c.cell(item))))));
      morph(body, fresh);
    },
  };
}

/** Says in a view what went wrong, with the daemon's own advice. */
export function trouble(place, failure) {
  show(place, el("p", { class: "notice error", role: "alert" }, failure.message, failure.remedy && el("span", { class: "dim" }, ` – ${failure.remedy}`)));
}
