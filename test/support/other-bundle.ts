import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode } from "@temporalio/worker";
import { failureConverterPath } from "../../clients/payload-codec.ts";
import { tempFolder } from "./temp-folder.ts";

/** The workflows as another build has them, e.g. `../walls/changed-workflows.ts`; the file goes away with the test. */
export async function bundleOther(workflows: URL): Promise<{ codePath: string }> {
  const path = fileURLToPath(workflows);
  const bundled = bundles.get(path) ?? bundle(path);
  bundles.set(path, bundled);
  const codePath = join(await tempFolder(), "workflows.js");
  await writeFile(codePath, await bundled);
  return { codePath };
}

/** Of this file's tests. */
const bundles = new Map<string, Promise<string>>();

async function bundle(workflowsPath: string): Promise<string> {
  const logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  const { code } = await bundleWorkflowCode({ workflowsPath, failureConverterPath, logger });
  return code;
}
