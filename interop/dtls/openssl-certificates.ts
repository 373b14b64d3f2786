import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What OpenSSL made: an authority, and what it issued. */
export class OpensslCertificates {
  readonly #folder = mkdtempSync(join(tmpdir(), 'motestack-certificates-'));

  constructor() {
    const ca = ['-days', '2', '-subj', '/CN=Test CA', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    this.#openssl([
      'req',
      '-x509',
      ...newKey('ec'),
      '-keyout',
      this.path('ca.key'),
      '-out',
      this.path('ca.pem'),
      ...ca,
    ]);
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

  remove(): void {
    rmSync(this.#folder, { recursive: true });
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
  }

  #openssl(args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}

const newKey = (kind: 'ec' | 'rsa'): string[] =>
  kind === 'ec'
    ? ['-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
    : ['-nodes', '-newkey', 'rsa:2048'];
