// Names of definition files to identifiers. What comes out is public API: a changed rule changes names that users have written.

/** `UTC Offset` is `utcOffset`, `LWM2M Server URI` is `serverUri`. Empty if there is nothing to make a name of. */
export function camelCase(registryName: string): string {
  const [first = '', ...rest] = words(registryName);
  return first + rest.map(capitalized).join('');
}

/** `LWM2M Access Control` is `AccessControl`, `3-Phase Power Meter` is `ThreePhasePowerMeter`. */
export function pascalCase(registryName: string): string {
  return words(registryName).map(capitalized).join('');
}

/** The words of a name in lower case; digits at the beginning are spelled. */
function words(registryName: string): string[] {
  const plain = registryName
    .normalize('NFKD')
    .replace(/^LwM2M\s+(?=\S)/i, '')
    .replaceAll('(s)', 's');
  const split = (plain.match(/[A-Za-z0-9]+/g) ?? []).flatMap(wordsOfRun);
  const [first] = split;
  const digits = first === undefined ? null : /^(\d)(.*)$/.exec(first);
  if (digits === null) return split;
  const [, digit = '', rest = ''] = digits;
  return [DIGITS[Number(digit)] ?? digit, ...(rest === '' ? [] : [rest]), ...split.slice(1)];
}

/** A run of letters and digits is one word, or several in camel case: `ObjectURN`, `LogStart`. */
function wordsOfRun(run: string): string[] {
  const known = KNOWN_RUNS[run];
  if (known !== undefined) return known.split(' ');
  // In capitals throughout, or their plural: an abbreviation.
  if (/^[A-Z0-9]+s?$/.test(run)) return [run.toLowerCase()];
  const parts = run.match(/[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+/g) ?? [];
  return parts.map((part) => part.toLowerCase());
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** Abbreviations with small letters, which would fall apart. */
const KNOWN_RUNS: Readonly<Record<string, string>> = {
  '1xEV': '1xev',
  CoAP: 'coap',
  IPv4: 'ipv4',
  IPv6: 'ipv6',
  IoT: 'iot',
  LiDAR: 'lidar',
  LwM2M: 'lwm2m',
  QoS: 'qos',
  VoLTErtpPacketLoss: 'volte rtp packet loss',
  WiMAX: 'wimax',
  eDRX: 'edrx',
  eIM: 'eim',
  eNB: 'enb',
  eSIM: 'esim',
  eUICC: 'euicc',
  nuSIM: 'nusim',
  oA: 'oa',
  pH: 'ph',
  timeRLF: 'time rlf',
  uCIFI: 'ucifi',
};
