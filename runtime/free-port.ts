import { createServer } from "node:net";
import { AppError } from "../domain/app-error.ts";
import { waitUntil } from "./wait-until.ts";

/** Any free ones that this process was told: whoever asked may begin to listen a while later. */
const givenOut = new Set<number>();

/**
 * `wanted` 0 answers any free loopback port, none twice; a taken port is refused with the setting that names it.
 * A server killed a moment ago holds its port until the last of its threads is gone, so that is waited for.
 */
export async function findFreePort(wanted: number, setting: string, patienceMs = 2_000): Promise<number> {
  const port = await waitUntil(() => tryPort(wanted), { timeoutMs: patienceMs, everyMs: 100 });
  if (port !== undefined) return port;
  const message = `Port ${wanted} is taken. Free it, or set ${setting} to another port (0 takes any).`;
  throw new AppError("unavailable", "runtime.port_taken", { internal: message, public: message });
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : port;
      const isAnothers = port === 0 && givenOut.has(bound);
      if (port === 0) givenOut.add(bound);
      server.close(() => resolve(isAnothers ? undefined : bound));
    });
  });
}
