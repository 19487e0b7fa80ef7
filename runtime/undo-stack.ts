/** What must be stopped, last started first. Running it twice is the same as once. */
export class UndoStack {
  private readonly undos: (() => Promise<void> | void)[] = [];
  private unwinding: Promise<void> | undefined;

  push(undo: () => Promise<void> | void): void {
    this.undos.push(undo);
  }

  unwind(): Promise<void> {
    this.unwinding ??= this.run();
    return this.unwinding;
  }

  private async run(): Promise<void> {
    for (let undo = this.undos.pop(); undo; undo = this.undos.pop()) {
      try {
        await undo();
      } catch (error) {
        // One that cannot be stopped must not keep the others running.
        console.error(error instanceof Error ? error.message : error);
      }
    }
  }
}
