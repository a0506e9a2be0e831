import { terminalUrl } from "../api.js";
import { el, show } from "../dom.js";
import { token } from "../session.js";
import { trouble } from "../table.js";
import { words } from "../words.js";

const usualCommand = "sh";

/** A command with a terminal in the container. It ends with the view. */
export function open(root, { id, signal }) {
  const command = el("input", { id: "command", value: usualCommand, spellcheck: "false", autocomplete: "off" });
  const failed = el("div"), said = el("span", { class: "dim", role: "status" }), screen = el("div", { class: "screen" });
  const form = el("form", { class: "bar", onsubmit: e => { e.preventDefault(); run(); } },
    el("label", { for: "command" }, "Command"), command, el("button", { type: "submit" }, "Run"), said);
  show(root, form, failed, screen);
  let present;
  signal.addEventListener("abort", () => present?.abort());

  async function run() {
    present?.abort();
    present = new AbortController();
    show(failed);
    show(screen);
    show(said, "connecting");
    const tell = { said: text => show(said, text), failed: e => trouble(failed, e) };
    const given = words(command.value);
    if (given) return session(screen, id, given, present.signal, tell);
    tell.said("");
    tell.failed({ message: "a quote is not closed, or nothing follows the last backslash", field: "command", remedy: "quote as in a shell: sh -c 'echo one; echo two'" });
  }
}

async function session(screen, id, command, signal, tell) {
  const { terminal, fit } = await emulator();
  if (signal.aborted) return;
  terminal.open(screen);
  fit.fit();
  const socket = new WebSocket(terminalUrl(id));
  socket.binaryType = "arraybuffer";
  const text = new TextEncoder(), window_ = () => ({ columns: terminal.cols, rows: terminal.rows });
  const when = act => (...args) => socket.readyState === WebSocket.OPEN && act(...args);
  socket.onopen = () => socket.send(JSON.stringify({ token: token(), command, ...window_() }));
  terminal.onData(when(typed => inParts(text.encode(typed), part => socket.send(part))));
  terminal.onBinary(when(typed => socket.send(Uint8Array.from(typed, c => c.charCodeAt(0)))));
  terminal.onResize(when(() => socket.send(JSON.stringify(window_()))));
  const sizes = new ResizeObserver(() => fit.fit());
  sizes.observe(screen);

  let ended = false;
  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) return terminal.write(new Uint8Array(data));
    const told = JSON.parse(data);
    if (told.started) {
      tell.said("running");
      terminal.focus();
    } else {
      ended = true;
      if (told.error) tell.failed(told.error);
      tell.said(told.error ? "" : `ended with ${told.exitCode}`);
    }
  };
  socket.onclose = () => { if (!ended && !signal.aborted) tell.said("the connection is lost, and the command with it"); };
  signal.addEventListener("abort", () => {
    sizes.disconnect();
    socket.close();
    terminal.dispose();
  });
}

const largestPart = 32 * 1024;

/** What is pasted may be longer than the daemon takes in one message. */
function inParts(bytes, send) {
  for (let at = 0; at < bytes.length; at += largestPart) send(bytes.subarray(at, at + largestPart));
}

async function emulator() {
  const [{ Terminal }, { FitAddon }] = await Promise.all([import("/vendor/xterm/xterm.mjs"), import("/vendor/xterm/addon-fit.mjs"), styled ??= style()]);
  const terminal = new Terminal({ cursorBlink: true, fontSize: 13, fontFamily: 'ui-monospace, "DejaVu Sans Mono", monospace', scrollback: 5000, theme: { background: "#101214" } });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  return { terminal, fit };
}

let styled;

/** xterm makes style sheets at run time too, which the page's policy only takes with its nonce. */
function style() {
  const { nonce } = document.querySelector("link[nonce]");
  document.createElement = function (name, options) {
    const made = Document.prototype.createElement.call(this, name, options);
    if (made instanceof HTMLStyleElement) made.nonce = nonce;
    return made;
  };
  return new Promise(done => document.head.append(el("link", { rel: "stylesheet", href: "/vendor/xterm/xterm.css", onload: done, onerror: done })));
}
