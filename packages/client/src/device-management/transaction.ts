/**
 * What an application does about changes that belong together: all resources of a Write, of a Write-Composite, or of a
 * bootstrap. What it throws in `begin` or `validate` refuses the whole; a `RequestRefusedError` names the answer.
 */
export interface TransactionHandlers {
  /** Before anything is changed. */
  begin?(paths: readonly string[]): void | Promise<void>;
  /** After all is changed and before it counts: the values can be read as they are to be. */
  validate?(paths: readonly string[]): void | Promise<void>;
  /** All of it counts: write it to where it lasts. What is thrown here rolls back as well. */
  commit?(paths: readonly string[]): void | Promise<void>;
  /** None of it counts; the values are as they were before. */
  rollBack?(paths: readonly string[]): void | Promise<void>;
}

/**
 * Changes that are made all or not at all. Each step says how it is undone; what fails is undone in reverse order.
 *
 * @see LwM2M Core 1.1.1 §6.3.3 (Write), §6.3.9 (Write-Composite is atomic), §6.1.7.6 (Bootstrap-Finish)
 */
export class Transaction {
  readonly #handlers: TransactionHandlers;
  readonly #paths: readonly string[];
  readonly #undo: (() => void | Promise<void>)[] = [];

  /** @param paths what is changed, as text */
  constructor(handlers: TransactionHandlers, paths: readonly string[]) {
    this.#handlers = handlers;
    this.#paths = paths;
  }

  /** Does it all, or nothing. @throws whatever the work, or the application, throws */
  static async run(
    handlers: TransactionHandlers,
    paths: readonly string[],
    work: (transaction: Transaction) => void | Promise<void>,
  ): Promise<void> {
    const transaction = new Transaction(handlers, paths);
    await transaction.begin();
    try {
      await work(transaction);
      await transaction.commit();
    } catch (error) {
      await transaction.rollBack();
      throw error;
    }
  }

  /** Tells the application. @throws whatever it throws */
  async begin(): Promise<void> {
    await this.#handlers.begin?.(this.#paths);
  }

  /** Says how a step that was just made is undone. */
  onRollBack(undo: () => void | Promise<void>): void {
    this.#undo.push(undo);
  }

  /** Lets the application judge the whole, and then keep it. @throws whatever it throws; then it is to be rolled back */
  async commit(): Promise<void> {
    await this.#handlers.validate?.(this.#paths);
    await this.#handlers.commit?.(this.#paths);
  }

  /** Undoes every step, the last one first. What a step throws does not keep the others from being undone. */
  async rollBack(): Promise<void> {
    for (const undo of [...this.#undo.splice(0).reverse(), () => this.#handlers.rollBack?.(this.#paths)]) {
      try {
        await undo();
      } catch {
        // The failure that led here is what the server and the application are told.
      }
    }
  }
}
