import { codeClass, type Message } from '../wire/index.ts';

/**
 * Whether the answer to a request that came to a group is sent: by default neither errors nor what says nothing. The
 * option No-Response of the request decides where there is one.
 *
 * @param noResponse its value: bit 1 takes away class 2, bit 3 class 4, bit 4 class 5
 * @see RFC 7252 §8.2; RFC 7967 §2.1
 */
export function isAnswerWanted(answer: Pick<Message, 'code' | 'payload'>, noResponse: number | undefined): boolean {
  const group = codeClass(answer.code);
  if (noResponse !== undefined) return (noResponse & (1 << (group - 1))) === 0;
  return group === 2 && answer.payload.length > 0;
}
