import { creditsAddUp } from "./credits.ts";
import {
  everyMessageIsSettled,
  messagesKeepTheirOrder,
  nothingIncomingIsLost,
  nothingOutgoingIsDoubled,
  theAgentIsSilentBesideAPerson,
} from "./messages.ts";
import type { Oracle } from "./observation.ts";
import {
  answeredDecisionsWereMade,
  everyEdgeHasItsEvent,
  moneyAddsUp,
  ordersAreConfirmed,
  stockAddsUp,
} from "./orders.ts";
import { payoutsArePaidOnce, payoutsAreTheirLines } from "./payouts.ts";
import { commissionsFollowPayments, plansAreActivatedOnce, refundsLeaveNothing } from "./plans.ts";
import {
  everyOpenRowHasItsWorkflow,
  historiesReplay,
  nothingIsStuck,
  nothingLiesInClear,
  shopsStayApart,
} from "./rest.ts";
import { plansEndStepByStep } from "./subscriptions.ts";
import { theWalletAgrees } from "./wallet.ts";

/** Everything that must hold, whatever has struck. */
export const oracles: Readonly<Record<string, Oracle>> = {
  "I1 I2 nothing incoming is lost or taken twice": nothingIncomingIsLost,
  "I3 nothing outgoing is lost or seen twice": nothingOutgoingIsDoubled,
  "I12 messages keep their order": messagesKeepTheirOrder,
  "the agent is silent beside a person": theAgentIsSilentBesideAPerson,
  "I4 an order is placed by a tap, and told once": ordersAreConfirmed,
  "I4 stock adds up": stockAddsUp,
  "I5 money adds up": moneyAddsUp,
  "I8 credits add up": creditsAddUp,
  "I5 commissions follow payments": commissionsFollowPayments,
  "I5 a refund leaves no commission": refundsLeaveNothing,
  "I5 a payout is paid once": payoutsArePaidOnce,
  "I5 a payout is its lines": payoutsAreTheirLines,
  "I5 the wallet agrees": theWalletAgrees,
  "I6 a plan ends step by step": plansEndStepByStep,
  "I6 a plan is activated once": plansAreActivatedOnce,
  "I6 every edge has its event": everyEdgeHasItsEvent,
  "I6 what was answered 200 was done": answeredDecisionsWereMade,
  "I14 every message is settled": everyMessageIsSettled,
  "I14 nothing is stuck": nothingIsStuck,
  "I14 every open row has its workflow": everyOpenRowHasItsWorkflow,
  "I7 shops stay apart": shopsStayApart,
  "I13 nothing lies in clear": nothingLiesInClear,
  "I15 I16 histories replay and stay short": historiesReplay,
};
