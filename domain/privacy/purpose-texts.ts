import type { DataPurpose } from "./data-purpose.ts";

/** What each purpose means, as it is published. */
export const purposeTexts: Record<DataPurpose, string> = {
  conversation: "To read what a customer writes to a shop, and to answer it.",
  order: "To take an order, deliver it, and settle what went wrong with it.",
  payment: "To see that an order is paid, or to give its money back.",
  follow_up: "To remind a customer of what they began, while Messenger allows it.",
  marketing: "To offer something to a customer who has agreed to that.",
  improvement: "To improve the agent with what a shop and a person have both released for it.",
  analytics: "To count for a shop what happened, in groups of at least ten.",
  account: "To let owners, their staff and the platform's people sign in and work.",
  billing: "To sell plans and credits, and to keep the books of that.",
  referral: "To reckon commissions, and to pay them out.",
  notices: "To tell owners what needs them, where they want to be told.",
  security: "To keep others out, and to find out about fraud.",
  support: "To answer who asks for help or appeals.",
  privacy_rights: "To do what a person may ask for by law, and to be able to show it.",
  legal_disclosure: "To answer a lawful order, once it is approved and written down.",
};
