/** Countries whose shops we serve, for phone numbers. */
export const shopCountries = ["MM", "ID", "TH", "SG", "MY"] as const;

export function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
