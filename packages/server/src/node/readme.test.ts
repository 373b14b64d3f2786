import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as server from './index.ts';

const folder = fileURLToPath(new URL('../../.tsbuild/readme/', import.meta.url));
const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('README', () => {
  test('its programs compile', () => {
    const programs = text('../../README.md').match(/(?<=```ts\n)[\s\S]*?(?=```)/g) ?? [];
    expect(programs).toHaveLength(5);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [index, program] of programs.entries()) writeFileSync(`${folder}program-${index}.ts`, program);
    const compilerOptions = {
      composite: false,
      declarationMap: false,
      isolatedDeclarations: false,
      noEmit: true,
      types: ['node'],
    };
    const config = { extends: '../../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] };
    writeFileSync(`${folder}tsconfig.json`, JSON.stringify(config));
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
    const tsc = manifest.replace('package.json', 'bin/tsc');
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });
});

describe('docs/errors.md', () => {
  const table = text('../../../../docs/errors.md');
  const detail = {
    operation: 'Read',
    endpoint: 'a',
    path: '/3',
    responseCode: '4.04',
    diagnostic: '',
    limit: 'x',
    event: 'updated',
  } as const;
  const {
    AbortedError,
    AddressChangedError,
    ConnectionLostError,
    DeviceAsleepError,
    DeviceGoneError,
    DeviceResetError,
    DeviceUnreachableError,
    InternalError,
    InvalidArgumentError,
    LimitReachedError,
    ListenerError,
    NotObservedError,
    RegistrationReplacedError,
    ResponseError,
    ServerClosedError,
    TimeoutError,
    UnexpectedAnswerError,
  } = server;
  const plain = [
    AbortedError,
    AddressChangedError,
    ConnectionLostError,
    DeviceAsleepError,
    DeviceGoneError,
    DeviceResetError,
    DeviceUnreachableError,
    InternalError,
    InvalidArgumentError,
    NotObservedError,
    RegistrationReplacedError,
    ServerClosedError,
    TimeoutError,
    UnexpectedAnswerError,
  ].map((Class) => ({ Class, error: new Class('what', detail) }));
  const all = [
    ...plain,
    { Class: ResponseError, error: new ResponseError(detail) },
    { Class: LimitReachedError, error: new LimitReachedError(detail) },
    { Class: ListenerError, error: new ListenerError(detail) },
  ];

  // The class of them all, and what `listen` refuses.
  const SEPARATE = ['LwM2mError', 'SynchronousLookupError'];

  test('every error class that is exported is in this test', () => {
    const exported = Object.keys(server).filter((name) => name.endsWith('Error') && !SEPARATE.includes(name));
    expect(new Set(all.map(({ error }) => error.name))).toEqual(new Set(exported));
  });

  test.each(all)('$error.name has its line, and knows its own', ({ Class, error }) => {
    expect(table).toMatch(new RegExp(`\\| \`${error.name}\` +\\| \`${error.code}\` +\\|`));
    expect(Class.is(error) && server.LwM2mError.is(error)).toBe(true);
    const others = all.filter((other) => other.Class !== Class);
    expect(others.some((other) => other.Class.is(error))).toBe(false);
    expect(Class.is(new Error(error.name))).toBe(false);
  });
});
