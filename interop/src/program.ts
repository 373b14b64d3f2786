import { spawn } from 'node:child_process';
import { eventually } from './eventually.ts';
import { places } from './places.ts';

/** A program of this repository as a process of its own. */
export interface Program {
  /** What it has told so far. */
  transcript(): string;
  /** Waits until it has told something that matches. */
  told(what: RegExp, timeoutMs?: number): Promise<void>;
  /** Ctrl-C, for one that does not end by itself. */
  interrupt(): void;
  /** Its exit status. */
  readonly ended: Promise<number | null>;
}

/** Runs the demo from source, as `pnpm demo` does. */
export function startDemo(...args: readonly string[]): Program {
  return startProgram(places.root, 'demo/main.ts', ...args);
}

/** Runs a TypeScript file on the sources of the packages. */
export function startProgram(directory: string, ...args: readonly string[]): Program {
  const node = ['--conditions=@motestack/source', '--import', 'tsx', ...args];
  const child = spawn(process.execPath, node, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const keep = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | null>((resolve) => child.once('exit', (status) => resolve(status)));
  return {
    transcript: () => text,
    told: async (what, timeoutMs = 20_000) => {
      try {
        await eventually(String(what), () => what.test(text), timeoutMs);
      } catch (cause) {
        throw new Error(`${args[0]} did not tell ${what}, but:\n${text}`, { cause });
      }
    },
    interrupt: () => child.kill('SIGINT'),
    ended,
  };
}
