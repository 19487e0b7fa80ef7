import type { PayloadCodec } from "@temporalio/common";
import { mapPayloads, readPayload } from "./map-payloads.ts";

/** A history in its JSON form, as `historyToJSON` of the SDK makes it and `test/histories` keeps it. */
export type HistoryJson = { events: EventJson[] };
type EventJson = { eventId: string | number; eventTime: string; eventType: string; [name: string]: unknown };

/** One line an event: number, time, kind, and what it carries, decoded. */
export async function describeHistory(history: HistoryJson, codec: PayloadCodec): Promise<string[]> {
  const read = await mapPayloads(history, (payload) => readPayload(codec, payload));
  return (read as HistoryJson).events.map(describeEvent);
}

/** Of the SDK's and the server's making, and nothing that an operator asks for. */
const noise = new Set([
  "sdkMetadata",
  "meteringMetadata",
  "workerVersion",
  "historySizeBytes",
  "requestId",
  "originalExecutionRunId",
  "firstExecutionRunId",
  "workflowTaskCompletedEventId",
  "scheduledEventId",
  "header",
]);

function describeEvent(event: EventJson): string {
  const [, attributes] = Object.entries(event).find(([name]) => name.endsWith("EventAttributes")) ?? [];
  const kind = event.eventType.replace(/^EVENT_TYPE_/, "").toLowerCase();
  const shown = Object.entries(attributes ?? {}).filter(
    ([name, value]) => !noise.has(name) && !isEmpty(value),
  );
  const text = shown.length === 0 ? "" : ` ${JSON.stringify(Object.fromEntries(shown))}`;
  return `${String(event.eventId).padStart(4)} ${event.eventTime} ${kind}${text}`;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}
