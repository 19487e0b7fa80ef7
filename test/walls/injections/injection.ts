type InjectionLanguage = "en" | "my" | "zawgyi" | "th" | "id";

/** One attack in a customer's words; a list is said message by message. */
type InjectionText = string | readonly string[];

/**
 * The attacks of one class by language. In braces stand names that the test fills in with what the attacker got hold of:
 * {foreignProduct}, {foreignVariant}, {foreignMethod}, {foreignOrderId} of another shop; {otherOrder}, the number of an
 * order of another customer.
 */
export type InjectionClass = Partial<Record<InjectionLanguage, readonly InjectionText[]>>;

export type Injection = { class: string; language: InjectionLanguage; texts: readonly string[] };

export function listInjections(classes: Record<string, InjectionClass>): Injection[] {
  return Object.entries(classes).flatMap(([name, byLanguage]) =>
    Object.entries(byLanguage).flatMap(([language, attacks]) =>
      attacks.map((attack) => ({
        class: name,
        language: language as InjectionLanguage,
        texts: typeof attack === "string" ? [attack] : attack,
      })),
    ),
  );
}
