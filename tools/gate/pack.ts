import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { publishedPackages, root } from '../tidy/workspace.ts';
import { pnpm, runCommand } from './run-command.ts';
import type { Tally } from './tally.ts';

/** Where the tarballs lie: publint, attw and the packed-install test judge the same ones. */
const packedFolder = join(root, '.packed');

/** Packs every published package, as it would be published. Needs a build. */
export function packAll(tally: Tally): void {
  rmSync(packedFolder, { recursive: true, force: true });
  mkdirSync(packedFolder);
  for (const { folder, manifest } of publishedPackages()) {
    const outcome = runCommand(pnpm('pack', '--pack-destination', packedFolder), { cwd: join(root, folder) });
    tally.check(`pack ${manifest.name}`, outcome.isOk, outcome.output);
  }
}

/** The tarballs, absolute. */
export function tarballs(): string[] {
  return readdirSync(packedFolder)
    .filter((file) => file.endsWith('.tgz'))
    .map((file) => join(packedFolder, file));
}
