import type { z } from "zod";

type Setting<Schema extends z.ZodType> = {
  schema: Schema;
  /** As it stands in `.env.example`: the value that holds when the setting is absent. */
  default: string;
  meaning: string;
  isSecret: boolean;
};

type SettingParts<Schema extends z.ZodType> = Omit<Setting<Schema>, "isSecret"> & { isSecret?: boolean };

export function setting<Schema extends z.ZodType>(parts: SettingParts<Schema>): Setting<Schema> {
  return { isSecret: false, ...parts };
}
