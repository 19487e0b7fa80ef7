import type { ContactField, Language } from "../prompt-blocks.ts";
import { english } from "./phrases-en.ts";
import { burmese } from "./phrases-my.ts";

export interface PricedOption {
  name: string;
  priceText: string;
  available: number;
}

/** Everything that the demonstration says. Amounts come in as text from tool results and go out unchanged. */
export interface Phrases {
  greet(): string;
  howCanIHelp(): string;
  thanks(): string;
  bye(): string;
  machine(shop: string, agent: string): string;
  handed(isAngry: boolean): string;
  list(names: string[], hasMore: boolean): string;
  askWhatTheyLike(): string;
  price(name: string, options: PricedOption[]): string;
  showing(names: string[]): string;
  soldOut(name: string): string;
  askToBuy(): string;
  cheapest(name: string, priceText: string): string;
  notFound(names: string[]): string;
  nothingToSell(): string;
  whichProduct(names: string[]): string;
  whichOption(name: string, quantity: number, options: PricedOption[]): string;
  added(lines: string[], subtotalText: string): string;
  removed(name: string | undefined): string;
  cartEmpty(): string;
  cart(lines: string[], subtotalText: string): string;
  whichLine(lines: string[]): string;
  notEnough(name: string, available: number): string;
  badQuantity(): string;
  anythingElse(): string;
  askSummary(): string;
  saved(): string;
  phoneInvalid(): string;
  townshipUnknown(townships: string[]): string;
  askContact(fields: ContactField[]): string;
  methodChosen(name: string): string;
  askMethod(names: string[]): string;
  summaryComes(): string;
  tapConfirm(): string;
  outOfStock(): string;
  hours(text: string): string;
  delivery(text: string): string;
  zoneFee(zone: string, feeText: string): string;
  returns(text: string): string;
  payment(text: string): string;
  noAnswer(): string;
  order(order: { orderNumber: string; state: string; totalText: string; balanceText: string }): string;
  noOrders(): string;
  sendSlip(): string;
  slipIsChecked(): string;
  accountIsAbove(): string;
  whichOrder(numbers: string[]): string;
  cannotCancel(): string;
  nothingPlaced(): string;
  noDiscount(): string;
  whatToChange(): string;
  noProblem(): string;
  photo(): string;
  voice(): string;
  sticker(): string;
  unsupported(): string;
  unknown(): string;
}

export function phrasesIn(language: Language): Phrases {
  return language === "my" ? burmese : english;
}
