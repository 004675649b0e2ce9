import { PetitError } from '../../../driver/errors.js';

/**
 * What signs requests.
 * @typedef {object} Credentials
 * @property {string} accessKeyId
 * @property {string} secretAccessKey
 * @property {string} [sessionToken]
 * @property {Date} [expiration]
 *
 * @typedef {NodeJS.ProcessEnv} Env
 */

/** The package of AWS that reads profiles, SSO sessions, and roles of instances, containers and web identities. */
const PROVIDERS = '@aws-sdk/credential-providers';
/** Credentials that expire sooner are replaced, in milliseconds. */
const MIN_LIFETIME_MS = 5 * 60_000;

/**
 * Finds credentials as AWS's tools do: first in the environment, then by AWS's own package.
 * @param {Env} env
 * @returns {Promise<CredentialSource>}
 */
export async function findCredentials(env) {
  const found = credentialsIn(env);
  return found ? new CredentialSource(async () => found) : new CredentialSource(await loadProvider());
}

/** @param {Env} env @returns {Credentials | undefined} */
function credentialsIn({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }) {
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined;
  const token = AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN };
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, ...token };
}

/** @returns {Promise<() => Promise<Credentials>>} */
async function loadProvider() {
  /** @type {{ fromNodeProviderChain: () => () => Promise<Credentials> }} */
  const { fromNodeProviderChain } = await import(PROVIDERS).catch((error) => {
    throw new PetitError(
      'missing_credentials',
      'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and the package for profiles and roles is not installed',
      { cause: error, hint: `Set both variables, or install the package: npm install ${PROVIDERS}` },
    );
  });
  const provider = fromNodeProviderChain();
  return async () => {
    try {
      return await provider();
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      throw new PetitError('missing_credentials', `AWS credentials: ${message}`, { cause: error });
    }
  };
}

/** Credentials that are replaced before they expire. */
export class CredentialSource {
  #provide;
  /** @type {Promise<Credentials> | undefined} */
  #current;
  /** @type {Credentials | undefined} */
  #rejected;

  /** @param {() => Promise<Credentials>} provide */
  constructor(provide) {
    this.#provide = provide;
  }

  /** @returns {Promise<Credentials>} */
  async get() {
    const current = await this.#current?.catch(() => undefined);
    const ends = current?.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    if (!current || ends - Date.now() < MIN_LIFETIME_MS) this.#current = this.#provide();
    return /** @type {Promise<Credentials>} */ (this.#current);
  }

  /**
   * Whether there are other credentials than those that the store has rejected as expired.
   * @param {Credentials} rejected
   */
  async renew(rejected) {
    if (this.#rejected?.secretAccessKey === rejected.secretAccessKey) return false;
    this.#rejected = rejected;
    this.#current = undefined;
    const { secretAccessKey } = await this.get();
    return secretAccessKey !== rejected.secretAccessKey;
  }
}
