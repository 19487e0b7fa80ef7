/** Mailboxes that read no dots: `a.b@` and `ab@` are one. */
const dotless = new Set(["gmail.com", "googlemail.com"]);

/** What the addresses of one mailbox have in common: without `+tag`, and without dots where they mean nothing. */
export function emailStem(email: string): string {
  const address = email.trim().normalize("NFC").toLowerCase();
  const at = address.lastIndexOf("@");
  if (at < 0) return address;
  const domain = address.slice(at + 1);
  const [local = ""] = address.slice(0, at).split("+");
  if (!dotless.has(domain)) return `${local}@${domain}`;
  return `${local.replaceAll(".", "")}@gmail.com`;
}
