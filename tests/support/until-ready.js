/** How long a server may take to start, in milliseconds. */
const START_MS = 60_000;

/** Waits until a server answers. @param {string} url */
export async function untilReady(url) {
  const end = Date.now() + START_MS;
  for (;;) {
    try {
      return await fetch(url);
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
