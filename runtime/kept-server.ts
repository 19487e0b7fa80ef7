import { setTimeout as wait } from "node:timers/promises";
import type { Progress } from "./progress.ts";

export type Server = { pid: number; isRunning: () => boolean; stop: () => Promise<void> };

export type KeptServer<T extends Server> = { server: () => T; stop: () => Promise<void> };

type Keep<T extends Server> = {
  name: string;
  first: T;
  /** On the same port: whoever uses the server only reconnects. */
  restart: () => Promise<T>;
  onRestart: (server: T) => void;
  progress: Progress;
  everyMs?: number;
};

/** Looks after a server that may not be our child (it was adopted), and starts it again when it is gone. */
export function keepServer<T extends Server>(keep: Keep<T>): KeptServer<T> {
  let server = keep.first;
  const state = { isStopping: false };
  let delayMs = 500;
  let restarting: Promise<void> | undefined;
  const restart = async () => {
    keep.progress(`${keep.name} ended unexpectedly; starting it again`);
    while (!state.isStopping) {
      try {
        server = await keep.restart();
        if (state.isStopping) return;
        keep.onRestart(server);
        keep.progress(`${keep.name} is back`);
        delayMs = 500;
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        keep.progress(`${keep.name} does not start; next try in ${delayMs / 1_000} s: ${reason}`);
        await wait(delayMs);
        delayMs = Math.min(delayMs * 2, 30_000);
      }
    }
  };
  const timer = setInterval(() => {
    if (restarting || server.isRunning()) return;
    restarting = restart().finally(() => (restarting = undefined));
  }, keep.everyMs ?? 500);
  return {
    server: () => server,
    stop: async () => {
      state.isStopping = true;
      clearInterval(timer);
      await restarting;
      await server.stop();
    },
  };
}
