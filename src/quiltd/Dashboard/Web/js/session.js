// The token lives as long as this tab: in no cookie, which other pages could make the browser send, and in no URL for longer than a moment.

const key = "quilt-token";

/** A link that 'quilt dashboard' printed has it in its fragment, which no server sees; it is taken out of the address and the history at once. */
export function takeFromAddress() {
  const given = /^#token=([\w-]+)$/.exec(location.hash);
  if (!given) return;
  sessionStorage.setItem(key, given[1]);
  history.replaceState(null, "", location.pathname + "#/containers");
}

export const token = () => sessionStorage.getItem(key);
export const setToken = text => sessionStorage.setItem(key, text.trim());
export const forget = () => sessionStorage.removeItem(key);
