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
import type { DurationUnit } from "./text-parts.ts";

export const burmeseTexts: CustomerTexts = {
  disclosure: ({ shopName, agentName }) =>
    `မင်္ဂလာပါ၊ ${shopName} က ကြိုဆိုပါတယ်။ ဖြေပေးနေတာက ${agentName} ပါ၊ လူမဟုတ်ဘဲ အလိုအလျောက်ဖြေပေးတဲ့ စက် (AI) ဖြစ်ပါတယ်။ ` +
    "ပစ္စည်းပြပေးတာ၊ အော်ဒါယူပေးတာ၊ အော်ဒါအခြေအနေ ပြောပြတာတွေ ကူညီပေးနိုင်ပါတယ်။ " +
    "လူနဲ့ ပြောချင်ရင် အချိန်မရွေး “လူ” လို့ ပို့လိုက်ပါနော်။ " +
    "စကားဝှက်၊ PIN၊ OTP ကုဒ်၊ key နဲ့ ကတ်နံပါတ်တွေကို ဒီမှာ ဘယ်တော့မှ မပို့ပါနဲ့။",
  holding: () => "ခဏလေး စောင့်ပေးပါနော်၊ ကြည့်ပေးနေပါတယ်။",
  fallback: () =>
    "စိတ်မရှိပါနဲ့၊ အခု ဖြေပေးလို့ မရသေးပါဘူး။ ဆိုင်ကို အကြောင်းကြားထားပါတယ်။ ခဏနေရင် ထပ်ပြောကြည့်ပေးပါ၊ ဒါမှမဟုတ် လူနဲ့ ပြောချင်ရင် “လူ” လို့ ပို့ပေးပါ။",
  handedToPerson: () =>
    "ဟုတ်ကဲ့ပါ။ ဆိုင်ကို အကြောင်းကြားထားပါတယ်။ ဆိုင်က တာဝန်ရှိသူက အမြန်ဆုံး ဒီမှာ ပြန်ဖြေပေးပါလိမ့်မယ်။ " +
    "အလိုအလျောက်ဖြေပေးတဲ့စက်နဲ့ ပြန်ပြောချင်ရင် “bot” လို့ ပို့ပေးပါ။",
  leftToPerson: () =>
    "စာပို့ပေးတာ ကျေးဇူးတင်ပါတယ်။ အခု ကိုယ်တိုင် ဖြေပေးလို့ မရသေးတဲ့အတွက် ဆိုင်ကို လွှဲပေးထားပါတယ်။ ဆိုင်က တာဝန်ရှိသူက အမြန်ဆုံး ဒီမှာ ပြန်ဖြေပေးပါလိမ့်မယ်။",
  backToAgent: ({ agentName }) =>
    `အလိုအလျောက်ဖြေပေးတဲ့ စက် ${agentName} က ပြန်ဖြေပေးနေပါပြီ။ ဘာများ ကူညီပေးရမလဲ။ လူနဲ့ ပြောချင်ရင် “လူ” လို့ ပို့ပေးပါ။`,
  maskedSecret: () =>
    "လုံခြုံရေးအတွက် မက်ဆေ့ချ်ထဲက ကတ်နံပါတ်၊ စကားဝှက် ဒါမှမဟုတ် ကုဒ်နဲ့တူတဲ့ အပိုင်းကို ဖျောက်လိုက်ပြီး မသိမ်းထားပါဘူး။ " +
    "ဒီလို အချက်အလက်တွေကို chat ထဲ ဘယ်တော့မှ မပို့ပါနဲ့။ ဆိုင်ကလည်း ဘယ်တော့မှ မတောင်းပါဘူး။",
  notForMinors: () =>
    "ပြောပြပေးလို့ ကျေးဇူးတင်ပါတယ်။ ဒီစကားဝိုင်းက အသက် ၁၈ နှစ်နဲ့ အထက်သာ သုံးလို့ရတာမို့ ဒီမှာပဲ ရပ်ပါတော့မယ်။ ရေးထားတာတွေကို ပိတ်ထားပြီး ဖျက်ပေးပါမယ်။ မိဘကို ဆိုင်ဆီ ရေးခိုင်းပေးပါ။",
  promotionsOn: () => "ကျေးဇူးတင်ပါတယ်။ ဆိုင်က ပရိုမိုးရှင်းတွေကို ဒီမှာ ပို့ပေးပါမယ်။ ရပ်ချင်ရင် “ပရိုမိုးရှင်းရပ်” လို့ ပို့ပါ။",
  promotionsOff: () => "ဟုတ်ကဲ့ပါ။ ဆိုင်က ပရိုမိုးရှင်းတွေကို ဒီမှာ မပို့တော့ပါဘူး။",
  takesNoOrders: () => "တောင်းပန်ပါတယ်၊ ဒီဆိုင်က လောလောဆယ် ဒီမှာ အော်ဒါ မလက်ခံသေးလို့ အော်ဒါ မတင်ထားပါဘူး။",

  summary: (facts) =>
    joinLines(
      "အော်ဒါကို စစ်ကြည့်ပေးပါနော် -",
      "",
      goodsLines(facts.lines),
      totals(facts),
      "",
      `အမည် - ${facts.name}`,
      `ဖုန်း - ${facts.phone}`,
      `မြို့နယ် - ${facts.township}`,
      `လိပ်စာ - ${facts.address}`,
      `ငွေပေးချေနည်း - ${facts.paymentMethodName}`,
      "",
      "အားလုံး မှန်ပါသလား။ အတည်ပြုပေးမှသာ အော်ဒါတင်ပေးမှာပါ။",
    ),
  summaryChanged: ({ changes }) =>
    `${[...new Set(changes)].map((change) => changed[change]).join("နဲ့ ")} ပြောင်းသွားလို့ အော်ဒါ မတင်ရသေးပါဘူး။ စာရင်းအသစ်က ဒီမှာပါ -`,
  summaryOutdated: () =>
    "ဒီစာရင်းက အဟောင်းဖြစ်သွားလို့ အော်ဒါ မတင်ရသေးပါဘူး။ နောက်ဆုံးစာရင်းကို အတည်ပြုပေးပါ၊ ဒါမှမဟုတ် စာရင်းအသစ် တောင်းလို့ရပါတယ်။",
  outOfStock: ({ items }) =>
    joinLines(
      "စိတ်မကောင်းပါဘူး၊ ပစ္စည်း မလုံလောက်တော့လို့ အော်ဒါ မတင်ရသေးပါဘူး -",
      ...items.map(({ name, available }) =>
        available > 0 ? `• ${name} - ${available} ခုပဲ ကျန်ပါတယ်` : `• ${name} - ကုန်သွားပါပြီ`,
      ),
      "အော်ဒါကို ပြင်ပေးရမလား၊ တခြားပစ္စည်း ကြည့်ချင်ပါသလား။",
    ),
  askWhatToChange: () => "ဟုတ်ကဲ့ပါ။ ဘာကို ပြင်ချင်ပါသလဲ - ပစ္စည်းလား၊ အရေအတွက်လား၊ လိပ်စာလား၊ ငွေပေးချေနည်းလား။",
  summaryDropped: () => "ဟုတ်ကဲ့ပါ၊ အော်ဒါ မတင်ထားပါဘူး။ တခြား လိုအပ်တာရှိရင် ပြောပါနော်။",
  alreadyPlaced: ({ orderNumber }) => `ဒီအော်ဒါက တင်ပြီးသားပါ။ အော်ဒါနံပါတ်က #${orderNumber} ပါ။`,

  placedForTransfer: ({ orderNumber, total, account, payWithinMs }) =>
    joinLines(
      `ကျေးဇူးတင်ပါတယ်။ အော်ဒါ #${orderNumber} တင်ပြီးပါပြီ။`,
      "",
      `${formatMoney(total)} ကို ဒီအကောင့်ဆီ လွှဲပေးပါ -`,
      accountLines(account),
      "",
      `ငွေလွှဲပြီးရင် ပစ္စည်းကို ဖယ်ထားပေးနိုင်ဖို့ ${duration(payWithinMs)}အတွင်း ငွေလွှဲပြေစာ (screenshot) ကို ဒီမှာ ပို့ပေးပါ။ ` +
        "PIN နဲ့ ကုဒ်တွေကို ဘယ်တော့မှ မပို့ပါနဲ့။",
    ),
  placedForCash: ({ orderNumber, total }) =>
    joinLines(
      `ကျေးဇူးတင်ပါတယ်။ အော်ဒါ #${orderNumber} တင်ပြီးပါပြီ။`,
      `ပစ္စည်းရောက်ရင် ${formatMoney(total)} ကို လက်ငင်း ပေးချေရပါမယ်။ ဆိုင်က အော်ဒါကို စစ်ပြီး လက်ခံတာနဲ့ ဒီမှာ ပြန်ပြောပေးပါမယ်။`,
    ),
  placedForGateway: ({ orderNumber, total, methodName, payWithinMs }) =>
    joinLines(
      `ကျေးဇူးတင်ပါတယ်။ အော်ဒါ #${orderNumber} တင်ပြီးပါပြီ။`,
      `ပစ္စည်းကို ဖယ်ထားပေးနိုင်ဖို့ ${duration(payWithinMs)}အတွင်း ${methodName} နဲ့ ${formatMoney(total)} ပေးချေပေးပါ။ QR ကုဒ်ကို ဆက်ပို့ပေးပါမယ်။`,
    ),
  placedPaid: ({ orderNumber, credit }) =>
    joinLines(
      `ကျေးဇူးတင်ပါတယ်။ အော်ဒါ #${orderNumber} တင်ပြီးပါပြီ။`,
      `ဆိုင်မှာရှိတဲ့ ခရက်ဒစ် ${formatMoney(credit)} နဲ့ ပေးချေပြီးပါပြီ။ ငွေထပ်ချေစရာ မလိုပါဘူး။`,
    ),
  payByCode: ({ orderNumber, total, methodName }) =>
    `ဒီ QR ကုဒ်နဲ့ အော်ဒါ #${orderNumber} အတွက် ${formatMoney(total)} ပေးချေနိုင်ပါတယ်။ ${methodName} နဲ့ စကင်ဖတ်ပေးပါ။ ပြေစာ ပို့စရာမလိုပါဘူး၊ ငွေရောက်တာနဲ့ ဒီမှာ ပြောပေးပါမယ်။`,
  evidenceReceived: ({ orderNumber }) =>
    `ကျေးဇူးတင်ပါတယ်။ အော်ဒါ #${orderNumber} အတွက် ငွေလွှဲပြေစာ ရပါပြီ။ ဆိုင်က စစ်ပြီးရင် ငွေလက်ခံဖြတ်ပိုင်းကို ဒီမှာ ပို့ပေးပါမယ်။`,
  whichOrder: () => "ငွေလွှဲပြေစာအတွက် ကျေးဇူးတင်ပါတယ်။ ဘယ်အော်ဒါအတွက် လွှဲထားတာပါလဲ။",
  evidenceUnmatched: () =>
    "ကျေးဇူးတင်ပါတယ်။ ငွေချေဖို့ စောင့်နေတဲ့ အော်ဒါ ရှာမတွေ့လို့ ပြေစာကို ဆိုင်ဆီ ပို့ပေးထားပါတယ်။ ဆိုင်က စစ်ပြီး ပြန်ဖြေပေးပါလိမ့်မယ်။",
  evidenceSettled: () => "ဒီငွေလွှဲပြေစာကို ဆောင်ရွက်ပြီးသား ဖြစ်တဲ့အတွက် ဘာမှ ထပ်မပြောင်းတော့ပါဘူး။ ဆိုင်နဲ့ ပြောချင်ရင် “လူ” လို့ ပို့ပေးပါ။",
  unmatchedRefused: ({ reason }) =>
    joinLines(
      "စိတ်မကောင်းပါဘူး၊ အော်ဒါနဲ့ မသက်ဆိုင်တဲ့ ငွေလွှဲပြေစာကို ဆိုင်က လက်မခံနိုင်ပါဘူး။",
      quoted(reason),
      "ငွေလွှဲထားရင် ပြေစာအမှန်ကို ဒီမှာ ပို့ပေးပါ၊ ဒါမှမဟုတ် ဆိုင်နဲ့ ပြောချင်ရင် “လူ” လို့ ပို့ပေးပါ။",
    ),
  unmatchedReturned: ({ amount }) => `အော်ဒါနဲ့ မသက်ဆိုင်တဲ့ ငွေလွှဲပြေစာအတွက် ${formatMoney(amount)} ကို ဆိုင်က ပြန်အမ်းပြီးပါပြီ။`,
  evidenceUnreadable: ({ orderNumber }) =>
    `အော်ဒါ #${orderNumber} အတွက် ငွေလွှဲပြေစာ ရပါပြီ၊ ဆိုင်က ကြည့်ပေးပါမယ်။ စိတ်မရှိပါနဲ့၊ ဒီပြေစာကို ဖတ်လို့မရပါဘူး။ ငွေပမာဏ၊ ရက်စွဲနဲ့ Transaction နံပါတ်တွေ ရှင်းရှင်းလင်းလင်း အပြည့်အစုံ မြင်ရအောင် ထပ်ပို့ပေးပါနော်။`,
  partPayment: ({ orderNumber, received, balance }) =>
    joinLines(
      `အော်ဒါ #${orderNumber} အတွက် ${formatMoney(received)} လက်ခံရရှိပါပြီ။ ကျေးဇူးတင်ပါတယ်။`,
      `ကျန်ငွေ ${formatMoney(balance)} ကို အဲဒီအကောင့်ဆီပဲ လွှဲပြီး ပြေစာ ပို့ပေးပါနော်။`,
    ),
  overPayment: ({ orderNumber, surplus }) =>
    `အော်ဒါ #${orderNumber} အတွက် ${formatMoney(surplus)} ပိုလွှဲထားပါတယ်။ ပိုငွေပြန်ပေးဖို့ ဆိုင်က ဆက်သွယ်ပေးပါမယ်။`,
  evidenceRefused: ({ orderNumber, reason }) =>
    joinLines(
      `စိတ်မကောင်းပါဘူး၊ အော်ဒါ #${orderNumber} ရဲ့ ငွေလွှဲပြေစာကို ဆိုင်က လက်မခံနိုင်ပါဘူး။`,
      quoted(reason),
      "ငွေလွှဲထားရင် ပြေစာအမှန်ကို ဒီမှာ ပို့ပေးပါ၊ ဒါမှမဟုတ် ဆိုင်နဲ့ ပြောချင်ရင် “လူ” လို့ ပို့ပေးပါ။",
    ),
  evidenceAskedAgain: ({ orderNumber, reason }) =>
    joinLines(
      `အော်ဒါ #${orderNumber} ရဲ့ ငွေလွှဲပြေစာပုံကို ဆိုင်က ထပ်လိုချင်ပါတယ်။`,
      quoted(reason),
      "ရှင်းရှင်းလင်းလင်း အပြည့်အစုံ မြင်ရတဲ့ပုံကို ဒီမှာ ထပ်ပို့ပေးပါနော်။",
    ),
  receipt: (facts) =>
    joinLines(
      "ငွေလက်ခံရရှိပါပြီ။ ကျေးဇူးတင်ပါတယ်။",
      "",
      `${facts.shopName} ငွေလက်ခံဖြတ်ပိုင်း`,
      `အော်ဒါ #${facts.orderNumber}`,
      goodsLines(facts.lines),
      totals(facts),
      `ပေးချေပြီး - ${formatMoney(facts.paid)} (${facts.paymentMethodName})`,
      ...(facts.isToCome ? ["", "ပစ္စည်းကို ပြင်ဆင်ပေးနေပါတယ်။ ပို့လိုက်တာနဲ့ ပြောပေးပါမယ်။"] : []),
    ),
  reviewDelayed: ({ orderNumber }) =>
    `စိတ်မကောင်းပါဘူး၊ အော်ဒါ #${orderNumber} ရဲ့ ငွေလွှဲကို ဆိုင်က မစစ်ရသေးပါဘူး။ ဆိုင်ကို ထပ်သတိပေးထားပါတယ်။ ဆက်စောင့်လို့ရသလို အော်ဒါကို ပယ်ဖျက်လို့လည်း ရပါတယ်။ ရောက်ထားတဲ့ငွေကို ပြန်အမ်းပေးပါမယ်။`,
  expiryWarning: ({ orderNumber, balance, leftMs }) =>
    `သတိပေးပါရစေ၊ အော်ဒါ #${orderNumber} (${formatMoney(balance)}) ကို ငွေမချေရသေးပါဘူး။ ပစ္စည်းကို နောက်ထပ် ${duration(leftMs)}ပဲ ဖယ်ထားပေးနိုင်ပါမယ်။ ငွေလွှဲပြီးရင် ပြေစာ ပို့ပေးပါနော်။`,
  expired: ({ orderNumber }) =>
    `သတ်မှတ်ချိန်အတွင်း အော်ဒါ #${orderNumber} အတွက် ငွေမရောက်လို့ အော်ဒါကို ပယ်ဖျက်လိုက်ပါပြီ။ ငွေလွှဲပြီးသားဆိုရင် ပြေစာကို ဒီမှာ ပို့ပေးပါ၊ ဆိုင်က စစ်ပေးပါမယ်။ အချိန်မရွေး ပြန်မှာနိုင်ပါတယ်။`,
  revived: ({ orderNumber }) =>
    `သတင်းကောင်းပါ၊ ဆိုင်က သင့်ငွေလွှဲပြေစာကို တွေ့လို့ အော်ဒါ #${orderNumber} ကို ပြန်ဖွင့်ပေးလိုက်ပါပြီ။ ငွေကို စစ်နေတုန်း ပစ္စည်းကို ဖယ်ထားပေးပါမယ်။`,
  revivedByPayment: ({ orderNumber }) => `သတင်းကောင်းပါ၊ သင့်ငွေ ရောက်လာလို့ အော်ဒါ #${orderNumber} ကို ပြန်ဖွင့်ပေးလိုက်ပါပြီ။`,
  refundDue: ({ orderNumber, amount }) =>
    `အော်ဒါ #${orderNumber} အတွက် ${formatMoney(amount)} ကို ဆိုင်က ပြန်အမ်းပေးပါမယ်။ ပြန်အမ်းပြီးတာနဲ့ ပြောပေးပါမယ်။`,
  keptAsCredit: ({ orderNumber, amount }) =>
    `အော်ဒါ #${orderNumber} အတွက် ပိုလွှဲထားတဲ့ ${formatMoney(amount)} ကို ခရက်ဒစ်အဖြစ် ဆိုင်က သိမ်းထားပေးပါတယ်။ နောက်အော်ဒါမှာ နုတ်ပေးပါမယ်။`,
  creditReturned: ({ credit }) => `ခရက်ဒစ် ${formatMoney(credit)} ကို ပြန်ထည့်ပေးထားပါတယ်။ နောက်အော်ဒါမှာ သုံးနိုင်ပါတယ်။`,
  refunded: ({ orderNumber, amount }) =>
    `အော်ဒါ #${orderNumber} အတွက် ${formatMoney(amount)} ကို ဆိုင်က ပြန်အမ်းပေးပြီးပါပြီ။ အကောင့်ထဲမှာ စစ်ကြည့်ပေးပါနော်။`,

  cashAccepted: ({ orderNumber, total }) =>
    `ဝမ်းသာပါတယ်၊ အော်ဒါ #${orderNumber} ကို ဆိုင်က လက်ခံလိုက်ပါပြီ။ ပစ္စည်းရောက်ရင် ပေးဖို့ ${formatMoney(total)} ကို အသင့်ထားပေးပါနော်။`,
  cashNotAccepted: ({ orderNumber }) =>
    `စိတ်မကောင်းပါဘူး၊ အော်ဒါ #${orderNumber} ကို အိမ်ရောက်ငွေချေနဲ့ ဆိုင်က လက်မခံနိုင်လို့ ပယ်ဖျက်လိုက်ပါပြီ။ ဘာမှ ပေးချေစရာ မလိုပါဘူး။`,
  packed: ({ orderNumber }) => `အော်ဒါ #${orderNumber} ကို ထုပ်ပိုးပြီးပါပြီ။ မကြာခင် ပို့ပေးပါမယ်။`,
  shipped: ({ orderNumber, tracking }) =>
    joinLines(`အော်ဒါ #${orderNumber} ကို ပို့လိုက်ပါပြီ။`, labelledLine("Tracking နံပါတ် - ", tracking)),
  delivered: ({ orderNumber }) =>
    `အော်ဒါ #${orderNumber} ရောက်ပါပြီ။ အားပေးတဲ့အတွက် ကျေးဇူးတင်ပါတယ်။ အဆင်မပြေတာရှိရင် ဒီမှာ ပြောပါနော်။`,

  askToCancel: ({ orderNumber, total }) =>
    `အော်ဒါ #${orderNumber} (${formatMoney(total)}) ကို တကယ် ပယ်ဖျက်ချင်ပါသလား။`,
  keptOrder: ({ orderNumber }) => `ဟုတ်ကဲ့ပါ၊ အော်ဒါ #${orderNumber} ကို ဒီအတိုင်း ဆက်ထားပါမယ်။`,
  cannotCancel: ({ orderNumber }) =>
    `အော်ဒါ #${orderNumber} ကို ဒီမှာ ပယ်ဖျက်လို့ မရတော့ပါဘူး။ ဆိုင်နဲ့ ပြောချင်ရင် “လူ” လို့ ပို့ပေးပါ။`,
  cancelledByCustomer: ({ orderNumber, refund }) =>
    joinLines(
      `တောင်းဆိုထားတဲ့အတိုင်း အော်ဒါ #${orderNumber} ကို ပယ်ဖျက်ပြီးပါပြီ။`,
      refund === null ? null : `ပေးထားတဲ့ ${formatMoney(refund)} ကို ဆိုင်က ပြန်အမ်းပေးပါမယ်။`,
    ),
  cancelledByShop: ({ orderNumber, reason, refund }) =>
    joinLines(
      `စိတ်မကောင်းပါဘူး၊ ဆိုင်က အော်ဒါ #${orderNumber} ကို ပယ်ဖျက်လိုက်ရပါတယ်။`,
      quoted(reason),
      refund === null ? null : `ပေးထားတဲ့ ${formatMoney(refund)} ကို ပြန်အမ်းပေးပါမယ်။`,
    ),

  orderStatus: ({ order, payment, fulfilment, balance }) => {
    if (order === "draft") return "မတင်ရသေးပါ";
    if (order === "cancelled") return closedStatus(payment);
    if (order === "completed") return payment === "refunded" ? "ရောက်ပြီး၊ ငွေပြန်အမ်းပြီး" : "ရောက်ပြီး";
    return `${paymentStatus(payment, balance)}၊ ${parcelStatus[fulfilment]}`;
  },

  titles: {
    confirm: "အတည်ပြုမယ်",
    change: "ပြင်ချင်တယ်",
    cancel: "မမှာတော့ဘူး",
    person: "လူနဲ့ပြောမယ်",
    agent: "စက်နဲ့ပြန်ပြောမယ်",
    agree: "ဟုတ်ကဲ့၊ ပို့ပေးပါ",
    cancelOrder: "ပယ်ဖျက်မယ်",
    keepOrder: "ဆက်ထားမယ်",
    ofOrder: ({ orderNumber }) => title(`အော်ဒါ #${orderNumber}`),
  },
};

