import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { eventually } from '../src/eventually.ts';

const TOLD_TIMEOUT_MS = 8_000;

/** A peer that is talked to over its standard input and output. */
export class ConsolePeer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<void>;
  #transcript = '';

  constructor(program: string, args: readonly string[], cwd?: string) {
    this.#child = spawn(program, args, { stdio: 'pipe', cwd });
    const keep = (chunk: Buffer): void => {
      this.#transcript += chunk.toString();
    };
    this.#child.stdout.on('data', keep);
    this.#child.stderr.on('data', keep);
    this.#child.stdin.on('error', () => {}); // one that died is told by what it does not tell
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
  }

  /** What it told so far. */
  get transcript(): string {
    return this.#transcript;
  }

  /** Waits until it told something that matches. */
  async told(what: RegExp): Promise<void> {
    try {
      await eventually(String(what), () => what.test(this.#transcript), TOLD_TIMEOUT_MS);
    } catch (cause) {
      throw new Error(`the peer did not tell ${what}, but:\n${this.#transcript}`, { cause });
    }
  }

  /** Forgets what it told so far. */
  forget(): void {
    this.#transcript = '';
  }

  /** Writes a line to it. */
  say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Waits until it ends by itself. */
  async ended(): Promise<string> {
    await this.#exited;
    return this.#transcript;
  }
}
