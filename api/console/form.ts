import type { ConsoleContext } from "./console-env.ts";
import type { Words } from "./words.ts";

/** What a person typed does not fit; the code is a word of the dictionary. */
export class FormProblem extends Error {
  readonly code: keyof Words["problems"];

  constructor(code: keyof Words["problems"]) {
    super(code);
    this.name = "FormProblem";
    this.code = code;
  }
}

export type Form = {
  /** Trimmed; undefined when it is missing or empty. */
  optional(name: string): string | undefined;
  /** Throws `FormProblem`. */
  required(name: string): string;
  file(name: string): File | undefined;
  /** The text fields as they came, to offer them again. */
  fields: readonly (readonly [name: string, value: string])[];
};

export async function readForm(c: ConsoleContext): Promise<Form> {
  const body = await c.req.parseBody();
  const optional = (name: string) => {
    const value = body[name];
    const text = typeof value === "string" ? value.replaceAll("\r\n", "\n").trim() : "";
    return text === "" ? undefined : text;
  };
  return {
    optional,
    required: (name) => {
      const text = optional(name);
      if (text === undefined) throw new FormProblem("form.incomplete");
      return text;
    },
    file: (name) => {
      const value = body[name];
      return value instanceof File && value.size > 0 ? value : undefined;
    },
    fields: Object.entries(body).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value] as const] : [],
    ),
  };
}
