/** Whether the system refused a datagram as too large for the path (RFC 6347 §4.1.1.1). */
export function isMessageTooLong(error: Error): boolean {
  return 'code' in error && error.code === 'EMSGSIZE';
}
