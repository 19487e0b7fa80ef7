import { createRoute, z } from "@hono/zod-openapi";

import { processorFacts, processorNames, processorState } from "../domain/privacy/processors.ts";
import { egressRefusals, transferMechanisms } from "../domain/privacy/processors.ts";
import { fieldsOf } from "../domain/privacy/processor-fields.ts";
import type { Processor } from "../domain/privacy/processors.ts";
import type { ApiRouter } from "./router.ts";
import { jsonAnswer } from "./v1/route-parts.ts";

const day = z.iso.date().nullable();

const ProcessorSchema = z
  .object({
    name: z.enum(processorNames),
    does: z.string(),
    provider: z.string().nullable().openapi({ description: "Null: a server on the machine of the product" }),
    region: z.string().nullable(),
    hosts: z.array(z.string()).openapi({ description: "`.example.com`: all below it too" }),
    purposes: z.array(z.string()),
    transfer: z
      .enum(transferMechanisms)
      .nullable()
      .openapi({ description: "By what data may leave the country" }),
    agreedOn: day,
    endsOn: day,
    residualDays: z
      .number()
      .nullable()
      .openapi({ description: "How long it may hold what was removed here; null: not beyond it" }),
    fields: z
      .array(z.string())
      .openapi({ description: "What may stand in a request to it, and nothing else; `*`: any name" }),
    state: z.enum(["active", ...egressRefusals]).openapi({ description: "Only an active one gets anything" }),
  })
  .openapi("Processor");

const route = createRoute({
  method: "get",
  path: "/v1/processors",
  operationId: "listProcessors",
  summary: "Everyone outside who gets data from the product, and at which hosts; open to all",
  tags: ["Privacy"],
  security: [],
  responses: {
    200: jsonAnswer(
      "The register of processors",
      z.object({ data: z.array(ProcessorSchema) }).openapi("ProcessorList"),
    ),
  },
});

/** The register is what the guard of outgoing calls goes by, so that it cannot say less than what is done. */
export function mountProcessors(app: ApiRouter): void {
  app.openapi(route, (c) => {
    const { clock, settings } = c.var.deps;
    const now = clock.now();
    return c.json({ data: settings.processors.map((processor) => present(processor, now)) }, 200);
  });
}

function present(processor: Processor, now: Date): z.input<typeof ProcessorSchema> {
  const { name, hosts, terms } = processor;
  const agreed = terms === "off" ? null : terms;
  const { does, purposes, residualDays } = processorFacts[name];
  return {
    name,
    does,
    provider: agreed?.provider ?? null,
    region: agreed?.region ?? null,
    hosts: [...hosts],
    purposes: [...purposes],
    transfer: agreed?.transfer ?? null,
    agreedOn: agreed?.agreedOn ?? null,
    endsOn: agreed?.endsOn ?? null,
    residualDays,
    fields: fieldsOf(name),
    state: processorState(processor, now),
  };
}
