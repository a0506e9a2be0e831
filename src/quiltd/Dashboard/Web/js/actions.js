import { call } from "./api.js";
import { el, show } from "./dom.js";

// What may be done to a container in which states. 'Kill' is a stop that waits for nothing.
const all = [
  { title: "Start", tool: "startContainer", states: ["created", "exited"] },
  { title: "Stop", tool: "stopContainer", states: ["running", "paused"], asks: "It is asked to end, and killed if it does not. Its files and log stay." },
  { title: "Kill", tool: "stopContainer", args: { timeout: 0 }, states: ["running", "paused", "stopping"], asks: "It is killed at once. Its files and log stay.", danger: true },
  { title: "Pause", tool: "pauseContainer", states: ["running"] },
  { title: "Go on", tool: "unpauseContainer", states: ["paused"] },
  { title: "Remove", tool: "removeContainer", args: { force: true }, states: ["created", "running", "paused", "exited"], asks: "It is gone for good, with its files and log.", danger: true },
];

/** Buttons for a container; `of` says which it is and so which of them can be pressed. */
export function actions(id, done, failed) {
  let name = "", state = "";
  const buttons = all.map(action => el("button", { type: "button", class: action.danger && "danger", disabled: true, onclick: () => act(action) }, action.title));
  const refresh = () => buttons.forEach((button, i) => { button.disabled = !all[i].states.includes(state); });

  async function act(action) {
    if (action.asks && !await confirmed(`${action.title} ${name}?`, action.asks, action.title)) return;
    buttons.forEach(button => { button.disabled = true; });
    try {
      await call(action.tool, { container: id, ...action.args });
    } catch (e) {
      failed(e);
    }
    refresh();
    done();
  }

  return {
    node: el("div", { class: "bar", role: "group", "aria-label": "Actions" }, buttons),
    of(container) {
      [name, state] = [container?.name ?? "", container?.state ?? ""];
      refresh();
    },
  };
}

function confirmed(question, consequence, verb) {
  return new Promise(decided => {
    const dialog = el("dialog", { "aria-label": question, onclose: () => { decided(dialog.returnValue === "yes"); dialog.remove(); } });
    const end = answer => () => dialog.close(answer);
    show(dialog, el("h1", {}, question), el("p", {}, consequence), el("div", { class: "bar" },
      el("button", { type: "button", onclick: end("no"), autofocus: true }, "Leave it"), el("button", { type: "button", class: "danger", onclick: end("yes") }, verb)));
    document.body.append(dialog);
    dialog.showModal();
  });
}
