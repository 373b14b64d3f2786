/** The transcript on standard output: chapters, and lines that say who did what. */
export class Transcript {
  readonly #startedAt = performance.now();

  /** A heading, numbered by the reader's eye and not by us. */
  chapter(title: string): void {
    console.log(`\n── ${title} ${'─'.repeat(Math.max(0, 72 - title.length))}`);
  }

  /** One line: the time since the start in seconds, who acts, and what happened. */
  line(who: 'server' | 'device' | 'demo', what: string): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(2).padStart(6);
    console.log(`${seconds} s  ${who.padEnd(6)}  ${what}`);
  }
}
