import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A private folder that goes away with the test. Register what writes into it for stopping after this call. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "shopthread-case-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
