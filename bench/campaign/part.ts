import { startApi } from "../../runtime/api.ts";
import { readConfig } from "../../runtime/config.ts";
import { openCore } from "../../runtime/open-core.ts";
import type { RunningPart } from "../../runtime/parts.ts";
import { startSim } from "../../runtime/sim.ts";
import { startWorker } from "../../runtime/worker.ts";
import { openBank } from "./bank.ts";
import { SteppedClock, failingActivities, failingCore } from "./failing-core.ts";
import { Failpoints } from "./failpoints.ts";
import type { ArmedFailpoints } from "./failpoints.ts";

/** From the campaign to one of its processes. */
export type ToPart = { arm?: ArmedFailpoints | null; clockOffsetMs?: number };
/** And back. */
export type FromPart = { type: "ready" };

const [kind, name] = process.argv.slice(2);
const clock = new SteppedClock();
const failpoints = new Failpoints({
  process: name ?? "",
  journal: process.env["CAMPAIGN_JOURNAL"] ?? "/dev/null",
});

process.on("message", ({ arm, clockOffsetMs }: ToPart) => {
  if (arm !== undefined) failpoints.arm(arm ?? undefined);
  if (clockOffsetMs !== undefined) clock.step(clockOffsetMs);
});
// A campaign that dies takes its processes along.
process.on("disconnect", () => process.exit(1));
const part = await start();
process.on("SIGTERM", () => void part.stop().then(() => process.exit(0)));
tell({ type: "ready" });

async function start(): Promise<RunningPart> {
  const config = readConfig(process.env);
  switch (kind) {
    case "sim":
      return startSim(config);
    case "api":
    case "worker": {
      const core = await openCore(config, { name: "campaign", login: kind, connections: 20 });
      const failing = failingCore(core, failpoints, clock);
      if (kind === "api") return startApi(config, { core: failing });
      return startWorker(config, {
        core: failing,
        workflowBundle: { codePath: process.env["CAMPAIGN_BUNDLE"] ?? "" },
        deps: {
          atStep: (step) => failpoints.pass(step),
          payoutProvider: openBank(process.env["CAMPAIGN_BANK"] ?? ""),
        },
        interceptors: failingActivities(failpoints),
      });
    }
    default:
      throw new TypeError(`no such part: ${kind}`);
  }
}

function tell(message: FromPart): void {
  process.send?.(message);
}
