const owners = ["", "SIM_", "SIM_MAIL_", "TEMPORAL_", "TEMPORAL_UI_", "POSTGRES_", "WORKER_METRICS_"];

/** The settings by which a whole system takes free ports, beside others of the same machine. */
export const anyPorts = Object.fromEntries(owners.map((owner) => [`SHOPTHREAD_${owner}PORT`, "0"]));
