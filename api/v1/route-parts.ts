import { z } from "@hono/zod-openapi";

type Headers = Record<string, { schema: { type: "string" }; description: string }>;

/** A JSON body that must be there. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { content: { "application/json": { schema } }, required: true };
}

export function jsonAnswer<Schema extends z.ZodType>(
  description: string,
  schema: Schema,
  headers: Headers = {},
) {
  return { description, content: { "application/json": { schema } }, headers };
}

const file = z.any().openapi({ type: "string", format: "binary" });

/** A picture as form field `image` or as the body itself; see `readPicture`. */
export const pictureBody = {
  content: {
    "multipart/form-data": { schema: z.object({ image: file }).openapi({ required: ["image"] }) },
    "image/jpeg": { schema: file },
    "image/png": { schema: file },
    "image/webp": { schema: file },
    "image/gif": { schema: file },
    "application/octet-stream": { schema: file },
  },
};

/** A JSON body that may be left out when none of its fields is needed. */
export function optionalJsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { content: { "application/json": { schema } } };
}
