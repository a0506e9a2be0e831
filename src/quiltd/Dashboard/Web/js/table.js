import { el, morph, show } from "./dom.js";

/** How many rows are shown until more are asked for: a browser lays out some hundreds in no time, and thousands in seconds. */
const page = 200;

/**
 * A table whose rows are brought up to date in place: who has the keyboard in one keeps it, whatever comes and goes around it.
 * @param columns [{ title, cell: item => child or children, kind: class of the cell }]
 * @param key item => what it is known by, from one filling to the next
 */
export function table(columns, { key, empty, label }) {
  let all = [], most = page;
  const body = el("tbody");
  const whole = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    el("table", {}, el("thead", {}, el("tr", {}, columns.map(c => el("th", { class: c.kind, scope: "col" }, c.title)))), body));
  const rest = el("span", { class: "dim" });
  const more = el("p", { class: "bar", hidden: true }, el("button", { type: "button", onclick: () => { most += page; draw(); } }, "Show more"), rest);

  function draw() {
    morph(body, el("tbody", {}, all.length === 0
      ? el("tr", {}, el("td", { colspan: columns.length, class: "empty" }, empty))
      : all.slice(0, most).map(item => el("tr", { "data-key": key(item) }, columns.map(c => el("td", { class: c.kind }, c.cell(item)))))));
    const complete = all.length <= most;
    if (complete && more.contains(document.activeElement)) whole.focus(); // else nobody would have the keyboard
    more.hidden = complete;
    show(rest, `${Math.min(most, all.length)} of ${all.length} are shown`);
  }

  return {
    node: el("div", {}, whole, more),
    fill(items) {
      all = items;
      draw();
    },
  };
}

/** Says in a view what went wrong, with the daemon's own advice. */
export function trouble(place, failure) {
  show(place, el("p", { class: "notice error", role: "alert" }, failure.message, failure.remedy && el("span", { class: "dim" }, ` – ${failure.remedy}`)));
}
