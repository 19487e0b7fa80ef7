import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createLogger } from "../../clients/log.ts";
import { safeError } from "../../clients/log-fields.ts";
import { createTemporalLogger } from "../../clients/temporal-logger.ts";
import { AppError } from "../../domain/app-error.ts";
import { newId, toTypeId } from "../../domain/id.ts";

function capture(level: "info" | "trace" = "info") {
  const lines: string[] = [];
  const log = createLogger("worker", {
    level,
    destination: { write: (line: string) => void lines.push(line) },
  });
  const entries = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, lines, entries };
}

describe("a log line", () => {
  test("holds ids, codes, numbers, times and the event", () => {
    const { log, entries } = capture();
    const orderId = newId<string>();
    const fields = {
      orderId,
      shopId: toTypeId("shop", newId()),
      workflowId: `order/${toTypeId("ord", orderId)}`,
      code: "order.already_decided",
      durationMs: 12.5,
      isRetryable: true,
      occurredAt: new Date("2026-11-25T10:00:00Z"),
      route: "/v1/orders/:id/confirm-payment",
      address: "127.0.0.1:4000",
    };
    log.info(fields, "order.placed");
    expect(entries()[0]).toEqual({
      ...fields,
      occurredAt: "2026-11-25T10:00:00.000Z",
      level: "info",
      process: "worker",
      time: expect.any(String) as string,
      msg: "order.placed",
    });
  });

  const canaries = [
    "CANARY Ma Hla",
    "မလှ CANARY",
    "0912345678 CANARY",
    "7200000000000001",
    "+959123456789",
    "a@canary.example",
    "No. 5, Bogyoke Road",
    'CANARY\r\n{"level":"fatal"}',
    "\u001b[31mCANARY",
    "4111111111111111",
    "card4111111111111111",
    "card-4111-1111-1111-1111",
    "card_4111_1111_1111_1111",
  ];

  test.each(canaries)("never holds %j, whatever field, child or event it is given as", (canary) => {
    const { log, lines } = capture();
    const everywhere: Record<string, unknown> = {
      text: canary,
      name: canary,
      customerId: canary,
      orderId: canary,
      code: canary,
      reason: canary,
      state: canary,
      workflowId: `conversation/${canary}`,
      route: `/v1/${canary}`,
      method: canary,
      traceId: canary,
      at: canary,
      count: canary,
      isDemo: canary,
      address: canary,
      nested: { deep: [canary] },
      [canary]: 1,
      err: canary,
      shopId: [canary],
      size: { valueOf: () => canary },
      requestId: canary,
    };
    log.info(everywhere, "order.placed");
    log.info(everywhere, canary);
    log.info(canary);
    log.info(`order.placed ${canary}`);
    log.info({}, "order.placed %s", canary);
    const child = log.child(everywhere).child({ ...everywhere, count: 1 });
    child.setBindings(everywhere);
    child.warn({ err: new Error(canary) }, "x.y");
    log.error(new Error(canary, { cause: new TypeError(canary) }), "x.y");
    log.error(
      { err: Object.assign(new Error(canary), { code: canary, detail: canary, name: canary }) },
      "x.y",
    );
    const printed = lines.join("");
    for (const word of [canary, "CANARY", JSON.stringify(canary).slice(1, -1)])
      expect(printed).not.toContain(word);
    expect(lines.every((line) => line.split("\n").length === 2 && JSON.parse(line) !== null)).toBe(true);
  });

  test("says how many fields it left out", () => {
    const { log, entries } = capture();
    log.info({ text: "hello", phone: "09", count: 1 }, "message.received");
    expect(entries()[0]).toMatchObject({ count: 1, droppedFields: 2 });
  });

  test("of another library's logger is the same", () => {
    const { log, entries, lines } = capture("trace");
    const logger = createTemporalLogger(log);
    const error = new Error("CANARY");
    logger.info("Worker state changed", { state: "RUNNING", taskQueue: "main", payload: "CANARY" });
    logger.warn("Activity failed: CANARY words", { error, workflowId: `order/${newId<string>()}` });
    logger.trace("09123456 CANARY");
    expect(entries().map(({ level, msg }) => [level, msg])).toEqual([
      ["info", "temporal:worker-state-changed"],
      ["warn", "temporal:activity-failed"],
      ["trace", "log.event_redacted"],
    ]);
    expect(entries()[0]).toMatchObject({ state: "RUNNING", taskQueue: "main" });
    expect(lines.join("")).not.toContain("CANARY");
  });
});

describe("an error in a log", () => {
  test("of ours keeps its code, kind, words for logs, place and cause", () => {
    const cause = Object.assign(new Error("CANARY duplicate key (phone)=(09123)"), { code: "23505" });
    const safe = safeError(
      new AppError("conflict", "order.already_decided", { internal: "order left review", cause }),
    );
    expect(safe).toMatchObject({
      class: "AppError",
      kind: "conflict",
      code: "order.already_decided",
      internal: "order left review",
      cause: { class: "Error", code: "23505" },
    });
    expect(safe.stack?.[0]).toContain("log.test.ts");
    expect(JSON.stringify(safe)).not.toContain("CANARY");
  });

  test.each(["phone 0912345678", "customer မလှ", "mail a@b.example", "two\nlines", "x".repeat(400)])(
    "of ours that breaks the rule with %j loses its words",
    (internal) => {
      expect(safeError(new AppError("internal", "a.b", { internal })).internal).toBe("[redacted]");
    },
  );

  test("whose message imitates a stack keeps only the real one", () => {
    const error = new Error("oops\n    at CANARY (/srv/CANARY.ts:1:1)\n    at /CANARY.ts:2:2");
    const safe = safeError(error);
    expect(JSON.stringify(safe)).not.toContain("CANARY");
    expect(safe.stack?.length).toBeGreaterThan(0);
  });

  test("may be anything that was thrown, and may point at itself", () => {
    const circular = new Error("x");
    circular.cause = circular;
    expect(safeError(circular).cause?.cause?.cause).toBeDefined();
    expect(safeError("CANARY")).toEqual({ class: "string" });
    expect(safeError(null)).toEqual({ class: "null" });
  });
});

test("goes on with its work when the disk of the log is full", async () => {
  const program = `
    import { createLogger } from ${JSON.stringify(new URL("../../clients/log.ts", import.meta.url).href)};
    const log = createLogger("worker");
    for (let line = 0; line < 20_000; line += 1) log.info({ count: line }, "order.placed");
    setTimeout(() => {
      log.fatal("process.failed");
      process.stderr.write("the work is done");
      process.exit(3);
    }, 1);`;
  const full = openSync("/dev/full", "w"); // each write fails as on a full disk
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], {
    stdio: ["ignore", full, "pipe"],
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  closeSync(full);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const how = await new Promise((resolve) =>
    child.once("close", (code, signal) => resolve({ code, signal })),
  );
  expect({ how, said }).toEqual({ how: { code: 3, signal: null }, said: "the work is done" });
});
