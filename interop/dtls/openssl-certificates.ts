import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What OpenSSL made: an authority, and what it issued. */
export class OpensslCertificates {
  readonly #folder = mkdtempSync(join(tmpdir(), 'motestack-certificates-'));

  constructor() {
    this.#authority('ca', '/CN=Test CA');
    this.#authority('stranger', '/CN=Stranger');
    this.#issue('server', 'ec', ['subjectAltName=DNS:server.example', 'extendedKeyUsage=serverAuth']);
    this.#issue('rsa', 'rsa', ['subjectAltName=DNS:server.example', 'extendedKeyUsage=serverAuth']);
    this.#issue('device', 'ec', ['extendedKeyUsage=clientAuth']);
    this.#issue('both', 'ec', ['subjectAltName=DNS:server.example', 'extendedKeyUsage=serverAuth,clientAuth']);
  }

  /** Where a file is: `ca.pem`, `server.pem`, `server.key`, `rsa.pem`, `device.pem` and so on. */
  path(file: string): string {
    return join(this.#folder, file);
  }

  /** What is in a file. */
  text(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  /** Puts a file beside them. @returns where it is */
  write(file: string, text: string): string {
    writeFileSync(this.path(file), text);
    return this.path(file);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #authority(name: string, subject: string): void {
    const files = ['-keyout', this.path(`${name}.key`), '-out', this.path(`${name}.pem`)];
    const ca = ['-days', '2', '-subj', subject, '-addext', 'keyUsage=critical,keyCertSign,cRLSign,digitalSignature'];
    this.#openssl(['req', '-x509', ...newKey('ec'), ...files, ...ca]);
    this.#publish(name);
  }

  #issue(name: string, kind: 'ec' | 'rsa', extensions: readonly string[]): void {
    const [key, request, config] = [`${name}.key`, `${name}.csr`, `${name}.cnf`].map((file) => this.path(file));
    if (key === undefined || request === undefined || config === undefined) return;
    writeFileSync(
      config,
      ['keyUsage=critical,digitalSignature', 'basicConstraints=CA:FALSE', ...extensions].join('\n'),
    );
    this.#openssl(['req', ...newKey(kind), '-keyout', key, '-out', request, '-subj', `/CN=${name}`]);
    this.#openssl([
      ...['x509', '-req', '-in', request, '-CA', this.path('ca.pem'), '-CAkey', this.path('ca.key'), '-CAcreateserial'],
      ...['-days', '1', '-extfile', config, '-out', this.path(`${name}.pem`)],
    ]);
    this.#publish(name);
  }

  /** The public half of a key, for peers with raw public keys. */
  #publish(name: string): void {
    this.#openssl(['pkey', '-in', this.path(`${name}.key`), '-pubout', '-out', this.path(`${name}.pub`)]);
  }

  #openssl(args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}

const newKey = (kind: 'ec' | 'rsa'): string[] =>
  kind === 'ec'
    ? ['-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
    : ['-nodes', '-newkey', 'rsa:2048'];
