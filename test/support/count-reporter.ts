import { writeSync } from "node:fs";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** Ends the output with one line, `N passed, N failed`, for scripts. */
export class CountReporter implements Reporter {
  private lastLine = "";
  private isArmed = false;

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    // Errors outside of any test count too: a broken import must not look like a smaller, green run.
    let failed = unhandledErrors.length;
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      passed += states.filter((state) => state === "passed").length;
      const failedTests = states.filter((state) => state === "failed").length;
      failed += failedTests === 0 && module.state() === "failed" ? 1 : failedTests;
    }
    this.lastLine = `${passed} passed, ${failed} failed\n`;
    this.arm();
  }

  /** Global teardown and the other reporters still write after the run's end. */
  private arm(): void {
    if (this.isArmed) return;
    this.isArmed = true;
    process.once("exit", () => writeSync(1, this.lastLine));
  }
}
