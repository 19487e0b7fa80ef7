import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import "./provided.ts";

export type TestTemporal = { address: string; namespace: string; taskQueue: string };

/**
 * The run's Temporal server, with a namespace of this vitest worker and a task queue of this call, by which
 * listings filter. Call it once per test file.
 */
export function temporalNamespace(): TestTemporal {
  const { address, namespaces } = inject("temporal");
  const worker = Number(process.env["VITEST_POOL_ID"] ?? 0);
  const namespace = namespaces[worker % namespaces.length];
  if (namespace === undefined) throw new Error("global setup provided no namespace");
  return { address, namespace, taskQueue: `test-${randomBytes(6).toString("hex")}` };
}

/** For `Worker.create({ workflowBundle })`. */
export function workflowBundle(): { codePath: string } {
  const codePath = inject("workflowBundlePath");
  if (codePath === "") throw new Error("there is no workflows/index.ts to bundle");
  return { codePath };
}
