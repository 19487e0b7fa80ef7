import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultPayloadConverter } from "@temporalio/common";
import type { FailureConverter, Payload } from "@temporalio/common";
import { bundleWorkflowCode, Worker } from "@temporalio/worker";
import { beforeAll, describe, expect, test } from "vitest";
import {
  createDataConverter,
  createPayloadCodec,
  failureConverterPath,
  sealedEncoding,
} from "../../clients/payload-codec.ts";
import type { PayloadKey } from "../../clients/payload-codec.ts";
import { loadPayloadKeys } from "../../clients/payload-keys.ts";
import { fc } from "../support/properties.ts";

const key = (id: string): PayloadKey => ({ id, key: randomBytes(32) });
const keyA = key("payload-1");
const codec = createPayloadCodec([keyA]);

function payloadOf(value: unknown): Payload {
  return defaultPayloadConverter.toPayload(value);
}

async function sealOne(payload: Payload, with_ = codec): Promise<Payload> {
  const [sealed] = await with_.encode([payload]);
  return sealed as Payload;
}

describe("payload codec", () => {
  test("returns what it was given: any value, metadata included", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 5 }), async (values) => {
        const payloads = values.map(payloadOf);
        const decoded = await codec.decode(await codec.encode(payloads));
        expect(decoded.map((payload) => defaultPayloadConverter.fromPayload(payload))).toEqual(
          payloads.map((payload) => defaultPayloadConverter.fromPayload(payload)),
        );
        expect(decoded.map(({ metadata }) => String(metadata?.["encoding"]))).toEqual(
          payloads.map(({ metadata }) => Buffer.from(metadata?.["encoding"] ?? []).toString()),
        );
      }),
    );
    const bytes = payloadOf(new Uint8Array([0, 255, 128]));
    const [decoded] = await codec.decode([await sealOne(bytes)]);
    expect(defaultPayloadConverter.fromPayload(decoded as Payload)).toEqual(new Uint8Array([0, 255, 128]));
    const nothing = payloadOf(undefined);
    const [none] = await codec.decode([await sealOne(nothing)]);
    expect(defaultPayloadConverter.fromPayload(none as Payload)).toBeUndefined();
  });

  test("seals the empty result of a workflow, whose bytes are a plain array inside the sandbox", async () => {
    const nothing = { ...payloadOf(undefined), data: [] as unknown as Uint8Array };
    const [opened] = await codec.decode([await sealOne(nothing)]);
    expect(defaultPayloadConverter.fromPayload(opened as Payload)).toBeUndefined();
  });

  test("shows only its encoding and the key's id", async () => {
    const sealed = await sealOne(payloadOf({ text: "CANARY" }));
    expect(Object.keys(sealed.metadata ?? {}).sort()).toEqual(["encoding", "kid"]);
    expect(String(sealed.metadata?.["encoding"])).toBe(sealedEncoding);
    expect(String(sealed.metadata?.["kid"])).toBe("payload-1");
    expect(Buffer.from(sealed.data ?? []).includes("CANARY")).toBe(false);
  });

  test("opens what an older key sealed, and seals with the newest", async () => {
    const old = await sealOne(payloadOf("old"));
    const rotated = createPayloadCodec([key("payload-2"), keyA]);
    const [opened] = await rotated.decode([old]);
    expect(defaultPayloadConverter.fromPayload(opened as Payload)).toBe("old");
    expect(String((await sealOne(payloadOf("new"), rotated)).metadata?.["kid"])).toBe("payload-2");
  });

  test("refuses every changed byte and every cut with a typed error that tells nothing", async () => {
    const sealed = await sealOne(payloadOf("CANARY"));
    const data = Buffer.from(sealed.data ?? []);
    const variants = [...data.keys()].flatMap((index) => {
      const changed = Buffer.from(data);
      changed[index] = (changed[index] ?? 0) ^ 1;
      return [changed, data.subarray(0, index)];
    });
    for (const variant of variants) {
      const decoded = codec.decode([{ ...sealed, data: variant }]);
      await expect(decoded).rejects.toMatchObject({ name: "AppError", code: "payload.damaged" });
      await expect(decoded).rejects.not.toThrow(/CANARY/);
    }
  });

  test("refuses an unknown key, another key under the same id, and an unknown encoding", async () => {
    const sealed = await sealOne(payloadOf("x"));
    const refusal = (payload: Payload, keys = [keyA]) =>
      expect(createPayloadCodec(keys).decode([payload])).rejects;
    await refusal(sealed, [key("payload-9")]).toMatchObject({ code: "payload.unknown_key" });
    await refusal(sealed, [key("payload-1")]).toMatchObject({ code: "payload.damaged" });
    const twins = [keyA, { ...keyA, id: "payload-2" }];
    const relabelled = { ...sealed, metadata: { ...sealed.metadata, kid: Buffer.from("payload-2") } };
    await refusal(relabelled, twins).toMatchObject({ code: "payload.damaged" });
    const strange = { ...sealed, metadata: { ...sealed.metadata, encoding: Buffer.from("binary/other") } };
    await refusal(strange).toMatchObject({ code: "payload.unknown_encoding" });
  });

  test("lets pass what the server or the command line wrote in clear", async () => {
    const plain = payloadOf({ from: "cli" });
    expect(await codec.decode([plain, {}])).toEqual([plain, {}]);
  });

  test("never throws while encoding, whatever a payload looks like", async () => {
    const odd = [
      null,
      undefined,
      {},
      { metadata: null, data: null },
      { metadata: { a: 7 } },
    ] as unknown as Payload[];
    const encoded = await codec.encode(odd);
    expect(encoded).toHaveLength(5);
    expect(JSON.stringify(encoded)).not.toContain("CANARY");
    const big = await sealOne({ metadata: {}, data: randomBytes(2_000_000) });
    expect((await codec.decode([big]))[0]?.data).toHaveLength(2_000_000);
  });

  test("is not made with no key, a short one or two of one id", () => {
    for (const keys of [[], [{ id: "a", key: randomBytes(16) }], [keyA, keyA], [key("a b")]]) {
      expect(() => createPayloadCodec(keys)).toThrow(/config\.payload_keys/);
    }
  });
});

