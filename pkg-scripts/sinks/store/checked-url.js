import { PetitError } from '../../driver/errors.js';

/** @param {string} host */
export const isLoopback = (host) =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

/**
 * The base URL of a store, without a slash at its end. The messages omit the address, which can contain a password.
 * @param {string} name of the setting, for messages
 * @param {string} address
 * @param {boolean} allowHttp
 */
export function checkedUrl(name, address, allowHttp) {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isHttp = url?.protocol === 'http:';
  const isPlain = url && !(url.username || url.password || url.search || url.hash);
  if (!isPlain || !(isHttp || url.protocol === 'https:'))
    throw new PetitError('bad_endpoint', `${name} is not the URL of a store`, {
      hint: 'Use the base URL of a store, such as https://store.example.com.',
    });
  if (isHttp && !allowHttp && !isLoopback(url.hostname))
    throw new PetitError('insecure_endpoint', `${name} has no encryption: others can read the rows`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
