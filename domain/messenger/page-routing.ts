/** Whether customers' threads come to our app by Meta's Conversation Routing: `theirs` is another app's word over ours. */
export type PageRouting = "ours" | "theirs" | "unknown";
