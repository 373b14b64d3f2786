import { BASE_MESSAGE_SIZE, EXTENDED_TOKEN_LENGTH_MAX, OPTION_COUNT_MAX, TOKEN_LENGTH_MAX } from '../wire/index.ts';

/** What a layer of connections is told once: what it says of itself, its times, and the limits of what a peer can make grow. */
export interface ConnectionParameters {
  /** Max-Message-Size: the longest message that is read, header and payload together, in bytes (RFC 8323 §5.3.1). */
  readonly messageBytesMax: number;
  /** Block-Wise-Transfer: whether the peer is told that blocks are known here (RFC 8323 §5.3.2). */
  readonly blockWiseTransfer: boolean;
  /** Extended-Token-Length: the longest token that is read, in bytes (RFC 8974 §2.2.1). */
  readonly tokenBytesMax: number;
  /** The most options in a message. */
  readonly optionCountMax: number;
  /**
   * Whether messages wait for the peer's first CSM. `false` saves a round trip and takes the base values meanwhile
   * (RFC 8323 §3.3).
   */
  readonly waitsForCsm: boolean;
  /**
   * Whether a peer has to begin with a CSM, as RFC 8323 §3.3 wants. `false` also takes those of before it, such as
   * Californium 3: they have the base values until they say otherwise, and nobody waits for them to.
   */
  readonly requiresCsm: boolean;
  /** How long the peer may take to send its first CSM. */
  readonly csmTimeoutMs: number;
  /** After so long without a byte of the peer a Ping asks whether it is there (RFC 8323 §3.4, §7.3); 0: never. */
  readonly idleTimeoutMs: number;
  /** How long the peer may take to send anything after that Ping. */
  readonly pongTimeoutMs: number;
  /** How long a Release, or a Ping that asks for custody, waits for what is under way to end. */
  readonly releaseTimeoutMs: number;
  /** How many messages may wait for a connection, or for the first CSM on it. */
  readonly connectQueueMax: number;
  /** How many Pings that ask for custody may wait for answers to be ready; more are answered at once. */
  readonly custodyPingsMax: number;
  /** How many unanswered requests of a peer Custody and Release wait for; beyond it the oldest counts as answered. */
  readonly requestsRememberedMax: number;
  /** How many connections one step looks after before it yields. */
  readonly workPerStepMax: number;
}

/**
 * The defaults. Messages of up to 63 blocks of 1024 bytes and 512 bytes of header and options are read, which says BERT
 * (RFC 8323 §5.3.2, implementation note) and fits a WebSocket message of 64 KiB.
 */
export const defaultConnectionParameters: ConnectionParameters = {
  messageBytesMax: 63 * 1024 + 512,
  blockWiseTransfer: true,
  tokenBytesMax: TOKEN_LENGTH_MAX,
  optionCountMax: OPTION_COUNT_MAX,
  waitsForCsm: true,
  requiresCsm: true,
  csmTimeoutMs: 10_000,
  idleTimeoutMs: 300_000,
  pongTimeoutMs: 10_000,
  releaseTimeoutMs: 10_000,
  connectQueueMax: 256,
  custodyPingsMax: 16,
  requestsRememberedMax: 1024,
  workPerStepMax: 64,
};

/**
 * Fills in the defaults and checks what was given.
 *
 * @param parameters what differs from the defaults
 * @returns all parameters
 * @throws {RangeError} a parameter that RFC 8323 or RFC 8974 forbids or that means nothing
 */
export function resolveConnectionParameters(parameters: Partial<ConnectionParameters> = {}): ConnectionParameters {
  const resolved = { ...defaultConnectionParameters, ...parameters };
  const { messageBytesMax, tokenBytesMax } = resolved;
  for (const name of COUNTS) checkNumber(resolved, name, 1);
  for (const name of TIMES) check(resolved[name] > 0, `${name} is more than 0`);
  check(resolved.idleTimeoutMs >= 0, 'idleTimeoutMs is 0 or more');
  checkNumber(resolved, 'connectQueueMax', 0);
  checkNumber(resolved, 'custodyPingsMax', 0);
  // Until a CSM says otherwise the peer may send so much.
  check(messageBytesMax >= BASE_MESSAGE_SIZE, 'messageBytesMax is 1152 or more (RFC 8323 §5.3.1)');
  check(messageBytesMax <= 0xffff_ffff, 'messageBytesMax is a number of 32 bits (RFC 8323 §5.3.1)');
  check(
    tokenBytesMax >= TOKEN_LENGTH_MAX && tokenBytesMax <= EXTENDED_TOKEN_LENGTH_MAX,
    'tokenBytesMax is 8 to 65804 (RFC 8974 §2.2.1)',
  );
  return resolved;
}

const COUNTS = [
  'messageBytesMax',
  'tokenBytesMax',
  'optionCountMax',
  'requestsRememberedMax',
  'workPerStepMax',
] as const;

const TIMES = ['csmTimeoutMs', 'pongTimeoutMs', 'releaseTimeoutMs'] as const;

function checkNumber(
  parameters: ConnectionParameters,
  name: (typeof COUNTS)[number] | 'connectQueueMax' | 'custodyPingsMax',
  least: number,
): void {
  check(Number.isInteger(parameters[name]) && parameters[name] >= least, `${name} is an integer, ${least} or more`);
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(rule);
}