const changed: Record<SummaryChange, string> = {
  price: "ဈေးနှုန်း",
  fee: "ပို့ဆောင်ခ",
  stock: "လက်ကျန်ပစ္စည်း",
  details: "အချက်အလက်",
  payment_method: "ငွေပေးချေနည်း",
  credit: "ခရက်ဒစ်",
};

const parcelStatus: Record<DeliveryState, string> = {
  pending: "မပို့ရသေး",
  packed: "ထုပ်ပိုးပြီး",
  shipped: "ပို့လိုက်ပြီး လမ်းမှာ",
  delivered: "ရောက်ပြီး",
};

const durationUnits: Record<DurationUnit, string> = { day: "ရက်", hour: "နာရီ", minute: "မိနစ်" };

function totals({ fee, discount, credit, total }: TextTotals): string {
  return joinLines(
    `ပို့ဆောင်ခ - ${isAboveZero(fee) ? formatMoney(fee) : "အခမဲ့"}`,
    isAboveZero(discount) ? `လျှော့ဈေး - ${formatMoney(discount)}` : null,
    isAboveZero(credit) ? `ခရက်ဒစ် - ${formatMoney(credit)}` : null,
    `စုစုပေါင်း - ${formatMoney(total)}`,
  );
}

function paymentStatus(payment: PaymentState, balance: Money): string {
  switch (payment) {
    case "none":
      return "ငွေချေစရာမလို";
    case "due":
      return `ငွေချေဖို့ စောင့်နေ (${formatMoney(balance)})`;
    case "under_review":
      return "ငွေလွှဲကို ဆိုင်က စစ်နေ";
    case "part_paid":
      return `တစ်စိတ်တစ်ပိုင်း ချေပြီး၊ ကျန်ငွေ ${formatMoney(balance)}`;
    case "paid":
      return "ငွေချေပြီး";
    case "cod_due":
      return `အိမ်ရောက်ငွေချေ ${formatMoney(balance)}`;
    case "refund_due":
      return "ငွေပြန်အမ်းပေးမယ်";
    case "refunded":
      return "ငွေပြန်အမ်းပြီး";
  }
}

function closedStatus(payment: PaymentState): string {
  if (payment === "refund_due") return "ပယ်ဖျက်ပြီး၊ ငွေပြန်အမ်းပေးမယ်";
  return payment === "refunded" ? "ပယ်ဖျက်ပြီး၊ ငွေပြန်အမ်းပြီး" : "ပယ်ဖျက်ပြီး";
}

function quoted(reason: string | null): string | null {
  return quotedLine("ဆိုင်ရဲ့ မှတ်ချက် - ", reason);
}

function duration(ms: number): string {
  const { count, unit } = roughDuration(ms);
  return `${count} ${durationUnits[unit]}`;
}
