import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode } from "@temporalio/worker";
import { failureConverterPath } from "../../clients/payload-codec.ts";
import { tempFolder } from "./temp-folder.ts";

/** The workflows as another build has them, e.g. `../walls/changed-workflows.ts`; the file goes away with the test. */
export async function bundleOther(workflows: URL): Promise<{ codePath: string }> {
  const logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  const workflowsPath = fileURLToPath(workflows);
  const { code } = await bundleWorkflowCode({ workflowsPath, failureConverterPath, logger });
  const codePath = join(await tempFolder(), "workflows.js");
  await writeFile(codePath, code);
  return { codePath };
}
