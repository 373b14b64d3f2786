/** Names of what runs the program, as in `process.versions`. */
export type RuntimeVersions = Readonly<Record<string, string | undefined>>;

const WITHOUT_PSK: readonly (readonly [name: string, title: string])[] = [
  ['bun', 'Bun'],
  ['deno', 'Deno'],
];

/**
 * Checks that the platform asks for pre-shared keys in TLS: elsewhere than in Node a handshake would only fail, and nobody
 * would know why.
 *
 * @throws {TypeError} it does not, and says what to use instead
 */
export function assertPskOverTls(versions: RuntimeVersions = process.versions): void {
  const found = WITHOUT_PSK.find(([name]) => versions[name] !== undefined);
  if (found === undefined) return;
  throw new TypeError(
    `pre-shared keys over TLS need the pskCallback of Node's node:tls, which ${found[1]} does not have: use coaps (DTLS), or certificates`,
  );
}
