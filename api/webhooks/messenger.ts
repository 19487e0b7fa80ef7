import type { ApiRouter } from "../router.ts";

export function mountMessengerWebhook(_app: ApiRouter): void {
  // TODO(api): the door
}
