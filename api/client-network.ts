import { isIPv6 } from "node:net";
import type { Context } from "hono";

import type { ApiEnv } from "./env.ts";

/** The network of whoever asks (IPv4 /24, IPv6 /48), for limits: one attacker has many addresses in one network. */
export function clientNetwork(c: Context<ApiEnv>): string {
  return networkOf(clientAddress(c));
}

function clientAddress(c: Context<ApiEnv>): string {
  const { trustedProxies } = c.var.deps.settings;
  const socketAddress = c.env?.incoming?.socket.remoteAddress ?? "unknown";
  if (trustedProxies === 0) return socketAddress;
  const hops = (c.req.header("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim());
  return hops.at(-trustedProxies) || socketAddress;
}

function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/, "");
  if (!isIPv6(plain)) return plain.split(".").slice(0, 3).join(".");
  // Everything after `::` is short of 48 bits only in addresses that nobody is given.
  return plain.split(":").slice(0, 3).join(":");
}
