import type { Hono } from "hono";

export type ModelMode = "demo" | "adversary" | "echo" | "slow";

/** The model server as the simulator mounts it at `/model`; its routes start with `/v1`. */
export type ModelSim = {
  app: Hono;
  setMode: (mode: ModelMode) => void;
};
