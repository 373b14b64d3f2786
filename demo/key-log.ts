import { appendFileSync } from 'node:fs';

/** Writes the secrets of DTLS into a file that Wireshark and tshark read (`tls.keylog_file`); without a file nowhere. */
export function keyLogTo(file: string | undefined): ((line: string) => void) | undefined {
  if (file === undefined) return undefined;
  return (line) => appendFileSync(file, `${line}\n`);
}
