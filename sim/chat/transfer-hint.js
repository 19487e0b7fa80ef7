/**
 * What the shop last asked to pay, read from its messages as a customer would: an amount with a currency, and the name
 * above an account number. Empty where nothing is found.
 */
export function transferHint(messages) {
  const hint = { amount: "", currency: "", payee: "" };
  for (const { from, text } of messages.toReversed()) {
    const sum = from === "page" && text ? /([\d,]+(?:\.\d+)?)\s+([A-Z]{3})\b/.exec(text) : null;
    if (!sum) continue;
    if (!hint.amount) Object.assign(hint, { amount: sum[1].replaceAll(",", ""), currency: sum[2] });
    const lines = text.split("\n").map((line) => line.trim());
    const account = lines.findIndex((line) => /^\+?[\d\s-]{6,}$/.test(line));
    if (account > 0) return { ...hint, payee: lines[account - 1] };
  }
  return hint;
}
