import { resolve } from "node:path";
import { UsageError, runCommand } from "./run-command.ts";
import { writeWorkflowBundle } from "./workflow-bundle.ts";

const help = `npm run bundle -- <file>

Bundles the code of all workflows into one file, once for many workers: SHOPTHREAD_WORKFLOW_BUNDLE names it to them.
Make it anew with every release; a worker takes the file as it is.`;

await runCommand({
  help,
  run: async ([file, ...rest]) => {
    if (file === undefined || rest.length > 0) throw new UsageError("name the file to write");
    return writeWorkflowBundle(resolve(file));
  },
});
