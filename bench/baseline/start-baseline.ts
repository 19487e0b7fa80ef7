import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export type RunningApp = {
  /** Of the process, and of whatever else works for it. */
  pids: { app: number } & Record<string, number>;
  webhookUrl: string;
  stop(): Promise<void>;
};

export type AppWorld = { databaseUrl: string; outsideUrl: string; appId: string; appSecret: string };

/** A process that takes webhooks and says where when it is ready. */
export async function startApp(program: string, world: AppWorld, execArgv: string[]): Promise<RunningApp> {
  const child = fork(program, {
    execArgv,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      DATABASE_URL: world.databaseUrl,
      OUTSIDE_URL: world.outsideUrl,
      APP_ID: world.appId,
      APP_SECRET: world.appSecret,
    },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  const ready = once(child, "message") as Promise<[{ port: number; helpers: Record<string, number> }]>;
  const first = await Promise.race([ready, ended.then(() => undefined)]);
  if (first === undefined || child.pid === undefined) throw new Error(`${program} did not start`);
  return {
    pids: { ...first[0].helpers, app: child.pid },
    webhookUrl: `http://127.0.0.1:${first[0].port}/`,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** The same turn without durability, as a process of its own. */
export function startBaseline(world: AppWorld): Promise<RunningApp> {
  const program = fileURLToPath(new URL("./baseline-process.ts", import.meta.url));
  return startApp(program, world, ["--import", "tsx"]);
}
