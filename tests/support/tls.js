import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

/** @param {string} folder @param {string[]} args */
const openssl = (folder, ...args) =>
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });

/**
 * Creates a certificate authority, and a certificate for some hosts.
 * @param {string} folder
 * @param {string[]} hosts
 */
export async function makeCertificates(folder, hosts) {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const [ca, request, certificate] = ['ca.pem', 'host.csr', 'host.pem'];
  openssl(
    folder,
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    ca,
    '-days',
    '2',
    '-subj',
    '/CN=Test CA',
  );
  openssl(folder, 'req', ...key, '-keyout', 'host.key', '-out', request, '-subj', `/CN=${hosts[0]}`);
  await writeFile(join(folder, 'names'), `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`);
  const signed = ['-CA', ca, '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
  openssl(folder, 'x509', '-req', '-in', request, ...signed, '-out', certificate);
  return { ca: join(folder, ca), cert: join(folder, certificate), key: join(folder, 'host.key') };
}

/**
 * Starts a TLS server in front of a server without TLS.
 * @param {{ cert: string, key: string }} files
 * @param {number} port of that server
 */
export async function startTls(files, port) {
  const [cert, key] = await Promise.all([readFile(files.cert), readFile(files.key)]);
  const server = createTlsServer({ cert, key }, (socket) =>
    connectStreams(socket, connectTcp(port, '127.0.0.1')),
  );
  // Some tests use clients that do not trust the certificate.
  server.on('tlsClientError', () => {});
  return listening(server);
}

/**
 * Starts a proxy that tunnels every host to one port, and records hosts, headers and the tunneled bytes.
 * @param {number | ((host: string) => number)} port of this machine, or a function from host:port to the port
 * @param {{ authorization?: string, refusal?: string }} [options] `authorization`: the required Proxy-Authorization header;
 *   `refusal`: the status line with which it refuses every host
 */
export async function startProxy(port, { authorization, refusal } = {}) {
  /** @type {string[]} */
  const hosts = [];
  /** @type {Buffer[]} */
  const seen = [];
  const server = createHttpServer((request, response) => {
    seen.push(Buffer.from(JSON.stringify([request.url, request.headers])));
    response.writeHead(400).end();
  });
  server.on('connect', ({ url = '', headers }, socket) => {
    seen.push(Buffer.from(JSON.stringify(headers)));
    hosts.push(url);
    if (refusal) {
      socket.end(`HTTP/1.1 ${refusal}\r\n\r\n`);
      return;
    }
    if (authorization !== undefined && headers['proxy-authorization'] !== authorization) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.on('data', (/** @type {Buffer} */ bytes) => seen.push(bytes));
    connectStreams(socket, connectTcp(typeof port === 'number' ? port : port(url), '127.0.0.1'));
  });
  return { ...(await listening(server)), hosts, seen: () => Buffer.concat(seen).toString('latin1') };
}

/**
 * @param {import('node:stream').Duplex} a
 * @param {import('node:stream').Duplex} b
 */
function connectStreams(a, b) {
  a.pipe(b).pipe(a);
  a.on('error', () => b.destroy());
  b.on('error', () => a.destroy());
}

/** @param {import('node:net').Server} server */
async function listening(server) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
