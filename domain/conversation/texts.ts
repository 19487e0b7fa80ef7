import type { Language } from "../shop/policies.ts";
import type { CustomerTexts } from "./customer-texts.ts";
import { englishTexts } from "./texts-en.ts";
import { burmeseTexts } from "./texts-my.ts";

const textsOf: Record<Language, CustomerTexts> = { en: englishTexts, my: burmeseTexts };

/** Every sentence that code sends to a customer, in the language of the conversation. */
export function texts(language: Language): CustomerTexts {
  return textsOf[language];
}
