/** Counts of checks, printed as they come. */
export class Tally {
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  /** Counts one check; a failed one is printed with all that it said. */
  check(name: string, isOk: boolean, output: string): void {
    this.add({ passed: isOk ? 1 : 0, failed: isOk ? 0 : 1 }, name, output);
  }

  /** Counts many checks that one program made. */
  add(counts: { passed: number; failed: number; skipped?: number }, name: string, output: string): void {
    this.#passed += counts.passed;
    this.#failed += counts.failed;
    this.#skipped += counts.skipped ?? 0;
    const total = counts.passed + counts.failed;
    const howMany = total === 1 ? '' : ` (${counts.passed} of ${total})`;
    if (counts.failed === 0) console.log(`ok   ${name}${howMany}`);
    else console.log(`FAIL ${name}${howMany}\n${output.trimEnd()}\n`);
  }

  /** The last line of every part: `N passed, N failed`, and what was skipped if anything was. */
  finish(): void {
    const skipped = this.#skipped > 0 ? `, ${this.#skipped} skipped` : '';
    console.log(`${this.#passed} passed, ${this.#failed} failed${skipped}`);
    process.exitCode = this.#failed === 0 ? 0 : 1;
  }
}
