import type { ContactField } from "../prompt-blocks.ts";
import type { Phrases, PricedOption } from "./phrases.ts";

const FIELDS: Record<ContactField, string> = {
  name: "name",
  phone: "phone number",
  township: "township",
  address: "full address",
};

export const english: Phrases = {
  greet: () => "Hello again! 😊",
  howCanIHelp: () => "What are you looking for? I can show you our products, prices and delivery fees.",
  thanks: () => "You're very welcome! 🙏",
  bye: () => "Goodbye, and have a lovely day! 👋",
  machine: (shop, agent) =>
    `I'm ${agent === "" ? "the shop's assistant" : agent}, a machine, not a person: a demonstration model that answers for ${shop === "" ? "this shop" : shop}. Just say so if you'd rather talk to a person.`,
  handed: (isAngry) =>
    isAngry
      ? "I'm sorry about this. I've asked someone from the shop to take over; they will write to you here."
      : "Of course. I've asked someone from the shop to take over; they will write to you here.",
  list: (names, hasMore) =>
    `Here is what we have:\n${bullets(names)}${hasMore ? "\n… and more. Tell me what you have in mind." : ""}`,
  askWhatTheyLike: () => "Which one do you like?",
  price: (name, options) => describe(name, options),
  showing: (names) => `Here you are: ${names.join(", ")} 👇`,
  soldOut: (name) => `Sorry, ${name} is sold out at the moment.`,
  askToBuy: () => "Would you like it? Tell me how many.",
  cheapest: (name, priceText) => `Our best price is ${name} at ${priceText}.`,
  notFound: (names) =>
    names.length === 0
      ? "Sorry, I couldn't find that in our shop."
      : `Sorry, I couldn't find that in our shop. We do have:\n${bullets(names)}`,
  nothingToSell: () => "Our shelves are empty right now. Please look in again soon!",
  whichProduct: (names) => `Which one do you mean?\n${bullets(names)}`,
  whichOption: (name, quantity, options) =>
    `${quantity} × ${name}: which one would you like?\n${options.map(optionLine).join("\n")}`,
  added: (lines, subtotalText) => `Added to your cart 🛒\n${bullets(lines)}\nTogether: ${subtotalText}`,
  removed: (name) => `I've taken ${name ?? "it"} out.`,
  cartEmpty: () => "Your cart is empty.",
  cart: (lines, subtotalText) => `In your cart:\n${bullets(lines)}\nTogether: ${subtotalText}`,
  whichLine: (lines) => `Which of these do you mean?\n${bullets(lines)}`,
  notEnough: (name, available) =>
    available > 0
      ? `Sorry, we don't have that many left. Shall I put ${available} × ${name} in your cart?`
      : `Sorry, ${name} is sold out at the moment.`,
  badQuantity: () => "That number doesn't work for me. How many would you like?",
  anythingElse: () => "Anything else? If that's all, just say “that's all”.",
  askSummary: () => "Shall I prepare your order summary?",
  saved: () => "Thank you, noted.",
  phoneInvalid: () => "That phone number doesn't look right. Please send me your phone number again.",
  townshipUnknown: (townships) =>
    `Sorry, we don't deliver there yet. We deliver to: ${townships.join(", ")}.\nPlease send me your township.`,
  askContact: (fields) =>
    `For the delivery, please send me your ${join(fields.map((field) => FIELDS[field]))}.`,
  methodChosen: (name) => `${name}, fine.`,
  askMethod: (names) => `How would you like to pay, please? ${names.join(" / ")}`,
  summaryComes: () => "Please check your order summary below and tap the button if all is right. 👇",
  tapConfirm: () => "Please tap the button under the summary to place the order, or tell me what to change.",
  outOfStock: () => "Sorry, something in your cart has just sold out. What shall I change?",
  hours: (text) => `Our opening hours: ${text}`,
  delivery: (text) => `Delivery: ${text}`,
  zoneFee: (zone, feeText) => `Delivery to ${zone}: ${feeText}.`,
  returns: (text) => `Returns: ${text}`,
  payment: (text) => `You can pay like this: ${text}`,
  noAnswer: () => "I have no information about that; someone from the shop can tell you.",
  order: ({ orderNumber, state, totalText, balanceText }) =>
    `Order ${orderNumber}: ${state}${part(", total ", totalText)}${part(", still to pay ", balanceText)}.`,
  noOrders: () => "I can't find an order of yours yet.",
  sendSlip: () => "If you have made a transfer, please send a picture of the slip here; the shop checks it.",
  slipIsChecked: () => "The shop is checking your slip; you will hear here when that is done.",
  accountIsAbove: () =>
    "The account is in the message above that has your order number. Please transfer to that one only, then send the slip here.",
  whichOrder: (numbers) => `Which order do you mean? ${numbers.join(", ")}`,
  cannotCancel: () => "That order can no longer be cancelled here. Shall I ask a person from the shop?",
  nothingPlaced: () =>
    "You have not placed an order yet, so there is nothing to cancel. Shall I empty your cart?",
  noDiscount: () => "I know of no discount at the moment; our prices are as I tell them.",
  whatToChange: () => "Sure, what would you like to change? Products, number, address or payment method?",
  noProblem: () => "No problem. I'm here whenever you need me.",
  photo: () => "Thanks for the picture! I can't tell what it shows. Could you write the product's name?",
  voice: () => "Sorry, I can't listen to voice messages. Could you write it, please?",
  sticker: () => "😊",
  unsupported: () => "Sorry, I can't open that. Could you write it, please?",
  unknown: () =>
    "Sorry, I don't know the answer to that. I can help with products, prices, delivery and your order, or ask a person from the shop for you.",
};

function describe(name: string, options: PricedOption[]): string {
  const [first] = options;
  const prices = new Set(options.map((option) => option.priceText));
  if (first === undefined) return name;
  if (options.length === 1) return `${name} is ${first.priceText}${left(first.available)}.`;
  if (prices.size > 1) return `${name}:\n${options.map(optionLine).join("\n")}`;
  return `${name} is ${first.priceText}:
${bullets(options.map((option) => `${option.name}${left(option.available)}`))}`;
}

function optionLine(option: PricedOption): string {
  return `• ${option.name} – ${option.priceText}${left(option.available)}`;
}

/** A count is said only when it is a reason to hurry. */
function left(available: number): string {
  if (available <= 0) return " (sold out)";
  return available <= 3 ? ` (only ${available} left)` : "";
}

function part(label: string, text: string): string {
  return text === "" ? "" : `${label}${text}`;
}

function bullets(lines: string[]): string {
  return lines.map((line) => `• ${line}`).join("\n");
}

function join(words: string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
