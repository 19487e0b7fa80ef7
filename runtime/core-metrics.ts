import { findFreePort } from "./free-port.ts";

/** Temporal's core shows its figures on a port of its own, loopback only; they are handed on beside ours. */
export type CoreMetrics = {
  /** For `Runtime.install`. */
  exporter: { prometheus: { bindAddress: string } & Record<string, string | boolean> };
  /** Empty while no worker runs. */
  read(): Promise<string>;
};

const readMs = 2_000;

export async function openCoreMetrics(): Promise<CoreMetrics> {
  const port = await findFreePort(0, "a port for Temporal's metrics");
  return {
    exporter: {
      prometheus: {
        bindAddress: `127.0.0.1:${port}`,
        countersTotalSuffix: true,
        unitSuffix: true,
        useSecondsForDurations: true,
      },
    },
    read: async () => {
      try {
        const signal = AbortSignal.timeout(readMs);
        const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal });
        return response.ok ? plainLines(await response.text()) : "";
      } catch {
        return "";
      }
    },
  };
}

/** Names, types and queues are code's; a line with anything else in a label is left out. */
export function plainLines(text: string): string {
  const isPlain = (line: string) =>
    line.startsWith("# ") || /^temporal_\w+(?:\{(?:\w+="[\w.:/+-]{0,80}",?)*\})? \S+$/.test(line);
  return text
    .split("\n")
    .filter(isPlain)
    .map((line) => `${line}\n`)
    .join("");
}
