import { CipherSuiteId } from '@motestack/dtls/node';
import type { PeerReadiness } from '../src/readiness.ts';
import { ConsolePeer } from './console-peer.ts';
import {
  clientOf,
  type DtlsPeer,
  type DtlsPeerEnd,
  type DtlsWish,
  ianaName,
  keyHexOf,
  preShared,
  serverOf,
} from './dtls-peer.ts';
import type { OpensslCertificates } from './openssl-certificates.ts';

/** A program of ours on another library, which takes commands by the line and tells `connected SUITE by WHO …`. */
export interface DtlsProgram {
  readonly name: string;
  readonly readiness: PeerReadiness;
  readonly command: readonly [string, ...string[]];
  readonly directory: string;
  /** Whether one process serves all cases, since it takes long to start: it knows the command `release`. */
  readonly isKept?: boolean | undefined;
  /** Its word for who the other side is: our client for its server, our server for its client. */
  readonly who: (wish: DtlsWish, role: 'client' | 'server') => string;
}

/** A program that runs. */
export class ProgramEnd implements DtlsPeerEnd {
  readonly #process: ConsolePeer;
  readonly #isKept: boolean;

  constructor(process: ConsolePeer, isKept: boolean) {
    this.#process = process;
    this.#isKept = isKept;
  }

  told(what: RegExp): Promise<void> {
    return this.#process.told(what);
  }

  say(line: string): void {
    this.command(`say ${line}`);
  }

  /** Gives it any command: `again`, `close`. */
  command(line: string): void {
    this.#process.say(line);
  }

  /** The number behind a word that it told. */
  async number(word: string): Promise<number> {
    await this.told(new RegExp(`${word}\\d+\\n`));
    return Number(new RegExp(`${word}(\\d+)\\n`).exec(this.#process.transcript)?.[1]);
  }

  async stop(): Promise<void> {
    if (!this.#isKept) {
      await this.#process.stop();
      return;
    }
    this.command('release');
    await this.told(/^released$/m);
    this.#process.forget();
  }
}

/** What `programPeer` gives: its ends take commands. */
export interface ProgramPeer extends DtlsPeer {
  serve(wish: DtlsWish, files: OpensslCertificates): Promise<{ readonly end: ProgramEnd; readonly port: number }>;
  connect(wish: DtlsWish, port: number, files: OpensslCertificates): Promise<ProgramEnd>;
  /** Ends the process that was kept. */
  close(): Promise<void>;
}

/** The peer that a program is. */
export function programPeer(program: DtlsProgram): ProgramPeer {
  const { command, directory, isKept = false } = program;
  const [executable, ...args] = command;
  let kept: ConsolePeer | undefined;
  const start = (line: string): ProgramEnd => {
    const process = kept ?? new ConsolePeer(executable, args, directory);
    if (isKept) kept = process;
    process.say(line);
    return new ProgramEnd(process, isKept);
  };
  return {
    name: program.name,
    readiness: program.readiness,
    closed: /^closed/m,
    async serve(wish, files) {
      const end = start(`serve ${words(wish, serverOf(wish), 'device', files)}`);
      return { end, port: await end.number('listening ') };
    },
    async connect(wish, port, files) {
      const options = words(wish, clientOf(wish), 'server', files);
      return start(`connect port=${port} name=server.example ${options}`);
    },
    async close() {
      await kept?.stop();
      kept = undefined;
    },
    agreed(wish, role) {
      return [new RegExp(`connected ${ianaName(wish)} by ${program.who(wish, role)} `)];
    },
  };
}

/** The options of a command; files are PEM. */
function words(wish: DtlsWish, own: string, other: string, files: OpensslCertificates): string {
  const { credential, more = [] } = wish;
  const all = [`suite=${ianaName(wish)}`, `number=${CipherSuiteId[wish.suite]}`, ...more];
  if (credential === 'psk') return [...all, `identity=${preShared.identity}`, `psk=${keyHexOf(wish)}`].join(' ');
  all.push(`key=${files.path(`${own}.key`)}`);
  if (credential === 'x509')
    all.push(`certificate=${files.path(`${own}.pem`)}`, `trust=${files.path(`${wish.trusts ?? 'ca'}.pem`)}`);
  else all.push(`public=${files.path(`${own}.pub`)}`, `trust=${files.path(`${wish.trusts ?? other}.pub`)}`);
  return all.join(' ');
}
