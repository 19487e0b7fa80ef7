const second = 1_000;
const minute = 60 * second;

/** Every duration of a conversation, in milliseconds; given by whoever rings. */
export type ConversationTimings = {
  /** A burst is complete when nothing came for this long, */
  quietMs: number;
  /** or when its first message is this old. */
  maxBurstMs: number;
  /** From the oldest unanswered message: a holding message is sent, so that Meta's 30-second rule holds, */
  holdingAfterMs: number;
  /** and the model is given up, the fallback answers. */
  modelGiveUpMs: number;
  /** One model call. */
  modelCallMs: number;
  /** The workflow ends when nothing happened for this long. */
  idleEndMs: number;
  /** Human mode ends this long after the last human message. */
  humanModeMs: number;
  /**
   * One attempt of the turn: the burst, pictures, the model until it is given up, the sends. One of carrying out what it
   * decided, a few transactions and sends, ends long before.
   */
  turnTimeoutMs: number;
  /** A turn whose worker died is tried again after this without a heartbeat. */
  turnHeartbeatMs: number;
  /** The first retry of a failed activity comes after this. */
  retryMs: number;
};

export const defaultConversationTimings: ConversationTimings = {
  quietMs: 1_500,
  maxBurstMs: 6 * second,
  holdingAfterMs: 15 * second,
  modelGiveUpMs: 45 * second,
  modelCallMs: 25 * second,
  idleEndMs: 10 * minute,
  humanModeMs: 60 * minute,
  turnTimeoutMs: 2 * minute,
  turnHeartbeatMs: 5 * second,
  retryMs: 1 * second,
};
