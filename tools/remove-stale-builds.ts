// Removes from every dist what no source stands behind any more: `tsc -b` leaves it there, and it would be published.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, isTest, publishedPackages, root } from './tidy/workspace.ts';

/** The source that a built file comes from; `undefined` for the compiler's own records. */
function sourceOf(path: string): string | undefined {
  const match = /^(packages\/[^/]+)\/dist\/(.+?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(path);
  return match === null ? undefined : `${match[1]}/src/${match[2]}.ts`;
}

for (const { folder } of publishedPackages()) {
  if (!existsSync(join(root, folder, 'dist'))) continue;
  for (const path of filesUnder(`${folder}/dist`, () => true).map((file) => file.path)) {
    const source = sourceOf(path);
    if (source !== undefined && (isTest(source) || !existsSync(join(root, source)))) rmSync(join(root, path));
  }
}
