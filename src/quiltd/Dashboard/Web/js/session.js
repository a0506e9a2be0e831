// The token lives as long as this tab: in no cookie, which other pages could make the browser send, and in no URL.

const key = "quilt-token";

/**
 * A link that 'quilt dashboard' printed has a code in its fragment, which no server sees; it is taken out of the address and the history at once.
 * It is no token: it is exchanged for one, once.
 */
export function takeFromAddress() {
  const given = /^#code=([\w-]+)$/.exec(location.hash);
  if (!given) return undefined;
  history.replaceState(null, "", location.pathname + "#/containers");
  return given[1];
}

export const token = () => sessionStorage.getItem(key);
export const setToken = text => sessionStorage.setItem(key, text.trim());
export const forget = () => sessionStorage.removeItem(key);
