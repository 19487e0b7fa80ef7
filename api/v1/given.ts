type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The fields that a request gave; what it left out is left alone, which is not the same as undefined. */
export function given<Fields extends object>(fields: Fields): Given<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  // Safe: only fields without a value are gone.
  return Object.fromEntries(entries) as Given<Fields>;
}
