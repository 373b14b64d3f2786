// Bare node:dgram: what the platform can do without any protocol. node dgram-echo.mjs PORT
import dgram from 'node:dgram';

const [, , port] = process.argv;
const socket = dgram.createSocket({
  type: 'udp4',
  recvBufferSize: 4 << 20,
  // Only addresses come here: an answer at once saves a turn of the event loop.
  lookup: (host, _options, callback) => callback(null, host, 4),
});
socket.on('message', (message, peer) => socket.send(message, peer.port, peer.address));
socket.bind(Number(port), '127.0.0.1', () => console.log('ready'));
