import { createLogger } from "../clients/log.ts";
import { AppError } from "../domain/app-error.ts";
import type { Config } from "./config.ts";
import { loadPart } from "./parts.ts";
import type { PartName, RunningPart, StartPart } from "./parts.ts";

/** Set by the supervisor: the standard input is its pipe, whose end means that it is gone. */
export const SUPERVISED = "SHOPTHREAD_SUPERVISED";

const STOP_DEADLINE_MS = 20_000;

/** Runs one part in this process until it is told to stop. `given`: another start of it, only for benches. */
export async function runPart(name: PartName, config: Config, given?: StartPart): Promise<void> {
  const logger = createLogger(name, { level: config.SHOPTHREAD_LOG_LEVEL });
  let running: RunningPart | undefined;
  let isStopping = false;
  const stop = async (reason: string) => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ reason }, "process.stopping");
    setTimeout(() => exit(1), STOP_DEADLINE_MS).unref();
    try {
      await running?.stop();
      logger.info("process.stopped");
      exit(0);
    } catch (err) {
      logger.error({ err }, "process.unclean_stop");
      exit(1);
    }
  };
  const fail = (err: unknown) => {
    logger.fatal({ err }, "process.failed");
    // Before it serves there is nobody's data that an error could quote.
    if (running === undefined) process.stderr.write(`${explain(err)}\n`);
    exit(1);
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(signal));
  if (process.env[SUPERVISED]) {
    process.stdin.on("end", () => void stop("pipe_closed")).on("error", () => void stop("pipe_closed"));
    process.stdin.resume();
  }
  try {
    const start = given ?? (await loadPart(name));
    running = await start(config);
  } catch (err) {
    return fail(err);
  }
  logger.info("process.ready");
  process.send?.({ type: "ready" });
}

function exit(code: number): never {
  process.exit(code);
}

function explain(error: unknown): string {
  if (error instanceof AppError) return error.details.public ?? error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
