export type WebhookPost = {
  url: string;
  body: string;
  /** The value of X-Hub-Signature-256; null sends none. */
  signature: string | null;
  timeoutMs: number;
  signal?: AbortSignal;
};

/** Posts one webhook and returns the HTTP status; null when no answer came. */
export async function postWebhook(post: WebhookPost): Promise<number | null> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const timer = setTimeout(end, post.timeoutMs);
  // Not AbortSignal.any: on Node 20 every signal made with it stays with a source that lives long.
  post.signal?.addEventListener("abort", end, { once: true });
  try {
    const answer = await fetch(post.url, {
      method: "POST",
      redirect: "manual",
      headers: {
        "content-type": "application/json",
        "user-agent": "facebookexternalua",
        ...(post.signature === null ? {} : { "x-hub-signature-256": post.signature }),
      },
      body: post.body,
      signal: ending.signal,
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    post.signal?.removeEventListener("abort", end);
  }
}
