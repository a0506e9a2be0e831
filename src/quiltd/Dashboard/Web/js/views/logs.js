import { follow } from "../api.js";
import { el, show } from "../dom.js";
import { clock } from "../format.js";
import { trouble } from "../table.js";

const mostLines = 5000, beginWith = 1000;

/** The log as it grows. The end is kept in sight for as long as it is. */
export function open(root, { id, signal }) {
  const failed = el("div"), lines = el("div", { class: "log", tabindex: "0", role: "log", "aria-label": "Log" });
  const find = el("input", { type: "search", placeholder: "Lines with", "aria-label": "Lines with", oninput: () => { for (const line of lines.children) line.hidden = !matches(line); } });
  const times = el("input", { type: "checkbox", checked: true, onchange: () => { for (const time of lines.querySelectorAll("time")) time.hidden = !times.checked; } });
  show(root, el("div", { class: "bar" }, find, el("label", {}, times, "Times"), el("span", { class: "dim" }, `From the last ${beginWith} lines on.`)), failed, lines);

  const matches = line => line.textContent.toLowerCase().includes(find.value.toLowerCase());
  let waiting = [];

  function draw() {
    const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
    const fresh = waiting.slice(-mostLines).map(({ time, stream, text }) => {
      const line = el("div", { class: { stderr: "stderr", notice: "notice-line" }[stream] }, el("time", { datetime: time, hidden: !times.checked }, clock(time)), text.replace(/\n$/, ""));
      line.hidden = !matches(line);
      return line;
    });
    waiting = [];
    lines.append(...fresh);
    while (lines.childElementCount > mostLines) lines.firstChild.remove();
    if (atEnd) lines.scrollTop = lines.scrollHeight;
  }

  // A container may write faster than a page can show: lines are drawn once a frame.
  follow(`/v1/containers/${encodeURIComponent(id)}/logs?follow=true&tail=${beginWith}`, signal, event => {
    if (waiting.push(event.data) === 1) requestAnimationFrame(draw);
  }).catch(e => trouble(failed, e));
}
