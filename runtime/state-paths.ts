import { join } from "node:path";

/** What lies where in `SHOPTHREAD_HOME`. */
export function statePaths(home: string) {
  return {
    home,
    runFile: join(home, "run.json"),
    lock: join(home, "start.lock"),
    secrets: join(home, "secrets.json"),
    children: join(home, "children.json"),
    logs: join(home, "logs"),
    postgres: join(home, "postgres"),
    temporalDb: join(home, "temporal", "temporal.db"),
    temporalState: join(home, "temporal", "server.json"),
    objects: join(home, "objects"),
    keyring: join(home, "keyring"),
    auditHeads: join(home, "audit-heads", "heads.jsonl"),
    erasureList: join(home, "erasures", "list.jsonl"),
    payloadKeys: join(home, "payload-keys"),
    sim: join(home, "sim"),
  };
}

export type StatePaths = ReturnType<typeof statePaths>;
