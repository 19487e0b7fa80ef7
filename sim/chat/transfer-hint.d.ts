export function transferHint(messages: { from: string; text: string | null }[]): {
  amount: string;
  currency: string;
  payee: string;
};
