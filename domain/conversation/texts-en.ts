import { formatMoney } from "../money.ts";
import type { Money } from "../money.ts";
import type { DeliveryState, PaymentState } from "../order/states.ts";
import type { CustomerTexts, SummaryChange, TextTotals } from "./customer-texts.ts";
import {
  accountLines,
  goodsLines,
  isAboveZero,
  joinLines,
  labelledLine,
  quotedLine,
  roughDuration,
  title,
} from "./text-parts.ts";

export const englishTexts: CustomerTexts = {
  disclosure: ({ shopName, agentName }) =>
    `Hello, and welcome to ${shopName}! I am ${agentName}, an automated assistant (a machine, not a person). ` +
    "I can show you products, take your order and tell you about it. " +
    "To talk to a person at any time, just send “person”. " +
    "Please never send passwords, PINs, one-time codes, keys or card numbers here.",
  holding: () => "One moment please, I am looking into it for you.",
  fallback: () =>
    "Sorry, I could not answer that just now. I have told the shop. Please try again in a little while, or send “person” to talk to someone.",
  handedToPerson: () =>
    "Of course. I have told the shop, and someone will answer you here as soon as they can. " +
    "If you would like the automated assistant again, send “bot”.",
  leftToPerson: () =>
    "Thank you for your message. I cannot answer it myself right now, so I have left it for the shop: someone will answer you here as soon as they can.",
  backToAgent: ({ agentName }) =>
    `${agentName}, the automated assistant, is answering again. How can I help? To talk to a person, send “person”.`,
  maskedSecret: () =>
    "For your safety I hid a part of your message that looked like a card number, a password or a code, and it was not stored. " +
    "Please never send these in chat. The shop will never ask you for them.",
  notForMinors: () =>
    "Thank you for telling me. This chat is only for people of 18 years and older, so I stop here. What you wrote is locked now and will be deleted. Please ask a parent to write to the shop.",
  promotionsOn: () =>
    "Thank you. The shop may send you its offers here. To stop them, send “stop promotions”.",
  promotionsOff: () => "All right. The shop sends you no more offers or promotions here.",
  takesNoOrders: () => "Sorry, this shop takes no orders here at the moment, so nothing was placed.",

  summary: (facts) =>
    joinLines(
      "Please check your order:",
      "",
      goodsLines(facts.lines),
      totals(facts),
      "",
      `Name: ${facts.name}`,
      `Phone: ${facts.phone}`,
      `Township: ${facts.township}`,
      `Address: ${facts.address}`,
      `Payment: ${facts.paymentMethodName}`,
      "",
      "Is everything correct? Your order is placed only when you confirm it.",
    ),
  summaryChanged: ({ changes }) =>
    `Your order has not been placed yet, because ${[...new Set(changes)].map((change) => changed[change]).join(" and ")}. Here is the new summary:`,
  summaryOutdated: () =>
    "That summary is no longer valid, so nothing was placed. Please use the latest one, or ask me for a new summary.",
  outOfStock: ({ items }) =>
    joinLines(
      "Sorry, there is not enough in stock any more, so nothing was placed:",
      ...items.map(({ name, available }) =>
        available > 0 ? `• ${name}: only ${available} left` : `• ${name}: sold out`,
      ),
      "Shall I change your order, or would you like something else?",
    ),
  askWhatToChange: () =>
    "Of course. What would you like to change: the items, the quantity, the address or the payment?",
  summaryDropped: () => "All right, nothing was ordered. If you would like anything else, I am here.",
  alreadyPlaced: ({ orderNumber }) => `This order is already placed. Its number is #${orderNumber}.`,

  placedForTransfer: ({ orderNumber, total, account, payWithinMs }) =>
    joinLines(
      `Thank you! Your order #${orderNumber} is placed.`,
      "",
      `Please transfer ${formatMoney(total)} to:`,
      accountLines(account),
      "",
      `Then send me the payment slip (a screenshot) here within ${duration(payWithinMs)}, so that your goods stay reserved. ` +
        "Never send your PIN or a code.",
    ),
  placedForCash: ({ orderNumber, total }) =>
    joinLines(
      `Thank you! Your order #${orderNumber} is placed.`,
      `You pay ${formatMoney(total)} in cash when it arrives. The shop will check the order, and I will tell you here when it is accepted.`,
    ),
  placedForGateway: ({ orderNumber, total, methodName, payWithinMs }) =>
    joinLines(
      `Thank you! Your order #${orderNumber} is placed.`,
      `Please pay ${formatMoney(total)} with ${methodName} within ${duration(payWithinMs)}, so that your goods stay reserved. The QR code follows.`,
    ),
  placedPaid: ({ orderNumber, credit }) =>
    joinLines(
      `Thank you! Your order #${orderNumber} is placed.`,
      `Your credit with the shop has paid it (${formatMoney(credit)}); you have nothing to pay.`,
    ),
  payByCode: ({ orderNumber, total, methodName }) =>
    `This QR code pays ${formatMoney(total)} for order #${orderNumber}. Scan it with ${methodName}; you need not send a slip, I will tell you here when the payment has arrived.`,
  evidenceReceived: ({ orderNumber }) =>
    `Thank you, I have your payment slip for order #${orderNumber}. The shop will check it, and I will send you the receipt here.`,
  whichOrder: () => "Thank you for the slip. Which order is this payment for?",
  evidenceUnmatched: () =>
    "Thank you. I could not find an order of yours that is waiting for a payment, so I have passed your slip on to the shop. Someone will check it and answer you.",
  evidenceSettled: () =>
    "This payment slip has been dealt with already, so nothing has changed. Send “person” to talk to the shop about it.",
  unmatchedRefused: ({ reason }) =>
    joinLines(
      "I am sorry, the shop could not accept the payment slip that belonged to no order.",
      quoted(reason),
      "If you have paid, please send the right slip here, or send “person” to talk to the shop.",
    ),
  unmatchedReturned: ({ amount }) =>
    `The shop has given back the ${formatMoney(amount)} of your payment slip that belonged to no order.`,
  evidenceUnreadable: ({ orderNumber }) =>
    `I have your payment slip for order #${orderNumber}, and the shop will look at it. I am sorry, I cannot read this slip. Could you send it again, sharp and complete, so that the amount, the date and the transaction number can be seen?`,
  partPayment: ({ orderNumber, received, balance }) =>
    joinLines(
      `The shop has received ${formatMoney(received)} for order #${orderNumber}. Thank you!`,
      `${formatMoney(balance)} is still open. Please transfer it to the same account and send me the slip.`,
    ),
  overPayment: ({ orderNumber, surplus }) =>
    `You paid ${formatMoney(surplus)} too much for order #${orderNumber}. The shop will get in touch with you about giving it back.`,
  evidenceRefused: ({ orderNumber, reason }) =>
    joinLines(
      `I am sorry, the shop could not accept the payment slip for order #${orderNumber}.`,
      quoted(reason),
      "If you have paid, please send the right slip here, or send “person” to talk to the shop.",
    ),
  evidenceAskedAgain: ({ orderNumber, reason }) =>
    joinLines(
      `The shop needs another picture of the payment slip for order #${orderNumber}.`,
      quoted(reason),
      "Please send it here again, sharp and complete.",
    ),
  receipt: (facts) =>
    joinLines(
      "Payment received. Thank you!",
      "",
      `Receipt of ${facts.shopName}`,
      `Order #${facts.orderNumber}`,
      goodsLines(facts.lines),
      totals(facts),
      `Paid: ${formatMoney(facts.paid)} (${facts.paymentMethodName})`,
      ...(facts.isToCome ? ["", "Your order is being prepared. I will tell you when it is on its way."] : []),
    ),
  reviewDelayed: ({ orderNumber }) =>
    `I am sorry, the shop has not checked your payment for order #${orderNumber} yet. I have reminded them again. You can go on waiting or cancel the order; a payment that has arrived will be given back.`,
  expiryWarning: ({ orderNumber, balance, leftMs }) =>
    `A reminder: order #${orderNumber} is not paid yet (${formatMoney(balance)}). Your goods stay reserved for another ${duration(leftMs)}. If you have paid, please send me the slip.`,
  expired: ({ orderNumber }) =>
    `No payment came for order #${orderNumber} in time, so it is cancelled. If you have paid already, please send the slip here and the shop will look at it. You are welcome to order again at any time.`,
  revived: ({ orderNumber }) =>
    `Good news: the shop has found your payment slip, and order #${orderNumber} is open again. Your goods are reserved while the shop checks the payment.`,
  revivedByPayment: ({ orderNumber }) =>
    `Good news: your payment has arrived, and order #${orderNumber} is open again.`,
  refundDue: ({ orderNumber, amount }) =>
    `The shop owes you ${formatMoney(amount)} for order #${orderNumber} and will give it back to you. I will tell you when that is done.`,
  keptAsCredit: ({ orderNumber, amount }) =>
    `The shop keeps ${formatMoney(amount)} that you paid too much for order #${orderNumber} as your credit. It is taken off your next order here.`,
  creditReturned: ({ credit }) =>
    `Your credit of ${formatMoney(credit)} is yours again, for your next order here.`,
  refunded: ({ orderNumber, amount }) =>
    `The shop has given back ${formatMoney(amount)} for order #${orderNumber}. Please check your account.`,

  cashAccepted: ({ orderNumber, total }) =>
    `Good news: the shop has accepted order #${orderNumber}. Please have ${formatMoney(total)} in cash ready when it arrives.`,
  cashNotAccepted: ({ orderNumber }) =>
    `I am sorry, the shop could not accept order #${orderNumber} with cash on delivery, so it is cancelled. You have nothing to pay.`,
  packed: ({ orderNumber }) => `Your order #${orderNumber} is packed and will be sent soon.`,
  shipped: ({ orderNumber, tracking }) =>
    joinLines(`Your order #${orderNumber} is on its way!`, labelledLine("Tracking: ", tracking)),
  delivered: ({ orderNumber }) =>
    `Your order #${orderNumber} has been delivered. Thank you for shopping with us! If anything is not right, tell me here.`,

  askToCancel: ({ orderNumber, total }) =>
    `Would you really like to cancel order #${orderNumber} (${formatMoney(total)})?`,
  keptOrder: ({ orderNumber }) => `All right, order #${orderNumber} stays as it is.`,
  cannotCancel: ({ orderNumber }) =>
    `Order #${orderNumber} can no longer be cancelled here. Send “person” to talk to the shop about it.`,
  cancelledByCustomer: ({ orderNumber, refund }) =>
    joinLines(
      `Order #${orderNumber} is cancelled, as you asked.`,
      refund === null ? null : `The shop will give back your ${formatMoney(refund)}.`,
    ),
  cancelledByShop: ({ orderNumber, reason, refund }) =>
    joinLines(
      `I am sorry, the shop had to cancel order #${orderNumber}.`,
      quoted(reason),
      refund === null ? null : `Your ${formatMoney(refund)} will be given back.`,
    ),

  orderStatus: ({ order, payment, fulfilment, balance }) => {
    if (order === "draft") return "not placed yet";
    if (order === "cancelled") return closedStatus(payment);
    if (order === "completed") return payment === "refunded" ? "delivered, refunded" : "delivered";
    return `${paymentStatus(payment, balance)}, ${parcelStatus[fulfilment]}`;
  },

  titles: {
    confirm: "Confirm order",
    change: "Change something",
    cancel: "Do not order",
    person: "Talk to a person",
    agent: "Back to assistant",
    agree: "Yes, send me offers",
    cancelOrder: "Yes, cancel it",
    keepOrder: "No, keep it",
    ofOrder: ({ orderNumber }) => title(`Order #${orderNumber}`),
  },
};

