import { type Agreement, agreements, type PeerColumn } from './agreements.ts';
import { type CredentialKind, ianaName } from './dtls-peer.ts';

const columns = Object.keys(agreements) as PeerColumn[];
const credentials: Readonly<Record<CredentialKind, string>> = {
  psk: 'pre-shared key',
  x509: 'X.509, both sides',
  rawPublicKey: 'raw public keys, both sides',
};
const roles: Readonly<Record<Agreement['roles'], string>> = {
  both: 'both',
  'their client': 'their client',
  'their server': 'their server',
};

/** The table in CONFORMANCE.md, in Markdown: a row for each suite and credential, a column for each peer. */
export function agreementsTable(): string {
  const rowOf = (agreement: Agreement): string => `\`${ianaName(agreement)}\` | ${credentials[agreement.credential]}`;
  const all = columns.flatMap((column): readonly Agreement[] => agreements[column]);
  const cell = (column: PeerColumn, row: string): string => {
    const found = agreements[column].find((agreement: Agreement) => rowOf(agreement) === row);
    if (found === undefined) return '';
    return `${roles[found.roles]}${found.isMacThenEncrypt === true ? ' (MtE)' : ''}`;
  };
  const lines = [...new Set(all.map(rowOf))]
    .sort((left, right) => (left < right ? -1 : 1))
    .map((row) => `| ${row} | ${columns.map((column) => cell(column, row)).join(' | ')} |`);
  const head = `| suite | credential | ${columns.join(' | ')} |`;
  const rule = `| --- | --- |${' --- |'.repeat(columns.length)}`;
  return [head, rule, ...lines].join('\n').replaceAll('|  |', '| |').replaceAll('|  |', '| |');
}
