import { parseAttachmentHosts } from "../clients/attachment-hosts.ts";
import type { Processor } from "../domain/privacy/processors.ts";
import type { Config } from "./config.ts";

/** The register of processors, as the settings make it: who gets data from us, at which hosts, under which terms. */
export function readProcessors(config: Config): Processor[] {
  const all: Processor[] = [
    { name: "meta", hosts: metaHosts(config), terms: config.PROCESSOR_META ?? null },
    { name: "model", hosts: hostsOf([config.OPENAI_BASE_URL]), terms: config.PROCESSOR_MODEL ?? null },
    { name: "push", hosts: pushHosts(config), terms: config.PROCESSOR_PUSH ?? null },
    { name: "mail", hosts: hostsOf([config.SMTP_URL]), terms: config.PROCESSOR_MAIL ?? null },
    { name: "kbzpay", hosts: hostsOf([config.KBZPAY_BASE_URL]), terms: config.PROCESSOR_KBZPAY ?? null },
    {
      name: "traces",
      hosts: hostsOf([config.OTEL_EXPORTER_OTLP_ENDPOINT]),
      terms: config.PROCESSOR_TRACES ?? null,
    },
  ];
  return all.filter(({ hosts }) => hosts.length > 0);
}

function metaHosts({ GRAPH_BASE_URL, ATTACHMENT_HOSTS }: Config): string[] {
  const { suffixes, loopbackOrigins } = parseAttachmentHosts(ATTACHMENT_HOSTS);
  return [
    ...new Set([...hostsOf([GRAPH_BASE_URL, ...loopbackOrigins]), ...suffixes.map((suffix) => `.${suffix}`)]),
  ];
}

function pushHosts({ FCM_PROJECT_ID, FCM_BASE_URL, FCM_TOKEN_URL }: Config): string[] {
  return FCM_PROJECT_ID === undefined ? [] : hostsOf([FCM_BASE_URL, FCM_TOKEN_URL]);
}

function hostsOf(urls: (string | undefined)[]): string[] {
  return [...new Set(urls.flatMap((url) => (url === undefined ? [] : new URL(url).host)))];
}
