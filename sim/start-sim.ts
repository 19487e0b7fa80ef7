import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { Sim } from "./create-sim.ts";
import { createSim } from "./create-sim.ts";
import { startMailServer } from "./mail/mail-server.ts";
import type { SimOptions } from "./sim-options.ts";

export type RunningSim = Sim & {
  /** Base address without a slash at the end: everything that the simulators offer is below it. */
  url: string;
  port: number;
  /** `smtp://…` of the mail server. */
  mailUrl: string;
};

export type StartSimOptions = Omit<SimOptions, "baseUrl"> & {
  /** 0 takes any free port. */
  port: number;
  /** Of the mail server; default 0. */
  mailPort?: number;
  host?: string;
};

/** Starts the simulators; rejects when the port is taken. */
export async function startSim(options: StartSimOptions): Promise<RunningSim> {
  const host = options.host ?? "127.0.0.1";
  let url = "";
  const sim = createSim({ ...options, baseUrl: () => url });
  const server = serve({ fetch: sim.app.fetch, hostname: host, port: options.port });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  url = `http://${host}:${port}`;
  const mail = await startMailServer(sim.context, { host, port: options.mailPort ?? 0 });
  return {
    ...sim,
    url,
    port,
    mailUrl: mail.url,
    async close() {
      sim.context.faults.disarm();
      await mail.close();
      const ended = new Promise((resolve) => server.close(resolve));
      if ("closeAllConnections" in server) server.closeAllConnections();
      await ended;
      await sim.close();
    },
  };
}
