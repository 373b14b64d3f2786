import type { Socket } from 'node:dgram';

/** Waits until `begin` has called back, or the socket has failed. */
export function whenDone(socket: Socket, begin: (done: (error?: Error) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    begin((error) => {
      socket.off('error', reject);
      if (error) reject(error);
      else resolve();
    });
  });
}
