import type { MessageBody } from "../../domain/conversation/message-body.ts";
import { toUnicode } from "../../domain/text/burmese.ts";
import { maskAcross, maskSecrets } from "../../domain/text/mask-secrets.ts";
import { normaliseText } from "../../domain/text/normalise-text.ts";

type MaskedBody = Pick<MessageBody, "text" | "original" | "masked">;

/** Masks texts one by one, and what of a secret began in the same speaker's message before. */
export class BurstMasker {
  readonly #previous = new Map<string, MessageBody>();

  /** The text part of a body. What was masked is not kept in its Zawgyi form either. */
  mask(speaker: string, raw: string | undefined): MaskedBody {
    if (raw === undefined) return {};
    const original = normaliseText(raw);
    const { text: unicode, wasZawgyi } = toUnicode(original);
    const before = this.#previous.get(speaker);
    const { text, masked, previous } =
      before?.text === undefined
        ? { ...maskSecrets(unicode), previous: undefined }
        : maskAcross(before.text, unicode);
    if (before !== undefined && previous !== undefined && previous !== before.text) {
      before.text = previous;
      before.masked = [...new Set([...(before.masked ?? []), ...masked])];
      delete before.original;
    }
    if (masked.length > 0) return { text, masked };
    return { text, ...(wasZawgyi ? { original } : {}) };
  }

  /** Remembers a body as the speaker's last words; it may still be masked, so the very object must be stored. */
  keep(speaker: string, body: MessageBody): MessageBody {
    if (body.text !== undefined) this.#previous.set(speaker, body);
    return body;
  }
}
