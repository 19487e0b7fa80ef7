import { AppError } from "../domain/app-error.ts";

export type AttachmentHosts = {
  /** `fbcdn.net` allows itself and everything below it, over https on port 443. */
  suffixes: string[];
  /** `http://127.0.0.1:4010`: the simulators' own address, allowed in so many words. */
  loopbackOrigins: string[];
};

const loopbackNames = new Set(["127.0.0.1", "localhost", "[::1]"]);
const suffixPattern = /^([a-z0-9-]+\.)+[a-z]{2,}$/;

/** `fbcdn.net,fbsbx.com,127.0.0.1:4010`: a name is a suffix, a loopback host with a port is a simulator. */
export function parseAttachmentHosts(list: string): AttachmentHosts {
  const hosts: AttachmentHosts = { suffixes: [], loopbackOrigins: [] };
  for (const entry of list.split(",").map((part) => part.trim().toLowerCase())) {
    if (entry === "") continue;
    const loopback = /^(.+):(\d{1,5})$/.exec(entry);
    if (loopback !== null && loopbackNames.has(loopback[1] ?? "")) {
      hosts.loopbackOrigins.push(`http://${entry}`);
    } else if (suffixPattern.test(entry)) {
      hosts.suffixes.push(entry);
    } else {
      throw new AppError("invalid", "config.attachment_hosts", {
        internal: `ATTACHMENT_HOSTS: "${entry}" is neither a domain nor a loopback host with a port`,
      });
    }
  }
  return hosts;
}

/** Undefined: not allowed. */
export function classifyAttachmentUrl(url: URL, hosts: AttachmentHosts): "public" | "loopback" | undefined {
  if (url.username !== "" || url.password !== "") return undefined;
  if (hosts.loopbackOrigins.includes(url.origin)) return "loopback";
  if (url.protocol !== "https:" || url.port !== "") return undefined;
  const isAllowed = hosts.suffixes.some(
    (suffix) => url.hostname === suffix || url.hostname.endsWith(`.${suffix}`),
  );
  return isAllowed ? "public" : undefined;
}
