/**
 * Gives an error that is made later the stack of the call that it answers, so that it names the caller's line.
 *
 * @param caller made where the application called
 */
export function withCallerStack<Failure extends Error>(error: Failure, caller: Error): Failure {
  const frames = caller.stack?.slice(caller.stack.indexOf('\n') + 1);
  if (frames === undefined) return error;
  const stack = `${error.name}: ${error.message}\n${frames}`;
  return Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
}
