import { AppError } from "../domain/app-error.ts";
import type { Clock } from "../domain/clock.ts";
import { judgeEgress } from "../domain/privacy/processors.ts";
import type { EgressRefusal, Processor, ProcessorName } from "../domain/privacy/processors.ts";
import { fetchOverTls12 } from "./tls12-fetch.ts";

/** The one way out of the house: who is not in the register of processors, or not under agreement, gets nothing. */
export type Egress = {
  /** Throws an `AppError` with a code that begins with `egress.`; nothing has gone out then. */
  admit(name: ProcessorName, url: string | URL): void;
  /** `fetch`, after `admit`. */
  fetch(name: ProcessorName, url: string | URL, init?: RequestInit): Promise<Response>;
  /** Whether the host may speak TLS 1.2, because it cannot do better. */
  isTls12Allowed(host: string): boolean;
  /** Called with each refusal. */
  watch(onRefused: OnRefused): void;
};

export type OnRefused = (refused: { name: ProcessorName; reason: EgressRefusal }) => void;

export type EgressOptions = {
  register: readonly Processor[];
  clock: Clock;
  /** Hosts that cannot do TLS 1.3. */
  tls12Hosts?: readonly string[];
};

export function createEgress({ register, clock, tls12Hosts = [] }: EgressOptions): Egress {
  const watchers: OnRefused[] = [];
  const isTls12Allowed = (host: string) => tls12Hosts.includes(host);

  function admit(name: ProcessorName, url: string | URL): void {
    const { host } = new URL(url);
    const reason = judgeEgress(register, { name, host, now: clock.now() });
    if (reason === null) return;
    for (const onRefused of watchers) onRefused({ name, reason });
    throw refusal(name, reason);
  }

  return {
    admit,
    fetch: async (name, url, init = {}) => {
      admit(name, url);
      // Nobody leads a request on to a host that was not looked at.
      const kept: RequestInit = { ...init, redirect: "error" };
      return isTls12Allowed(new URL(url).host) ? fetchOverTls12(url, kept) : fetch(url, kept);
    },
    isTls12Allowed,
    watch: (onRefused) => void watchers.push(onRefused),
  };
}

/** Whether nothing has gone out because the guard refused it; also when a package has wrapped that. */
export function isEgressRefusal(error: unknown): boolean {
  if (error instanceof AppError) return error.code.startsWith("egress.");
  return error instanceof Error && error.cause !== undefined && isEgressRefusal(error.cause);
}

const why: Record<EgressRefusal, string> = {
  unknown_host: "the host is not in the register of processors",
  switched_off: "the processor is switched off",
  no_agreement: "nothing is agreed with the processor",
  agreement_expired: "the agreement with the processor has ended",
  no_transfer_mechanism: "no mechanism is named by which data may be transferred to the processor",
};

/** Without the address, which may have been made of somebody's data. */
function refusal(name: ProcessorName, reason: EgressRefusal): AppError {
  return new AppError("unavailable", `egress.${reason}`, { internal: `${name}: ${why[reason]}` });
}
