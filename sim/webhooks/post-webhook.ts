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
  const timeout = AbortSignal.timeout(post.timeoutMs);
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
      signal: post.signal ? AbortSignal.any([timeout, post.signal]) : timeout,
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}
