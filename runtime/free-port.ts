import { createServer } from "node:net";
import { AppError } from "../domain/app-error.ts";

/** `wanted` 0 answers any free loopback port; a taken port is refused with the setting that names it. */
export async function findFreePort(wanted: number, setting: string): Promise<number> {
  const port = await tryPort(wanted);
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
      server.close(() => resolve(bound));
    });
  });
}
