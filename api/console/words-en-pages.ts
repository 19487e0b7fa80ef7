export const wordsEnPages = {
  pages: {
    title: "Facebook Pages",
    none: "No Page is connected yet: customers cannot write to the agent.",
    state: { connected: "Connected", broken: "Does not work", disconnected: "Disconnected" },
    broken: "Messages wait, and nothing is sent. Connect the Page again.",
    disconnected: "Nothing is taken in or sent. What was said before is kept.",
    theirs:
      "Another app gets the customers' messages. At Facebook, under Conversation Routing, make ours the default app.",
    readingBack: "Messages that came meanwhile are being read.",
    paused: "Facebook limits this Page until",
    checked: "Last looked at",
    check: "Look now",
    connect: "Connect a Page",
    reconnect: "Connect again",
    disconnect: "Disconnect",
    disconnectHelp: "The agent stops on this Page at once. Conversations and orders are kept.",
    leaving: "To Facebook",
    leavingHelp:
      "Sign in there, and choose the Pages that the agent may answer on. The link works once, for ten minutes.",
    goOn: "Go on to Facebook",
    choose: "Choose a Page",
    chooseHelp: "You can connect several, one after the other. This list is gone in half an hour.",
    connectThis: "Connect",
    again: "Start again",
    back: "Back to the shop",
  },
  pageFlash: {
    pageConnected: "The Page is connected.",
    pageChecked: "The Page is being looked at.",
    pageDisconnected: "The Page is disconnected.",
  },
  pageProblems: {
    "page.taken": "This Page is connected to another shop. Disconnect it there first.",
    "page.cannot_connect":
      "Facebook does not let us use this Page. Give all the permissions that are asked for.",
    "page.login_refused": "You did not let us use a Page. Nothing was changed.",
    "page.login_failed": "Facebook did not accept the sign-in. Start again.",
    "page.login_unknown": "This sign-in is too old, or was used before. Start again.",
    "page.none_granted": "No Page was chosen, or you may not manage one.",
    "messenger.away": "Facebook does not answer at the moment. Try again.",
    "session.required": "Pages are connected by a person who is signed in.",
  },
};