describe("failures", () => {
  const { failureConverter } = createRequire(import.meta.url)(failureConverterPath) as {
    failureConverter: FailureConverter;
  };

  test("keep message and stack out of the clear text", async () => {
    const failure = failureConverter.errorToFailure(new Error("CANARY ၀၉၁၂၃"), defaultPayloadConverter);
    expect(failure.message).toBe("Encoded failure");
    expect(failure.stackTrace).toBe("");
    const attributes = failure.encodedAttributes as Payload;
    expect(Buffer.from(attributes.data ?? []).includes("CANARY")).toBe(true);
    const sealed = await sealOne(attributes);
    expect(Buffer.from(sealed.data ?? []).includes("CANARY")).toBe(false);
    const [opened] = await codec.decode([sealed]);
    const error = failureConverter.failureToError(
      { ...failure, encodedAttributes: opened as Payload },
      defaultPayloadConverter,
    );
    expect(error.message).toBe("CANARY ၀၉၁၂၃");
  });
});

describe("replay", () => {
  let workflowBundle: { code: string };
  beforeAll(async () => {
    workflowBundle = await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, "codec/probe.workflow.ts"),
      failureConverterPath,
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    });
  });

  const replay = async (history: unknown, keys: PayloadKey[]) =>
    Worker.runReplayHistory({ workflowBundle, dataConverter: createDataConverter(keys) }, history);

  test("a history of sealed payloads replays, also after the key was rotated", async () => {
    const history = await storyOf({ state: "paid" });
    expect(JSON.stringify(history)).not.toContain("paid");
    await replay(history, [keyA]);
    await replay(history, [key("payload-2"), keyA]);
  });

  test("a history whose key is not there does not replay", async () => {
    await expect(replay(await storyOf({ state: "paid" }), [key("payload-3")])).rejects.toThrow();
  });
});

/** What the server recorded of `probe`: started, activity done, completed. */
async function storyOf(seen: { state: string }): Promise<unknown> {
  const sealed = async (value: unknown) => ({ payloads: [toJson(await sealOne(payloadOf(value)))] });
  const taskQueue = { name: "probe", kind: "TASK_QUEUE_KIND_NORMAL" };
  const input = await sealed({ orderId: "0192" });
  const events: [string, string, Record<string, unknown>][] = [
    [
      "WORKFLOW_EXECUTION_STARTED",
      "workflowExecutionStarted",
      {
        workflowType: { name: "probe" },
        taskQueue,
        input,
        attempt: 1,
        originalExecutionRunId: "run",
        firstExecutionRunId: "run",
        workflowTaskTimeout: "10s",
      },
    ],
    ["WORKFLOW_TASK_SCHEDULED", "workflowTaskScheduled", { taskQueue, attempt: 1 }],
    ["WORKFLOW_TASK_STARTED", "workflowTaskStarted", { scheduledEventId: "2" }],
    ["WORKFLOW_TASK_COMPLETED", "workflowTaskCompleted", { scheduledEventId: "2", startedEventId: "3" }],
    [
      "ACTIVITY_TASK_SCHEDULED",
      "activityTaskScheduled",
      {
        activityId: "1",
        activityType: { name: "look" },
        taskQueue,
        input,
        workflowTaskCompletedEventId: "4",
        startToCloseTimeout: "5s",
      },
    ],
    ["ACTIVITY_TASK_STARTED", "activityTaskStarted", { scheduledEventId: "5", attempt: 1 }],
    [
      "ACTIVITY_TASK_COMPLETED",
      "activityTaskCompleted",
      { scheduledEventId: "5", startedEventId: "6", result: await sealed(seen) },
    ],
    ["WORKFLOW_TASK_SCHEDULED", "workflowTaskScheduled", { taskQueue, attempt: 1 }],
    ["WORKFLOW_TASK_STARTED", "workflowTaskStarted", { scheduledEventId: "8" }],
    ["WORKFLOW_TASK_COMPLETED", "workflowTaskCompleted", { scheduledEventId: "8", startedEventId: "9" }],
    [
      "WORKFLOW_EXECUTION_COMPLETED",
      "workflowExecutionCompleted",
      { result: await sealed(seen), workflowTaskCompletedEventId: "10" },
    ],
  ];
  return {
    events: events.map(([type, name, attributes], index) => ({
      eventId: String(index + 1),
      eventTime: new Date(1_790_000_000_000 + index).toISOString(),
      eventType: `EVENT_TYPE_${type}`,
      [`${name}EventAttributes`]: attributes,
    })),
  };
}

function toJson({ metadata, data }: Payload) {
  const base64 = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString("base64");
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)]),
    ),
    data: base64(data),
  };
}

test("the namespace key is made once and kept for its owner alone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "payload-keys-"));
  const all = await Promise.all(Array.from({ length: 6 }, () => loadPayloadKeys(folder)));
  const ids = new Set(all.map((keys) => Buffer.from(keys[0]?.key ?? []).toString("hex")));
  expect(ids.size).toBe(1);
  expect(await readdir(folder)).toEqual(["payload-1.key"]);
  expect((await stat(join(folder, "payload-1.key"))).mode & 0o777).toBe(0o600);
  await rm(folder, { recursive: true });
});
