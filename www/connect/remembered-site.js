// The site that each side used last, for the next visit. Never a key.

const KEY = 'petit.sites';

/**
 * @param {string} side
 * @returns {string | undefined}
 */
export function rememberedSite(side) {
  const site = read()[side];
  return typeof site === 'string' ? site : undefined;
}

/**
 * @param {string} side
 * @param {string} site
 */
export function rememberSite(side, site) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...read(), [side]: site }));
  } catch {
    // Without storage, the next visit starts with the default.
  }
}

/** @returns {Record<string, unknown>} */
function read() {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
