// CPU of whole handshakes of two cores, without sockets, beside that of the cryptography in them, in one process.
import { nodeCryptoProvider, nodeRandom } from '@motestack/dtls/node';
import { converse, newClient, newServer, shapes } from './dtls-parts.mjs';

const rounds = Number(process.argv[2] ?? 5);

/** The provider, which remembers each call so that it can be made again. */
function recorded(calls) {
  const note = (run) => {
    calls.push(run);
    return run();
  };
  const own = nodeCryptoProvider;
  return {
    ...own,
    hash: (algorithm, parts) => {
      const copies = parts.map((part) => part.slice());
      return note(() => own.hash(algorithm, copies));
    },
    hmac: (algorithm, secret, parts) => {
      const copies = [secret.slice(), ...parts.map((part) => part.slice())];
      return note(() => own.hmac(algorithm, copies[0], copies.slice(1)));
    },
    createAead: (algorithm, secret) => {
      const copy = new Uint8Array(secret);
      // Each handshake has keys of its own: those of the round before do not count, warm as they are.
      let aead;
      note(() => {
        aead?.destroy();
        aead = own.createAead(algorithm, copy);
      });
      return {
        tagBytes: aead.tagBytes,
        seal: (...given) => {
          const [nonce, data, plain] = given.map((bytes) => bytes.slice());
          return note(() => aead.seal(nonce, data, plain));
        },
        open: (...given) => {
          const [nonce, data, sealed] = given.map((bytes) => bytes.slice());
          return note(() => aead.open(nonce, data, sealed));
        },
        destroy: () => {},
      };
    },
    createKeyAgreement: (group) => {
      let agreement;
      note(() => {
        agreement = own.createKeyAgreement(group);
      });
      return {
        publicKey: agreement.publicKey,
        sharedSecret: (point) => {
          const copy = new Uint8Array(point);
          return note(() => agreement.sharedSecret(copy));
        },
        destroy: () => {},
      };
    },
    isEqual: (left, right) => {
      const [one, other] = [left.slice(), right.slice()];
      return note(() => own.isEqual(one, other));
    },
    verify: (algorithm, publicKey, parts, signature) => {
      const copies = parts.map((part) => new Uint8Array(part));
      const copy = new Uint8Array(signature);
      return note(() => own.verify(algorithm, publicKey, copies, copy));
    },
  };
}

/** The random source, which remembers what it was asked for. */
function recordedRandom(calls) {
  return {
    fill: (bytes) => {
      const copy = new Uint8Array(bytes.length);
      calls.push(() => nodeRandom.fill(copy));
      nodeRandom.fill(bytes);
    },
  };
}

/** Clients are made before: they live longer than a handshake. */
function microseconds({ prepare, run }, count) {
  const prepared = Array.from({ length: count }, prepare);
  const before = process.cpuUsage();
  for (const each of prepared) run(each);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function setUp(shape) {
  const server = newServer(shape.server);
  const first = newClient({ ...shape.client, keepsSessions: true });
  const told = converse(first, server, 'a', first.connect(0), shape.sources);
  const session = told.findLast((event) => event.kind === 'session').session;
  let number = 0;
  const once = (client, expected) => {
    number++;
    const events = converse(client, server, `a${number % 100}`, client.connect(0), shape.sources);
    const connected = events.filter((event) => event.kind === 'connected');
    if (connected.length !== 2 || connected.some(({ isResumed }) => isResumed !== expected))
      throw new Error('that was no such handshake');
  };
  const calls = [];
  const provider = recorded(calls);
  const [ours, theirs] = shape.sources.map((sources) => ({ ...sources, certificate: signing(sources, calls) }));
  const random = recordedRandom(calls);
  const counted = newClient({ ...shape.client, random }, provider);
  const counting = newServer({ ...shape.server, random }, provider);
  // The keys of cookies and tickets are made once for a server.
  calls.length = 0;
  converse(counted, counting, 'a', counted.connect(0), [ours, theirs]);
  return {
    full: { prepare: () => newClient(shape.client), run: (client) => once(client, false) },
    abbreviated: {
      prepare: () => {
        const client = newClient({ ...shape.client, keepsSessions: true });
        client.useSession(session);
        return client;
      },
      run: (client) => once(client, true),
    },
    cryptography: {
      prepare: () => undefined,
      run: () => {
        for (const call of calls) call();
      },
    },
  };
}

function signing({ certificate }, calls) {
  if (certificate === undefined) return undefined;
  return {
    ...certificate,
    sign: (algorithm, data) => {
      const copy = new Uint8Array(data);
      calls.push(() => certificate.sign(algorithm, copy));
      return certificate.sign(algorithm, data);
    },
  };
}

const median = (values) => values.toSorted((left, right) => left - right)[values.length >>> 1];
const kinds = { PSK: setUp(shapes.psk), 'ECDHE-ECDSA, both keys': setUp(shapes.ecdsa()) };
for (const { full, abbreviated, cryptography } of Object.values(kinds))
  for (const run of [full, abbreviated, cryptography]) microseconds(run, 2000);
const report = {};
for (const [name, runs] of Object.entries(kinds)) {
  const times = { full: [], abbreviated: [], cryptography: [] };
  for (let round = 0; round < rounds; round++)
    for (const part of Object.keys(times)) times[part].push(microseconds(runs[part], 1500));
  const [full, abbreviated, cryptography] = Object.values(times).map(median);
  report[name] = {
    'full, µs': Math.round(full),
    'its cryptography, µs': Math.round(cryptography),
    'full / cryptography': Number((full / cryptography).toFixed(2)),
    'abbreviated, µs': Math.round(abbreviated),
    'abbreviated / full': Number((abbreviated / full).toFixed(2)),
  };
}
console.table(report);
