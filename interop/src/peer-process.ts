import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One line of a peer's standard output. */
export interface PeerLine {
  readonly event?: string | undefined;
  readonly id?: number | undefined;
  readonly endpoint?: string | undefined;
  readonly path?: string | undefined;
  readonly content?: PeerLine | undefined;
  readonly resources?: unknown;
  readonly value?: unknown;
  readonly links?: readonly string[] | undefined;
  readonly contentFormats?: string | undefined;
  readonly location?: string | undefined;
  readonly observation?: string | undefined;
  readonly error?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly payload?: unknown;
  /** Number and value, in hex, of each option of a message. */
  readonly options?: readonly (readonly [number, string])[] | undefined;
  readonly [field: string]: unknown;
}

interface Waiter {
  readonly wanted: (line: PeerLine) => boolean;
  readonly resolve: (line: PeerLine) => void;
}

const ANSWER_TIMEOUT_MS = 15_000;
const QUIT_TIMEOUT_MS = 6_000;
const STDERR_KEPT = 4_000;

/**
 * Another stack's program, driven by one JSON command a line and answering one JSON line for each, events in between.
 *
 * Lines nobody waited for yet are kept, and each is given out once, so that an event that comes early is not missed.
 */
export class PeerProcess {
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<number | null>;
  #lines: PeerLine[] = [];
  #waiters: Waiter[] = [];
  #stderr = '';
  #commands = 0;

  constructor(name: string, command: string, args: readonly string[], cwd: string) {
    this.#name = name;
    this.#child = spawn(command, args, { cwd, stdio: 'pipe' });
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', resolve);
      this.#child.once('error', (error) => {
        this.#stderr += String(error);
        resolve(null);
      });
    });
    this.#child.stdin.on('error', () => {}); // a peer that died is told by the command that gets no answer
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(line));
  }

  /** The next event of that name that `where` holds for; one that came already counts. */
  event(name: string, where: (line: PeerLine) => boolean = () => true): Promise<PeerLine> {
    const wanted = (line: PeerLine): boolean => line.event === name && where(line);
    return this.#wait(wanted, `event ${name}`, ANSWER_TIMEOUT_MS);
  }

  /** Events of that name that came and were not given out yet; they are given out now. */
  takeEvents(name: string): PeerLine[] {
    const taken = this.#lines.filter((line) => line.event === name);
    this.#lines = this.#lines.filter((line) => line.event !== name);
    return taken;
  }

  /**
   * Sends a command and gives its answer.
   * @throws Error when no answer comes in time, with what the peer wrote to standard error
   */
  call(command: string, fields: PeerLine = {}): Promise<PeerLine> {
    this.#commands += 1;
    const id = this.#commands;
    this.#child.stdin.write(`${JSON.stringify({ id, do: command, ...fields })}\n`);
    return this.#wait((line) => line.id === id, `answer to ${command} ${JSON.stringify(fields)}`, ANSWER_TIMEOUT_MS);
  }

  /** Asks the program to end and ends it if it does not. */
  async quit(): Promise<void> {
    this.#child.stdin.write(`${JSON.stringify({ do: 'quit' })}\n`);
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), QUIT_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #take(text: string): void {
    const line = JSON.parse(text) as PeerLine;
    const waiter = this.#waiters.find((candidate) => candidate.wanted(line));
    if (waiter === undefined) {
      this.#lines.push(line);
      return;
    }
    this.#waiters = this.#waiters.filter((candidate) => candidate !== waiter);
    waiter.resolve(line);
  }

  #wait(wanted: (line: PeerLine) => boolean, what: string, timeoutMs: number): Promise<PeerLine> {
    const here = this.#lines.findIndex(wanted);
    const [line] = here < 0 ? [] : this.#lines.splice(here, 1);
    if (line !== undefined) return Promise.resolve(line);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        wanted,
        resolve: (found) => {
          clearTimeout(timer);
          resolve(found);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((candidate) => candidate !== waiter);
        const seen = this.#lines.map((unread) => JSON.stringify(unread)).join('\n');
        reject(new Error(`${this.#name}: no ${what} in ${timeoutMs} ms\nunread: ${seen}\nstderr: ${this.#stderr}`));
      }, timeoutMs);
      this.#waiters.push(waiter);
    });
  }
}
