import { z } from "zod";
import { transferMechanisms } from "../domain/privacy/processors.ts";
import type { ProcessorTerms } from "../domain/privacy/processors.ts";
import { setting } from "./setting.ts";

const example = "provider=OpenAI, region=US, transfer=standard_clauses, agreed=2026-03-01, until=2027-03-01";
const terms = z
  .string()
  .transform((value, ctx) => {
    const terms = readTerms(value);
    if (terms !== undefined) return terms;
    ctx.addIssue(`must be off, or look like ${example}`);
    return z.NEVER;
  })
  .optional();

/** `off`, or what was agreed; undefined when it is not written so. Whether it is enough is judged at each call. */
export function readTerms(value: string): ProcessorTerms | "off" | undefined {
  if (value.trim() === "off") return "off";
  const parts = value.split(",").map((part) => /^\s*([a-z]+)=(.*?)\s*$/.exec(part));
  const given = new Map(parts.map((part) => [part?.[1], part?.[2] ?? ""]));
  const { success, data } = termsSchema.safeParse(Object.fromEntries(given));
  if (!success || given.size !== parts.length) return undefined;
  const { provider, region, transfer = null, agreed = null, until = null } = data;
  return { provider, region, transfer, agreedOn: agreed, endsOn: until };
}

const day = z.iso.date();
const termsSchema = z.strictObject({
  provider: z.string().min(1).max(80),
  region: z.string().min(2).max(40),
  transfer: z.enum(transferMechanisms).optional(),
  agreed: day.optional(),
  until: day.optional(),
});

function agreement(meaning: string) {
  return setting({ schema: terms, default: "", meaning });
}

export const processorSettings = {
  PROCESSOR_META: agreement(
    `Agreement with who carries the messages: ${example}. off: nothing goes there. Needed for hosts beyond this machine.`,
  ),
  PROCESSOR_MODEL: agreement(
    "Likewise with the provider of the model; without a valid one people answer, and the model is told nothing.",
  ),
  PROCESSOR_PUSH: agreement("Likewise for pushes."),
  PROCESSOR_MAIL: agreement("Likewise for mails."),
  PROCESSOR_KBZPAY: agreement("Likewise for payments by code."),
  PROCESSOR_TRACES: agreement("Likewise for the collector of traces."),
  SHOPTHREAD_TLS12_HOSTS: setting({
    schema: z
      .string()
      .regex(/^(?:[a-z0-9.-]+(?::\d+)?(?:\s*,\s*|$))*$/, "must be a list of hosts, a comma between")
      .default("")
      .transform((value) => value.split(",").flatMap((host) => host.trim() || [])),
    default: "",
    meaning: "Hosts of processors that cannot do TLS 1.3 and may speak 1.2, such as api.example.com:8443.",
  }),
};
