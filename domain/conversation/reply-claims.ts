import type { ReplyClaim } from "./reply-facts.ts";

const done = "(?:\\s+(?:now|already|just|been|successfully|fully|all|safely|today))*";
const be = `(?:is|are|was|were|has|have|had|'s|’s|'ve|’ve)${done}`;
const we = `\\b(?:i|we|the shop|the owner|they)(?:\\s+(?:have|has)|'ve|’ve)?${done}`;
const goods = "(?:order|parcel|package|items?|goods|it|they|everything)";
const wasOrHasBeen = `(?:was|were|(?:has|have|'s|’s|'ve|’ve)\\s+(?:\\w+\\s+)?been)${done}`;
/** "Items are shipped within two days" tells a rule, not a state. */
const noRule = "(?!\\s+(?:within|in\\s+\\d|every|daily|between|from|only|by)\\b)";
const near = "[^.!?။]{0,40}?";
/** A few Burmese signs that turn no verb into a wish, a condition or a purpose. */
const close = "(?:(?!ဖို့|ရန်|ရင်|ပါက|မှ|လို့ရ|မ)[^။\\n]){0,14}?";
const perfect = "(?:ပါပြီ|ပြီးပြီ|ပြီးသား|ပြီဖြစ်|လိုက်ပြီ|ပြီနော်)";
const orderWord = "(?:အော်ဒါ|မှာယူ|မှာထား|order)";
const goodsWord = "(?:ပစ္စည်း|ပါဆယ်|အော်ဒါ|မှာယူ|မှာထား|order|parcel)";

const claimPatterns: Record<ReplyClaim, readonly RegExp[]> = {
  placed: [
    new RegExp(
      `\\border\\b${near}\\b${be}\\s+(?:confirmed|placed|accepted|booked|complete|completed)\\b`,
      "iu",
    ),
    new RegExp(
      `${we}\\s+(?:confirmed|placed|booked|accepted|completed)\\s+(?:your|the|an|this)\\s+order\\b`,
      "iu",
    ),
    /\border\s+(?:#?\S+\s+)?(?:confirmed|placed|accepted)\b/iu,
    /\bconfirmed\s+(?:your|the)\s+order\b/iu,
    new RegExp(`${orderWord}[^။\\n]{0,40}?(?:အတည်ပြု|တင်|လက်ခံ|confirm)${close}${perfect}`, "iu"),
  ],
  paid: [
    new RegExp(
      `\\b(?:payment|transfer|money|slip|deposit)\\b${near}\\b${be}\\s+(?:received|confirmed|verified|complete|completed|successful)\\b`,
      "iu",
    ),
    new RegExp(`\\b(?:payment|transfer|slip)\\b${near}\\b${wasOrHasBeen}\\s+(?:accepted|approved)\\b`, "iu"),
    new RegExp(
      `${we}\\s+(?:received|confirmed|verified|accepted|got|approved)\\s+(?:your|the|a)\\s+(?:full\\s+)?(?:payment|transfer|money|deposit)\\b(?!\\s+(?:slip|screenshot|proof))`,
      "iu",
    ),
    /\bpayment\s+(?:received|confirmed|verified|accepted|approved|successful)\b/iu,
    new RegExp(`\\b${goods}\\b${near}\\b${be}\\s+paid\\b`, "iu"),
    /\bpaid\s+in\s+full\b|\bmarked\s+(?:it\s+)?as\s+paid\b|\b(?:thanks|thank\s+you)\s+for\s+(?:your\s+payment|paying)\b/iu,
    new RegExp(`ငွေ[^။\\n]{0,30}?(?:ရရှိ|ရောက်|ဝင်|အတည်ပြု|ပေးချေ|ချေ|ရှင်း|လက်ခံ|အောင်မြင်)${close}${perfect}`, "iu"),
    /ငွေ[^။\n]{0,30}?(?<!လို့\s?)ရပါပြီ/iu,
  ],
  shipped: [
    new RegExp(
      `\\b${goods}\\b${near}\\b${be}\\s+(?:shipped|dispatched|sent\\s+out|sent|posted|on\\s+(?:its|the|their)\\s+way|out\\s+for\\s+delivery)\\b${noRule}`,
      "iu",
    ),
    new RegExp(`${we}\\s+(?:shipped|dispatched|sent\\s+out)\\b`, "iu"),
    /\b(?:it|that)['’]s\s+on\s+(?:its|the)\s+way\b/iu,
    new RegExp(`${goodsWord}[^။\\n]{0,40}?ပို့${close}${perfect}`, "iu"),
  ],
  delivered: [
    new RegExp(`\\b${goods}\\b${near}\\b${be}\\s+(?:delivered|arrived)\\b${noRule}`, "iu"),
    new RegExp(`${we}\\s+delivered\\b`, "iu"),
    new RegExp(`${goodsWord}[^။\\n]{0,40}?ရောက်${close}${perfect}`, "iu"),
  ],
  cancelled: [
    new RegExp(`\\border\\b${near}\\b${be}\\s+cancell?ed\\b`, "iu"),
    new RegExp(`${we}\\s+cancell?ed\\b`, "iu"),
    new RegExp(`${orderWord}[^။\\n]{0,40}?(?:ဖျက်|cancel)${close}${perfect}`, "iu"),
  ],
  refunded: [
    new RegExp(`\\b(?:payment|money|order|amount|it)\\b${near}\\b${be}\\s+refunded\\b`, "iu"),
    new RegExp(
      `\\brefund\\b${near}\\b${be}\\s+(?:sent|issued|processed|paid|made|complete|completed)\\b`,
      "iu",
    ),
    new RegExp(`${we}\\s+(?:refunded|returned\\s+your\\s+money|sent\\s+(?:your|the|a)\\s+refund)\\b`, "iu"),
    new RegExp(`ငွေ[^။\\n]{0,20}?(?:ပြန်အမ်း|ပြန်လွှဲ|ပြန်ပေး)${close}${perfect}`, "iu"),
  ],
};

/** "Once your payment is confirmed": a condition, unless it only means "again". */
const condition =
  /\b(?:if|once(?!\s+(?:again|more))|when|after|until|unless|before|as\s+soon\s+as|whether)\b[^,]{0,60}$/iu;
const burmeseCondition = /^(?:ဆို|ရင်|တဲ့အခါ|တာနဲ့|မှ|ပါက|လျှင်)/u;

/** Each claim of a reached state that a text makes, with its words. Questions and conditions claim nothing. */
export function findClaims(text: string): { claim: ReplyClaim; found: string }[] {
  return clausesOf(text).flatMap((clause) =>
    claimNames
      .map((claim) => ({ claim, found: firstMatch(claimPatterns[claim], clause) }))
      .filter((hit): hit is { claim: ReplyClaim; found: string } => hit.found !== undefined),
  );
}

const claimNames = Object.keys(claimPatterns) as ReplyClaim[];

/** Sentences; a question ends with its mark, or with the Burmese particles that ask. */
function clausesOf(text: string): string[] {
  return (text.match(/[^.!?;။\n]+[.!?;။\n]?/gu) ?? []).filter(
    (sentence) => !/\?\s*$/u.test(sentence) && !/(?:လား|သလား|လဲ)\s*။?\s*$/u.test(sentence),
  );
}

function firstMatch(patterns: readonly RegExp[], clause: string): string | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(clause);
    if (match === null) continue;
    const end = match.index + match[0].length;
    if (condition.test(clause.slice(0, end)) || burmeseCondition.test(clause.slice(end))) continue;
    return match[0];
  }
  return undefined;
}
