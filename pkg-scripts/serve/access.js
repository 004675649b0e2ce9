import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const BYTES = 32;

/**
 * Decides who may use the server. A browser exchanges a secret, which works once, for a cookie and the path of the page.
 * Both are necessary: the browser sends the cookie to every port of this computer, but the path only to this one.
 * Everything is derived from a key of this run. A later run accepts nothing of it, and nothing is stored per browser.
 */
export class Access {
  #key = randomBytes(BYTES);
  #cookieName;
  /** @type {string | undefined} */
  #secret;
  /** The latest used secret, and the session that it started.
   * @type {{ secret: string, session: string } | undefined} */
  #used;

  /** @param {number} port part of the cookie's name, because the servers of all ports share their cookies */
  constructor(port) {
    this.#cookieName = `petit-${port}`;
  }

  /** Returns a new secret. The previous one no longer works. */
  issueSecret() {
    this.#secret = randomText();
    return this.#secret;
  }

  /**
   * Starts a session with the secret. The browser that used the secret can repeat the request, for example by a reload.
   * @param {string} secret
   * @param {string | undefined} cookies the header `Cookie`
   * @returns {{ pagePath: string, cookie?: string } | undefined} undefined if the secret is wrong or used; a `cookie` to
   *   set for a new session
   */
  exchange(secret, cookies) {
    if (this.#secret !== undefined && isEqual(secret, this.#secret)) {
      const session = randomText();
      this.#used = { secret, session };
      this.#secret = undefined;
      const value = `${session}.${this.#derive('cookie', session)}`;
      const cookie = `${this.#cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict`;
      return { pagePath: this.pagePath(session), cookie };
    }
    const session = this.sessionOf(cookies);
    if (!session || this.#used?.session !== session || !isEqual(secret, this.#used.secret)) return undefined;
    return { pagePath: this.pagePath(session) };
  }

  /**
   * The session of a request.
   * @param {string | undefined} cookies the header `Cookie`
   * @returns {string | undefined} undefined without a cookie of this run
   */
  sessionOf(cookies = '') {
    // A server of another port can set a second cookie of the same name.
    for (const value of cookieValues(cookies, this.#cookieName)) {
      const [session = '', proof = ''] = value.split('.');
      if (isEqual(proof, this.#derive('cookie', session))) return session;
    }
    return undefined;
  }

  /**
   * The path of a session's page. Nobody can guess it, so no program that had this port before can have put another page
   * into the browser's cache.
   * @param {string} session
   */
  pagePath(session) {
    return `/page/${this.#derive('path', session)}/`;
  }

  /**
   * What a newly opened page needs: the `token` of its calls, and the `key` with which the server proves itself. The server
   * never sends the key again, and the page never sends it.
   * @param {string} session
   */
  newPage(session) {
    const page = randomText();
    return { page, token: this.#token(session, page), key: this.#derive('key', page) };
  }

  /**
   * @param {string} session
   * @param {unknown} token
   */
  isToken(session, token) {
    if (typeof token !== 'string') return false;
    const [page = ''] = token.split('.');
    return isEqual(token, this.#token(session, page));
  }

  /**
   * Proves to a page that this is the server that served it.
   * @param {string} page
   * @param {string} nonce that the page chose
   */
  prove(page, nonce) {
    const key = Buffer.from(this.#derive('key', page), 'base64url');
    return createHmac('sha256', key).update(nonce).digest('base64url');
  }

  /** @param {string} session @param {string} page */
  #token(session, page) {
    return `${page}.${this.#derive('token', `${session}.${page}`)}`;
  }

  /** @param {'cookie' | 'path' | 'token' | 'key'} purpose @param {string} text */
  #derive(purpose, text) {
    return createHmac('sha256', this.#key).update(`${purpose}:${text}`).digest('base64url');
  }
}

const randomText = () => randomBytes(BYTES).toString('base64url');

/**
 * @param {string} cookies
 * @param {string} name
 */
function cookieValues(cookies, name) {
  return cookies
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${name}=`))
    .map((cookie) => cookie.slice(name.length + 1));
}

/**
 * Takes the same time wherever the texts differ. Digests have the same length, as `timingSafeEqual` requires.
 * @param {string} a
 * @param {string} b
 */
const isEqual = (a, b) => timingSafeEqual(digest(a), digest(b));

/** @param {string} text */
const digest = (text) => createHash('sha256').update(text).digest();
