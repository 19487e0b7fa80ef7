import { connect as connectTcp } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import tls from "node:tls";
import { Client } from "pg";
import { onTestFinished } from "vitest";

import type { Authority, Pem } from "./certificates.ts";
import type { TestDatabase } from "./test-database.ts";

/** Turns TLS on in a PostgreSQL of the test's own; the server takes it a moment later. */
export async function turnTlsOn({ urls }: TestDatabase, { cert, key }: Pem): Promise<void> {
  await runAs(urls.owner, writesFile("server.crt", cert));
  await runAs(urls.owner, writesFile("server.key", key));
  await runAs(urls.owner, "alter system set ssl = on");
  await runAs(urls.owner, "select pg_reload_conf()");
}

/** Into the data folder, as the server's own user, who alone may read a key. */
function writesFile(name: string, text: string): string {
  const lines = `select unnest(string_to_array('${text.trim()}', E'\\n'))`;
  return `copy (${lines}) to program 'umask 077; cat > ${name}'`;
}

export async function runAs(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** Speaks TLS before a server that does not, and wants certificates of the authority; answers its port. */
export async function startTlsFront(
  address: string,
  authority: Authority,
  more: tls.TlsOptions = {},
): Promise<number> {
  const own = await authority.issue("front");
  const options = { ...own, ca: authority.cert, requestCert: true, ALPNProtocols: ["h2"], ...more };
  return listenWith(tls.createServer(options, passOnTo(address)));
}

function passOnTo(address: string): (socket: Socket) => void {
  const [host = "", port] = address.split(":");
  return (socket) => {
    const upstream = connectTcp(Number(port), host);
    socket.on("error", () => upstream.destroy()).pipe(upstream);
    upstream.on("error", () => socket.destroy()).pipe(socket);
  };
}

/** On any port of this machine, until the test ends. */
export async function listenWith(listener: Server): Promise<number> {
  const sockets = new Set<Socket>();
  listener.on("connection", (socket: Socket) => sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return (listener.address() as AddressInfo).port;
}
