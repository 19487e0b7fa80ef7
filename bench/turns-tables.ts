import type { Growth } from "./measure/growth.ts";
import type { Idle } from "./measure/idle.ts";
import type { LoadResult } from "./measure/load-result.ts";
import { percentile, round, spread } from "./measure/percentile.ts";
import type { TurnCounts } from "./measure/turn-counts.ts";
import type { Report, Table } from "./report.ts";

export type Variant = { name: string; loads: (LoadResult & { load: string })[] };

export type TurnsData = {
  counts: TurnCounts;
  variants: Variant[];
  growth: Growth | undefined;
  idle: Idle | undefined;
  startUpMs: number;
  firstReplyMs: number;
  memoryMib: Record<string, number>;
  connections: Record<string, number>;
};

/** Both calls of a turn. */
const modelCalls = 2;

export function tablesOf(
  data: TurnsData,
  { rate, atOnce }: { rate: number; atOnce: number },
): Pick<Report, "tables" | "notes"> {
  return {
    tables: [
      paced(data.variants, rate),
      saturated(data.variants, atOnce),
      processorTime(data.variants),
      perTurn(data.counts),
      other(data),
    ],
    notes: [
      "Overhead is the time from the webhook's first byte to the reply at the Graph API, less the model's own time. Pairs are p50/p99.",
      "A turn: a signed webhook, two model calls, a tool that writes the cart, one message and two actions at the Graph API. The shops wait for no burst to end.",
      "`load` is the process of the load, the Graph API and the model; it is in no sum.",
    ],
  };
}

function find({ loads }: Variant, load: string) {
  return loads.find((result) => result.load === load);
}

function paced(variants: Variant[], rate: number): Table {
  const rows = variants.flatMap((variant) =>
    [0, 300].flatMap((modelMs) => {
      const result = find(variant, `open-${modelMs}`);
      if (!result) return [];
      const overhead = result.e2eMs.map((ms) => ms - modelCalls * modelMs);
      const { turns, unanswered, refused } = result;
      return [
        [
          variant.name,
          `${modelMs} ms`,
          spread(result.ackMs),
          spread(overhead),
          `${turns}/${unanswered}/${refused}`,
        ],
      ];
    }),
  );
  return {
    title: `${rate} messages a second, open loop`,
    head: ["variant", "model", "webhook answer ms", "overhead ms", "answered/unanswered/refused"],
    rows,
  };
}

function saturated(variants: Variant[], atOnce: number): Table {
  const rows = variants.flatMap((variant) => {
    const result = find(variant, "closed");
    if (!result) return [];
    const { perSecond, ackMs, e2eMs, unanswered } = result;
    const ack = `${spread(ackMs)}, ${round(percentile(ackMs, 1))}`;
    return [[variant.name, round(perSecond), ack, spread(e2eMs), String(unanswered)]];
  });
  return {
    title: `${atOnce} people at once, closed loop, model at 0 ms`,
    head: ["variant", "turns/s", "webhook answer ms, the highest", "end to end ms", "unanswered"],
    rows,
  };
}

function processorTime(variants: Variant[]): Table {
  const rows = variants.flatMap((variant) =>
    variant.loads.map(({ load, cpuPer1000 }) => {
      const { load: _own, ...product } = cpuPer1000;
      const sum = Object.values(product).reduce((total, value) => total + value, 0);
      const parts = Object.entries(cpuPer1000).map(([name, value]) => `${name} ${round(value)}`);
      return [variant.name, load, round(sum), parts.join(", ")];
    }),
  );
  return {
    title: "Processor seconds for 1,000 turns",
    head: ["variant", "load", "sum", "by process"],
    rows,
  };
}

function perTurn(counts: TurnCounts): Table {
  const { api, worker, keyring } = counts;
  const rows: [string, string][] = [
    ["history events", round(counts.events)],
    ["history bytes", round(counts.historyBytes)],
    ["signals", round(counts.signals)],
    ["workflow tasks", round(counts.workflowTasks)],
    ["activities", round(counts.activities)],
    ["statements (transactions) of the API", `${round(api.statements)} (${round(api.transactions)})`],
    [
      "statements (transactions) of the worker",
      `${round(worker.statements)} (${round(worker.transactions)})`,
    ],
    ["statements of the keyring", round(keyring.statements)],
    ["Graph calls", round(counts.graphCalls)],
    ["model calls", round(counts.modelCalls)],
  ];
  return { title: "One plain turn", head: ["what", "how many"], rows };
}

function other({ growth, idle, ...data }: TurnsData): Table {
  const list = (values: Record<string, number>) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${round(value)}`)
      .join(", ");
  const rows = [
    ["from nothing to ready, ms", round(data.startUpMs)],
    ["from nothing to the first reply, ms", round(data.firstReplyMs)],
    ["memory after all, MiB", list(data.memoryMib)],
    ["connections to PostgreSQL", list(data.connections)],
  ];
  if (growth) {
    rows.push(
      [`events a turn over ${growth.turns} turns`, round(growth.eventsPerTurn)],
      ["last tenth : first tenth, end to end", round(growth.lastMs / growth.firstMs)],
    );
  }
  if (idle) {
    const { openWorkflows: open, workerMib } = idle;
    rows.push(
      [
        `open workflows before and with ${idle.conversations} idle conversations`,
        `${open.before}, ${open.after}`,
      ],
      ["worker before and with them, MiB", `${round(workerMib.before)}, ${round(workerMib.after)}`],
      ["processor seconds an hour while nobody writes", list(idle.cpuPerHour)],
    );
  }
  return { title: "Other", head: ["what", "value"], rows };
}
