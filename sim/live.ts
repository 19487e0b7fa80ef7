/** What a chat page wants to know at once; it reads the rest by itself. */
export type LiveEvent =
  | { type: "changed"; pageId: string; psid: string }
  | { type: "typing"; pageId: string; psid: string; isOn: boolean };

export type Live = {
  emit: (event: LiveEvent) => void;
  /** Returns the function that ends the subscription. */
  subscribe: (listener: (event: LiveEvent) => void) => () => void;
};

export function createLive(): Live {
  const listeners = new Set<(event: LiveEvent) => void>();
  return {
    emit(event) {
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
