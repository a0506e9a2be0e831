import { call, connection, exchange } from "./api.js";
import { el, show } from "./dom.js";
import { Live } from "./live.js";
import { forget, setToken, takeFromAddress, token } from "./session.js";
import * as audit from "./views/audit.js";
import * as container from "./views/container.js";
import * as containers from "./views/containers.js";
import * as images from "./views/images.js";
import * as sessions from "./views/sessions.js";
import * as topology from "./views/topology.js";

const views = { containers, topology, images, sessions, audit };
const titles = { containers: "Containers", topology: "Topology", images: "Images", sessions: "Sessions and tasks", audit: "Audit" };
const main = document.getElementById("main"), nav = document.getElementById("nav"), who = document.getElementById("who"), leave = document.getElementById("leave");

let entered, view;

function enter() {
  entered = new AbortController();
  const live = new Live();
  live.start(entered.signal);
  show(nav, Object.entries(titles).map(([name, title]) => el("a", { href: `#/${name}` }, title)));
  nav.hidden = leave.hidden = false;
  call("getSystemMetrics", {}, entered.signal).then(m => show(who, `as ${m.agent.name}`), () => show(who));
  entered.live = live;
  route();
}

/** Whoever was here before is not any more. */
async function enterBy(code) {
  close();
  try {
    setToken(await exchange(code));
  } catch (e) {
    return ask(told(e));
  }
  enter();
}

function exit(message = undefined) {
  close();
  ask(message);
}

function close() {
  entered?.abort();
  view?.abort();
  entered = view = undefined;
  forget();
  nav.hidden = leave.hidden = true;
  show(who);
  show(main);
}

const told = e => `${e.message}${e.remedy ? `: ${e.remedy}` : ""}`;

/** Wants a token. */
function ask(message) {
  document.title = "Quilt";
  const input = el("input", { id: "token", type: "password", autocomplete: "off", spellcheck: "false", required: true });
  show(main, el("form", {
    class: "panel form",
    onsubmit: e => {
      e.preventDefault();
      setToken(input.value);
      enter();
    },
  },
  el("h1", {}, "Quilt"),
  message && el("p", { class: "notice error", role: "alert" }, message),
  el("label", { for: "token" }, "Token"), input,
  el("button", { type: "submit" }, "Enter"),
  el("p", { class: "dim" }, "On the host, ", el("code", {}, "quilt dashboard"), " prints a link that needs none. An agent's own token shows what that agent may see.")));
  input.focus();
}

function route() {
  if (!entered) return;
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decoded);
  const chosen = Object.hasOwn(views, name) ? name : "containers";
  const shown = chosen === "containers" && rest[0] ? container : views[chosen];
  view?.abort();
  view = new AbortController();
  document.title = `${titles[chosen]} – Quilt`;
  for (const link of nav.children) {
    if (link.hash === `#/${chosen}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const root = el("section", {});
  show(main, root);
  shown.open(root, { live: entered.live, signal: view.signal, rest });
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // typed by hand
  }
}

connection.addEventListener("state", e => {
  const text = e.detail === "gone" ? "quiltd does not answer. Trying again; what is shown may be old." : "";
  const place = document.getElementById("connection");
  if (place.textContent !== text) show(place, text);
});
connection.addEventListener("unknown", e => entered && exit(told(e.detail)));
leave.addEventListener("click", () => exit());
window.addEventListener("hashchange", () => {
  const code = takeFromAddress();
  if (code) enterBy(code);
  else if (location.hash !== "#main") route();
});

const given = takeFromAddress();
if (given) enterBy(given);
else if (token()) enter();
else ask();
