import type { CoapResponse } from '../client/coap-response.ts';

/** The response of one member of a group. */
export interface GroupResponse extends CoapResponse {
  /** `false`: the body has more blocks than this payload, and they could not be fetched (RFC 7959 §2.8). */
  readonly isComplete: boolean;
}

/** Responses as they come. It ends when the time of the request is over, or early with `return()`: `break` does that. */
export interface GroupResponses extends AsyncIterableIterator<GroupResponse> {
  /** Itself. */
  [Symbol.asyncIterator](): GroupResponses;
  /** Ends the waiting; responses that come later are forgotten. */
  return(): Promise<IteratorResult<GroupResponse>>;
}

interface Waiting {
  readonly resolve: (result: IteratorResult<GroupResponse>) => void;
  readonly reject: (error: Error) => void;
}

/** The responses of one request that nobody took yet, or those who wait for one. */
export class ResponseQueue implements GroupResponses {
  readonly #responses: GroupResponse[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #onReturn: () => void;
  #isOver = false;
  #error: Error | undefined;

  /** @param onReturn called once, when nobody wants more */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  /** Adds a response. */
  push(response: GroupResponse): void {
    if (this.#isOver) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#responses.push(response);
    else waiting.resolve({ done: false, value: response });
  }

  /** No more will come; with an error, whoever asks for one more gets it, once. */
  end(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    for (const waiting of this.#waiting.splice(0)) {
      if (this.#error === undefined) waiting.resolve({ done: true, value: undefined });
      else waiting.reject(this.#takeError() as Error);
    }
  }

  next(): Promise<IteratorResult<GroupResponse>> {
    const response = this.#responses.shift();
    if (response !== undefined) return Promise.resolve({ done: false, value: response });
    const error = this.#takeError();
    if (error !== undefined) return Promise.reject(error);
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<GroupResponse>> {
    this.#responses.length = 0;
    this.end();
    this.#error = undefined;
    this.#onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #takeError(): Error | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }
}
