import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode } from "@temporalio/worker";
import { failureConverterPath } from "../clients/payload-codec.ts";

const workflowsPath = fileURLToPath(new URL("../workflows/index.ts", import.meta.url));

/** The workflows' code for a worker: about a second. */
export async function bundleWorkflows(): Promise<{ code: string }> {
  const { code } = await bundleWorkflowCode({ workflowsPath, failureConverterPath, logger: quietLogger });
  return { code };
}

/** Bundles all workflows once; workers take the file as `workflowBundle: { codePath }`. False: there are none yet. */
export async function writeWorkflowBundle(codePath: string): Promise<boolean> {
  if (!existsSync(workflowsPath)) return false;
  const { code } = await bundleWorkflows();
  await mkdir(dirname(codePath), { recursive: true });
  await writeFile(codePath, code);
  return true;
}

const quietLogger = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: (message: string) => console.warn(message),
  error: (message: string) => console.error(message),
};
