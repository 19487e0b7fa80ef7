/** Promises of goods for less, or for nothing. The shop's own texts may make them. */
const offers =
  /\bfree\s+of\s+charge\b|\b(?:for|at)\s+(?:free|no\s+cost)\b|\b(?:is|are|be|was)\s+(?:\w+\s+)?free\b(?!\s+(?:to|at|on|from)\b)|\bfree\s+gifts?\b|\b(?:get|gets)\s+(?:\w+\s+){0,2}free\b|\bone\s+free\b|\bon\s+the\s+house\b|\bhalf[\s-]+(?:price|off)\b|\bbuy\s+one\b[^.!?]{0,10}\bget\s+(?:one|two|another)\b|အခမဲ့|အလကား|ဖရီး|တစ်ဝက်ဈေး|ဈေးတစ်ဝက်|ဝယ်(?:ရင်)?[^။\n]{0,12}(?:လက်ဆောင်|အပိုရ)/giu;
const nothingDue =
  /\b(?:nothing|no\s+need|not\s+have|n't\s+have|n’t\s+have)\s+to\s+pay\b|\bno\s+(?:charge|payment)\s+(?:is\s+)?(?:needed|required|due)?|\bwithout\s+(?:paying|payment)\b|ငွေ\s*(?:မပေး|မချေ|ပေးစရာမ|ချေစရာမ)(?:ရ|ဘဲ|လို)/giu;

/** `isPaid`: some order of the customer needs no money any more, of which a reply may speak. */
export function findOffers(text: string, isPaid: boolean): string[] {
  const due = isPaid ? [] : [...text.matchAll(nothingDue)];
  return [...text.matchAll(offers), ...due].map(([found]) => found.toLowerCase());
}

const secretName =
  "(?:otp|pin(?:\\s+(?:code|number))?|cvv|passwords?|passcode|one[\\s-]time\\s+(?:code|password)|(?:verification|security|bank)\\s+code|card\\s+number|စကားဝှက်|ကတ်နံပါတ်)";
const asksInEnglish = new RegExp(
  `\\b(?:tell|send|give|share|type|enter|provide|read|write|confirm|need|require|what\\s+is|what['’]s)\\b(?=[^.!?။\\n]{0,60}\\b${secretName}(?!\\p{L}))`,
  "giu",
);
/** Before the verb: “do not worry and tell me” is a request, “do not ever tell” is none. */
const refusesInEnglish =
  /(?:\b(?:never|nobody|no\s+one)\s+(?:(?!and\b|but\b|just\b|then\b)\w+\s+){0,8}|(?:\bnot|n['’]t|\bwithout|\bno\s+need\s+to)\s+(?:(?!and\b|but\b|just\b|then\b)\w+\s+){0,3})$/iu;
const asksInBurmese = new RegExp(`${secretName}[^။\\n]{0,40}(?<!မ)(?:ပြော|ပို့|ပေး|ရေး|ရိုက်|ဖြည့်)`, "iu");
const refusesInBurmese = /ပါနဲ့|မလို/u;

/** Sentences that ask for what no shop may ask for; a warning not to send it is none. */
export function findSecretRequests(text: string): string[] {
  return (text.match(/[^.!?။\n]+/gu) ?? []).filter(
    (sentence) =>
      [...sentence.matchAll(asksInEnglish)].some(
        ({ index }) => !refusesInEnglish.test(sentence.slice(0, index)),
      ) ||
      (asksInBurmese.test(sentence) && !refusesInBurmese.test(sentence)),
  );
}
