import { call } from "../api.js";
import { el, show } from "../dom.js";
import { clock, feeling } from "../format.js";
import { poll } from "../poll.js";
import { table, trouble } from "../table.js";

const mostEntries = 500, page = 200;

/** The newest first; what is only looked at, as by this page itself, is left out unless it is asked for. */
export function open(root, { signal }) {
  let entries = [], cursor, generation = 0;
  const rows = table([
    { title: "Time", cell: e => el("span", { title: e.time }, clock(e.time)), kind: "nowrap" },
    { title: "Outcome", cell: e => [el("span", { class: feeling(e.outcome) }, e.outcome), e.code && ` ${e.code}`], kind: "nowrap" },
    { title: "Agent", cell: e => e.agent, kind: "nowrap" },
    { title: "Tool", cell: e => e.tool },
    { title: "Arguments", cell: e => JSON.stringify(e.arguments), kind: "text" },
    { title: "Rule", cell: e => e.rule, kind: "text" },
    { title: "Face", cell: e => e.face, kind: "wide" },
    { title: "ms", cell: e => e.durationMs.toFixed(1), kind: "number wide" },
  ], { key: e => e.cursor, empty: "There is no such call.", label: "Audit" });
  const outcome = el("select", { "aria-label": "Outcome", onchange: anew }, el("option", { value: "" }, "Any outcome"), ["allowed", "denied", "failed"].map(o => el("option", {}, o)));
  const tool = el("input", { type: "search", placeholder: "Tool", "aria-label": "Tool", onchange: anew });
  const watching = el("input", { type: "checkbox", onchange: anew });
  const failed = el("div");
  show(root, el("h1", {}, "Audit"), el("div", { class: "bar" }, outcome, tool, el("label", {}, watching, "What is only looked at")), failed, rows.node);

  function anew() {
    generation++;
    [entries, cursor] = [[], undefined];
    list.now();
  }

  function draw() {
    rows.fill(entries.toReversed());
  }

  const list = poll(3, signal, async () => {
    const asked = generation;
    let answer;
    do {
      answer = await call("getAudit", {
        limit: page, watching: watching.checked, ...(outcome.value && { outcome: outcome.value }), ...(tool.value.trim() && { tool: tool.value.trim() }), ...(cursor !== undefined && { cursor }),
      }, signal);
      if (asked !== generation) return;
      entries = [...entries, ...answer.entries].slice(-mostEntries);
      cursor = answer.cursor;
    } while (answer.entries.length === page);
    show(failed);
    draw();
  }, e => trouble(failed, e));
}
