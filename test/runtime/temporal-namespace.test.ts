import { Connection } from "@temporalio/client";
import { expect, onTestFinished, test } from "vitest";

import { ensureNamespace } from "../../runtime/temporal-namespace.ts";
import { startOwnTemporal } from "../support/own-temporal.ts";

test("makes the namespace of a given server once", async () => {
  const { address } = await startOwnTemporal({ namespace: "other" });
  const connection = await Connection.connect({ address });
  onTestFinished(() => connection.close());
  const { workflowService } = connection;

  await ensureNamespace(workflowService, "shop");
  await ensureNamespace(workflowService, "shop");

  const described = await workflowService.describeNamespace({ namespace: "shop" });
  expect(described.namespaceInfo?.name).toBe("shop");
  expect(described.config?.workflowExecutionRetentionTtl?.seconds?.toNumber()).toBe(72 * 3_600);
});