const changed: Record<SummaryChange, string> = {
  price: "a price has changed",
  fee: "the delivery fee has changed",
  stock: "the stock has changed",
  details: "your details have changed",
  payment_method: "the payment method has changed",
  credit: "your credit with the shop has changed",
};

const parcelStatus: Record<DeliveryState, string> = {
  pending: "not sent yet",
  packed: "packed",
  shipped: "on its way",
  delivered: "delivered",
};

function totals({ fee, discount, credit, total }: TextTotals): string {
  return joinLines(
    `Delivery: ${isAboveZero(fee) ? formatMoney(fee) : "free"}`,
    isAboveZero(discount) ? `Discount: -${formatMoney(discount)}` : null,
    isAboveZero(credit) ? `Your credit: -${formatMoney(credit)}` : null,
    `Total: ${formatMoney(total)}`,
  );
}

function paymentStatus(payment: PaymentState, balance: Money): string {
  switch (payment) {
    case "none":
      return "no payment needed";
    case "due":
      return `waiting for your payment of ${formatMoney(balance)}`;
    case "under_review":
      return "the shop is checking your payment";
    case "part_paid":
      return `partly paid, ${formatMoney(balance)} still open`;
    case "paid":
      return "paid";
    case "cod_due":
      return `cash on delivery, ${formatMoney(balance)}`;
    case "refund_due":
      return "refund on its way";
    case "refunded":
      return "refunded";
  }
}

function closedStatus(payment: PaymentState): string {
  if (payment === "refund_due") return "cancelled, the shop will give your money back";
  return payment === "refunded" ? "cancelled, refunded" : "cancelled";
}

function quoted(reason: string | null): string | null {
  return quotedLine("The shop writes: ", reason);
}

function duration(ms: number): string {
  const { count, unit } = roughDuration(ms);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
