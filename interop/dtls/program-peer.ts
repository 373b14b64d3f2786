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
  /** Its word for who the other side is: our client for its server, our server for its client. */
  readonly who: (wish: DtlsWish, role: 'client' | 'server') => string;
}

/** A program that runs. */
export class ProgramEnd implements DtlsPeerEnd {
  readonly #process: ConsolePeer;

  constructor({ command: [executable, ...args], directory }: DtlsProgram, line: string) {
    this.#process = new ConsolePeer(executable, args, directory);
    this.command(line);
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

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

/** What `programPeer` gives: its ends take commands. */
export interface ProgramPeer extends DtlsPeer {
  serve(wish: DtlsWish, files: OpensslCertificates): Promise<{ readonly end: ProgramEnd; readonly port: number }>;
  connect(wish: DtlsWish, port: number, files: OpensslCertificates): Promise<ProgramEnd>;
}

/** The peer that a program is. */
export function programPeer(program: DtlsProgram): ProgramPeer {
  return {
    name: program.name,
    readiness: program.readiness,
    closed: /^closed/m,
    async serve(wish, files) {
      const end = new ProgramEnd(program, `serve ${words(wish, serverOf(wish), 'device', files)}`);
      return { end, port: await end.number('listening ') };
    },
    async connect(wish, port, files) {
      const options = words(wish, clientOf(wish), 'server', files);
      return new ProgramEnd(program, `connect port=${port} name=server.example ${options}`);
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
