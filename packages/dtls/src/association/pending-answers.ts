/** Numbers what is wanted of the owner of a core, so that an answer finds who asked, once, if it is still there. */
export class PendingAnswers<Asker> {
  readonly #byNumber = new Map<number, Asker>();
  readonly #numbers = new Map<Asker, number>();
  #asked = 0;

  /** Takes note of a question, one at a time for each asker. */
  ask(asker: Asker): number {
    this.forget(asker);
    this.#asked++;
    this.#byNumber.set(this.#asked, asker);
    this.#numbers.set(asker, this.#asked);
    return this.#asked;
  }

  /** Who asked; `undefined`: nobody does any more. */
  take(request: number): Asker | undefined {
    const asker = this.#byNumber.get(request);
    if (asker !== undefined) this.forget(asker);
    return asker;
  }

  /** The asker is gone. */
  forget(asker: Asker): void {
    const request = this.#numbers.get(asker);
    if (request === undefined) return;
    this.#numbers.delete(asker);
    this.#byNumber.delete(request);
  }
}
