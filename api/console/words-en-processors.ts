export const wordsEnProcessors = {
  processors: {
    title: "Who gets data from us",
    lead: "These companies work for us, for the purposes that stand here and under an agreement. Nobody else gets data, and none is sold.",
    who: "What it does",
    provider: "Company and place",
    hosts: "Servers",
    until: "Agreement",
    ownMachine: "On our own machine",
    noEnd: "without an end",
    does: {
      meta: "Carries messages between a shop and its customers",
      model: "Words the agent's answers and reads payment slips",
      push: "Brings notices to owners' telephones",
      mail: "Delivers mails to accounts",
      kbzpay: "Takes payments by code",
      traces: "Shows our operators where time is spent",
    },
    stopped: "Gets nothing at present",
  },
};
