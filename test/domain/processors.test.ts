import { expect, test } from "vitest";

import { judgeEgress, processorState } from "../../domain/privacy/processors.ts";
import type { Processor, ProcessorTerms } from "../../domain/privacy/processors.ts";
import { unlistedFields } from "../../domain/privacy/processor-fields.ts";

const now = new Date("2026-06-15T23:59:59Z");
const agreed: ProcessorTerms = {
  provider: "OpenAI",
  region: "US",
  transfer: "standard_clauses",
  agreedOn: "2026-06-15",
  endsOn: "2026-06-15",
};

function judge(terms: Processor["terms"], host = "api.example.com") {
  const register: Processor[] = [{ name: "model", hosts: ["api.example.com", ".cdn.example.com"], terms }];
  return judgeEgress(register, { name: "model", host, now });
}

test("an agreement holds from its first day to the end of its last one", () => {
  expect(judge(agreed)).toBeNull();
  expect(judge({ ...agreed, endsOn: null })).toBeNull();
  expect(judge({ ...agreed, endsOn: "2026-06-14" })).toBe("agreement_expired");
  expect(judge({ ...agreed, agreedOn: "2026-06-16", endsOn: null })).toBe("no_agreement");
  expect(judge({ ...agreed, agreedOn: null })).toBe("no_agreement");
  expect(judge(null)).toBe("no_agreement");
});

test("P:MIK-65 a processor for whom no transfer mechanism is named is disabled, and shown so", () => {
  const terms = { ...agreed, transfer: null };
  expect(judge(terms)).toBe("no_transfer_mechanism");
  expect(processorState({ name: "model", hosts: ["api.example.com"], terms }, now)).toBe(
    "no_transfer_mechanism",
  );
  expect(processorState({ name: "model", hosts: ["api.example.com"], terms: agreed }, now)).toBe("active");
});

test("what is switched off gets nothing, on this machine neither", () => {
  const register: Processor[] = [{ name: "model", hosts: ["127.0.0.1:3401"], terms: "off" }];
  expect(judgeEgress(register, { name: "model", host: "127.0.0.1:3401", now })).toBe("switched_off");
});

test("a host is the register's by its whole name and port, or below a name that is listed with a dot", () => {
  const allowed = ["api.example.com", "cdn.example.com", "a.b.cdn.example.com"];
  expect(allowed.map((host) => judge(agreed, host))).toEqual([null, null, null]);
  const others = ["example.com", "api.example.com:8443", "evilcdn.example.com", "api.example.com.evil.test"];
  expect(others.map((host) => judge(agreed, host))).toEqual(others.map(() => "unknown_host"));
});

test("a host of one processor is not another's", () => {
  const register: Processor[] = [{ name: "model", hosts: ["api.example.com"], terms: agreed }];
  expect(judgeEgress(register, { name: "push", host: "api.example.com", now })).toBe("unknown_host");
});

test("simulators on this machine need no agreement; one that is given is judged", () => {
  const local = (terms: Processor["terms"]) =>
    judgeEgress([{ name: "model", hosts: ["localhost:1"], terms }], {
      name: "model",
      host: "localhost:1",
      now,
    });
  expect(local(null)).toBeNull();
  expect(local({ ...agreed, endsOn: "2026-01-01" })).toBe("agreement_expired");
});

test("a field that a processor may not get is found wherever it stands", () => {
  const request = { model: "m", input: [{ role: "user", content: [{ type: "input_text", phone: null }] }] };
  expect(unlistedFields("model", request)).toEqual(["input.content.phone"]);
  expect(unlistedFields("model", { tools: [{ parameters: { properties: { any: {} } } }] })).toEqual([]);
  expect(unlistedFields("kbzpay", { Request: { biz_content: { card_no: "4111" } } })).toEqual([
    "Request.biz_content.card_no",
  ]);
});
