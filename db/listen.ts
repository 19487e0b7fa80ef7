import { Client } from "pg";

export type Listening = { close(): Promise<void> };

export type ListenOptions = {
  url: string;
  channel: string;
  onNotice(payload: string): void;
  /** Each time that it hears again after it did not: what was said meanwhile is lost. */
  onGap(): void;
  /** The connection failed and is tried again. */
  onTrouble(error: unknown): void;
};

const backOffMs = { first: 250, most: 10_000 };
/** A dead peer that never closed its socket is noticed after two of these. */
const heartbeatMs = 15_000;

/** Hears one channel on a connection of its own, for as long as it takes. */
export function listenTo(options: ListenOptions): Listening {
  const state: { isClosed: boolean; client: Client | undefined; timer: NodeJS.Timeout | undefined } = {
    isClosed: false,
    client: undefined,
    timer: undefined,
  };
  let failures = 0;
  let wasConnected = false;

  const retry = (error: unknown): void => {
    if (state.isClosed) return;
    options.onTrouble(error);
    const delay = Math.min(backOffMs.most, backOffMs.first * 2 ** failures);
    failures += 1;
    state.timer = setTimeout(connect, delay * (0.75 + Math.random() / 2));
  };

  function connect(): void {
    const client = openClient(options.url);
    state.client = client;
    // `pg` reports one broken connection several times.
    const lost = once((error: unknown) => {
      clearTimeout(state.timer);
      void endQuietly(client);
      retry(error);
    });
    client.on("error", lost);
    client.on("end", () => lost(new Error("the connection ended")));
    client.on("notification", ({ payload = "" }) => options.onNotice(payload));
    const beat = (): void => {
      state.timer = setTimeout(() => void client.query("select 1").then(beat, lost), heartbeatMs);
    };
    client
      .connect()
      .then(() => client.query(`listen ${client.escapeIdentifier(options.channel)}`))
      .then(() => {
        failures = 0;
        if (wasConnected) options.onGap();
        wasConnected = true;
        if (!state.isClosed) beat();
      })
      .catch(lost);
  }

  connect();
  return {
    close: async () => {
      state.isClosed = true;
      clearTimeout(state.timer);
      if (state.client !== undefined) await endQuietly(state.client);
    },
  };
}

function openClient(url: string): Client {
  return new Client({
    connectionString: url,
    application_name: "live",
    connectionTimeoutMillis: 5_000,
    query_timeout: heartbeatMs,
    keepAlive: true,
  });
}

async function endQuietly(client: Client): Promise<void> {
  try {
    await client.end();
  } catch {
    // It was broken already.
  }
}

function once<T>(fn: (value: T) => void): (value: T) => void {
  let isDone = false;
  return (value) => {
    if (isDone) return;
    isDone = true;
    fn(value);
  };
}
