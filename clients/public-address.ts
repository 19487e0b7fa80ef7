import { BlockList, isIPv4, isIPv6 } from "node:net";

const notPublic = new BlockList();
const ranges = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8",
  "169.254.0.0/16", // link-local, cloud metadata
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
] as const;
for (const range of ranges) {
  const [network = "", bits] = range.split("/");
  notPublic.addSubnet(network, Number(bits), "ipv4");
}

/** Of IPv6 only the global unicast block counts; in it, ranges that carry an IPv4 address or are for documents do not. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");
const notPublicV6 = new BlockList();
for (const [network, bits] of [
  ["2001::", 23], // protocol assignments, Teredo
  ["2001:db8::", 32],
  ["2002::", 16], // 6to4
  ["3fff::", 20],
] as const) {
  notPublicV6.addSubnet(network, bits, "ipv6");
}

/** True only for an address on the public internet; IPv4 in IPv6 clothes is refused whole. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic.check(address, "ipv4");
  if (!isIPv6(address)) return false;
  return globalUnicast.check(address, "ipv6") && !notPublicV6.check(address, "ipv6");
}
