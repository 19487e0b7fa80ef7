export type PushResult =
  | { outcome: "sent" }
  /** The device is no longer registered: forget its token. */
  | { outcome: "gone" }
  | { outcome: "retry"; afterMs: number }
  | { outcome: "refused"; code: string };

export interface PushClient {
  /** A push that arrives twice replaces itself on the device, by `noticeId`. */
  sendPush(push: {
    deviceToken: string;
    noticeId: string;
    title: string;
    body: string;
    /** Opened when tapped, relative to the console. */
    path: string;
  }): Promise<PushResult>;
}
