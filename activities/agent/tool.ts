import { z } from "zod";

import type { ModelTool } from "../../domain/ports/model-client.ts";
import type { ActivityDeps } from "../deps.ts";
import type { CatalogueProduct } from "./catalogue.ts";
import type { TurnContext, TurnDraft } from "./turn-draft.ts";

/** What a tool may look at; shop, customer and prices come from here, never from the model. */
export type ToolScope = {
  deps: ActivityDeps;
  context: TurnContext;
  draft: TurnDraft;
  catalogue: readonly CatalogueProduct[];
};

export type AgentTool = {
  spec: ModelTool;
  /** The result as the model is told it. Arguments that do not fit the schema are answered, not thrown. */
  run(scope: ToolScope, argumentsJson: string): Promise<object>;
};

/** A tool from its schema: the same zod object makes the strict JSON schema and parses what the model sends. */
export function defineTool<Shape extends z.ZodRawShape>(tool: {
  name: string;
  description: string;
  parameters: Shape;
  run(scope: ToolScope, args: z.infer<z.ZodObject<Shape, z.core.$strict>>): object | Promise<object>;
}): AgentTool {
  const schema = z.strictObject(tool.parameters);
  const { $schema: _, ...parameters } = z.toJSONSchema(schema) as Record<string, unknown>;
  return {
    spec: { name: tool.name, description: tool.description, parameters },
    run: async (scope, argumentsJson) => {
      const parsed = schema.safeParse(parseJson(argumentsJson));
      if (!parsed.success) return { error: "invalid_arguments" };
      return tool.run(scope, parsed.data);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
