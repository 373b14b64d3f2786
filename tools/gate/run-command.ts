import { spawnSync } from 'node:child_process';

/** How a command ended. */
export interface CommandOutcome {
  readonly isOk: boolean;
  /** Standard output and error, in the order of their ends. */
  readonly output: string;
}

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Where and how long a command may run. */
export interface CommandOptions {
  readonly cwd?: string;
  /** Default ten minutes. */
  readonly timeoutMs?: number;
}

/** Runs a command without a terminal and without standard input, and waits for it. */
export function runCommand(command: readonly string[], options: CommandOptions = {}): CommandOutcome {
  const [file = '', ...args] = command;
  const { status, signal, error, stdout, stderr } = spawnSync(file, args, {
    cwd: options.cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', npm_config_yes: 'true' },
    maxBuffer: OUTPUT_BYTES_MAX,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 600_000,
  });
  const ending = error !== undefined ? `${error.message}\n` : signal !== null ? `ended by ${signal}\n` : '';
  return { isOk: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${ending}` };
}

/** Runs a command that downloads something: up to three times. */
export function runDownloading(command: readonly string[], options: CommandOptions = {}): CommandOutcome {
  let outcome = runCommand(command, options);
  for (let tries = 1; tries < 3 && !outcome.isOk; tries++) outcome = runCommand(command, options);
  return outcome;
}

/** The pnpm that runs this script, or the one that npx finds. */
export function pnpm(...args: string[]): string[] {
  const { npm_execpath: path = '' } = process.env;
  return /pnpm/.test(path) ? [process.execPath, path, ...args] : ['npx', '--yes', 'pnpm@10', ...args];
}
