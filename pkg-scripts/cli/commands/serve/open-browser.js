import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import open from 'open';

/**
 * Opens the address in the user's browser. Other users can see the arguments of a program, and could use the secret in the
 * address first. So the browser gets the path of a file that only this user can read, which leads to the address.
 * @param {string} url
 * @param {() => void} onError called if no browser could be opened
 * @returns {Promise<() => Promise<void>>} removes the file
 */
export async function openBrowser(url, onError) {
  const launch = async (/** @type {string} */ target) => (await open(target)).once('error', onError);
  if (hidesArguments()) {
    await launch(url).catch(onError);
    return async () => {};
  }
  // Only this user may enter this folder.
  const folder = await mkdtemp(join(tmpdir(), 'petit-serve-'));
  const file = join(folder, 'open.html');
  await writeFile(file, launcher(url), { mode: 0o600, flag: 'wx' });
  await launch(file).catch(onError);
  return () => rm(folder, { recursive: true, force: true });
}

/** Whether other users cannot see the arguments; under WSL the browser also cannot open a file by its path. */
const hidesArguments = () => process.platform === 'win32' || /microsoft/i.test(release());

/** @param {string} url */
const launcher = (url) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}">
<title>petit</title>
<p><a href="${url}">Open petit</a></p>
</html>
`;
