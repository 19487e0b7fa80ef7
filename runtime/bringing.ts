import type { Config } from "./config.ts";
import type { ChildList } from "./leftover-children.ts";
import type { Progress } from "./progress.ts";
import type { RunFile } from "./run-file.ts";
import type { Secrets } from "./secrets.ts";
import type { StatePaths } from "./state-paths.ts";
import type { Step } from "./steps.ts";
import type { UndoStack } from "./undo-stack.ts";

/** What the steps of one start share. */
export type Bringing = {
  config: Config;
  paths: StatePaths;
  secrets: Secrets;
  runFile: RunFile;
  children: ChildList;
  undo: UndoStack;
  step: Step;
  progress: Progress;
  /** Aborted when the start is to be given up. */
  signal: AbortSignal;
};
