import { randomBytes } from "node:crypto";
import type { SimMerchant, SimPayment } from "../payments/payment-types.ts";
import { openJournal } from "./journal.ts";
import { createObjectFiles } from "./object-files.ts";
import { sniffContentType } from "./sniff-content-type.ts";
import type {
  DeadDevice,
  PendingWebhook,
  SimAccount,
  SimApp,
  SimCustomer,
  SimLogin,
  SimMessage,
  SimObject,
  SimPage,
} from "./world-types.ts";

type Kinds = {
  app: SimApp;
  account: SimAccount;
  login: SimLogin;
  page: SimPage;
  customer: SimCustomer;
  message: SimMessage;
  object: SimObject;
  webhook: PendingWebhook;
  device: DeadDevice;
  merchant: SimMerchant;
  payment: SimPayment;
  secret: { value: string };
};

export type World = ReturnType<typeof createWorld>;

/** Everything that exists outside the product: apps, Pages, customers, messages, pictures, devices, payments. */
export function createWorld(options: { stateDir?: string | undefined }) {
  const store = createStore(options.stateDir);
  const files = createObjectFiles(options.stateDir);
  const threads = new Map<string, SimMessage[]>();
  let lastSeq = 0;
  for (const message of store.all("message")) {
    threadOf(threads, message).push(message);
    lastSeq = Math.max(lastSeq, message.seq);
  }
  const cdnSecret = store.find("secret", "cdn")?.value ?? randomBytes(16).toString("hex");
  store.put("secret", "cdn", { value: cdnSecret });

  return {
    cdnSecret,
    close: store.close,
    putApp: (app: SimApp) => store.put("app", app.appId, app),
    findApp: (appId: string) => store.find("app", appId),
    listApps: () => store.all("app"),
    putAccount: (account: SimAccount) => store.put("account", account.id, account),
    findAccount: (id: string) => store.find("account", id),
    listAccounts: () => store.all("account"),
    putLogin: (login: SimLogin) => store.put("login", login.token, login),
    findLogin: (token: string) => store.find("login", token),
    removeLogin: (token: string) => store.remove("login", token),
    listLogins: () => store.all("login"),
    putPage: (page: SimPage) => store.put("page", page.id, page),
    findPage: (id: string) => store.find("page", id),
    findPageByToken: (token: string) => store.all("page").find((page) => page.accessToken === token),
    listPages: () => store.all("page"),
    putCustomer: (customer: SimCustomer) => store.put("customer", threadKey(customer), customer),
    findCustomer: (pageId: string, psid: string) => store.find("customer", threadKey({ pageId, psid })),
    listCustomers: (pageId: string) => store.all("customer").filter((one) => one.pageId === pageId),
    nextSeq: () => ++lastSeq,
    putMessage(message: SimMessage): void {
      const thread = threadOf(threads, message);
      const known = thread.findIndex((other) => other.mid === message.mid);
      if (known === -1) thread.push(message);
      else thread[known] = message;
      store.put("message", `${message.pageId}/${message.mid}`, message);
    },
    findMessage: (pageId: string, mid: string) => store.find("message", `${pageId}/${mid}`),
    /** The conversation by time, then by arrival. */
    listMessages: (pageId: string, psid: string): SimMessage[] =>
      [...(threads.get(threadKey({ pageId, psid })) ?? [])].sort((a, b) => a.at - b.at || a.seq - b.seq),
    addObject(bytes: Uint8Array, hint?: { contentType?: string; reusable?: boolean }): SimObject {
      const object: SimObject = {
        id: `${Date.now()}${randomBytes(4).readUInt32BE(0)}`,
        contentType: sniffContentType(bytes) ?? hint?.contentType ?? "application/octet-stream",
        size: bytes.byteLength,
        reusable: hint?.reusable ?? false,
      };
      files.put(object.id, bytes);
      store.put("object", object.id, object);
      return object;
    },
    findObject: (id: string) => store.find("object", id),
    readObject: (id: string) => (store.find("object", id) ? files.get(id) : undefined),
    putWebhook: (webhook: PendingWebhook) => store.put("webhook", webhook.id, webhook),
    removeWebhook: (id: string) => store.remove("webhook", id),
    listWebhooks: () => store.all("webhook"),
    markDevice(token: string, isDead: boolean): void {
      if (isDead) store.put("device", token, { token });
      else store.remove("device", token);
    },
    putMerchant: (merchant: SimMerchant) => store.put("merchant", merchant.merchantCode, merchant),
    findMerchant: (code: string) => store.find("merchant", code),
    putPayment: (payment: SimPayment) => store.put("payment", payment.merchantOrderId, payment),
    findPayment: (merchantOrderId: string) => store.find("payment", merchantOrderId),
    listPayments: () => store.all("payment"),
    isDeadDevice: (token: string) => store.find("device", token) !== undefined,
  };
}

function createStore(stateDir: string | undefined) {
  const tables: { [K in keyof Kinds]: Map<string, Kinds[K]> } = {
    app: new Map(),
    account: new Map(),
    login: new Map(),
    page: new Map(),
    customer: new Map(),
    message: new Map(),
    object: new Map(),
    webhook: new Map(),
    device: new Map(),
    merchant: new Map(),
    payment: new Map(),
    secret: new Map(),
  };
  const opened = stateDir === undefined ? undefined : openJournal(stateDir);
  for (const line of opened?.lines ?? []) {
    // The journal holds only what this module wrote under the same kind.
    if (line.kind in tables)
      (tables[line.kind as keyof Kinds] as Map<string, unknown>).set(line.id, line.value);
  }
  return {
    find: <K extends keyof Kinds>(kind: K, id: string): Kinds[K] | undefined => tables[kind].get(id),
    all: <K extends keyof Kinds>(kind: K): Kinds[K][] => [...tables[kind].values()],
    put<K extends keyof Kinds>(kind: K, id: string, value: Kinds[K]): void {
      tables[kind].set(id, value);
      opened?.journal.write({ kind, id, value });
    },
    remove(kind: keyof Kinds, id: string): void {
      if (tables[kind].delete(id)) opened?.journal.write({ kind, id, value: null });
    },
    close: () => opened?.journal.close(),
  };
}

function threadKey(of: { pageId: string; psid: string }): string {
  return `${of.pageId}/${of.psid}`;
}

function threadOf(threads: Map<string, SimMessage[]>, message: SimMessage): SimMessage[] {
  const key = threadKey(message);
  const thread = threads.get(key) ?? [];
  threads.set(key, thread);
  return thread;
}
