import { call } from "../api.js";
import { el, show } from "../dom.js";
import { ago, feeling, short } from "../format.js";
import { poll } from "../poll.js";
import { table, trouble } from "../table.js";

const columns = [
  { title: "Name", cell: l => l.name ?? el("span", { class: "dim" }, "–"), kind: "text" },
  { title: "State", cell: l => el("span", { class: feeling(l.state) }, l.state) },
  { title: "Agent", cell: l => l.agent || "operator", kind: "text" },
  { title: "Containers", cell: l => l.containers, kind: "number" },
  { title: "Begun", cell: l => ago(l.createdAt), kind: "nowrap" },
  { title: "Ends", cell: l => (l.endsAt ? ago(l.endsAt) : "when it is told to"), kind: "nowrap" },
  { title: "Id", cell: l => short(l.id), kind: "dim wide" },
];
const origin = { title: "Of", cell: l => `a ${l.origin}`, kind: "wide" };
const session = { title: "Session", cell: l => (l.session ? short(l.session) : el("span", { class: "dim" }, "standing")), kind: "wide" };

export function open(root, { live, signal }) {
  const sessions = table([...columns, origin], { key: l => l.id, empty: "No session is open: what agents make then belongs to their standing one.", label: "Sessions" });
  const tasks = table([...columns, session], { key: l => l.id, empty: "No task is open.", label: "Tasks" });
  const failed = el("div");
  show(root, el("h1", {}, "Sessions and tasks"), failed, el("h2", {}, "Sessions"), sessions.node, el("h2", {}, "Tasks"), tasks.node);
  const list = poll(10, signal, async () => {
    const [s, t] = await Promise.all([call("listSessions", {}, signal), call("listTasks", {}, signal)]);
    sessions.fill(s.sessions);
    tasks.fill(t.tasks);
    show(failed);
  }, e => trouble(failed, e));
  live.addEventListener("happened", list.soon, { signal });
}
