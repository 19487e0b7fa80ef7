import { z } from "zod";
import { setting } from "./setting.ts";

function file(meaning: string) {
  return setting({ schema: z.string().optional(), default: "", meaning });
}

/** Files in PEM form, which the processes read at their start. */
export const tlsSettings = {
  SHOPTHREAD_TLS_CERT: file(
    "Certificate (with its chain) of API, console and the worker's metrics, a file. Needed where SHOPTHREAD_HOST is not this machine and no trusted proxy speaks TLS for them.",
  ),
  SHOPTHREAD_TLS_KEY: file("Its private key, a file."),
  DATABASE_CA: file(
    "Who vouches for PostgreSQL's certificate, a file; it is verified wherever the database is not on this machine. Empty: the system's list.",
  ),
  TEMPORAL_TLS_CA: file("Likewise for Temporal's."),
  TEMPORAL_TLS_CERT: file("Certificate by which the processes show Temporal who they are, a file."),
  TEMPORAL_TLS_KEY: file("Its private key, a file."),
  TEMPORAL_TLS_SERVER_NAME: file(
    "The name in Temporal's certificate, where it is not that of TEMPORAL_ADDRESS.",
  ),
  KEYRING_TLS_CA: file(
    "Who vouches for the keyring and for those who ask it, a file: both show a certificate. Needed where the keyring is not on this machine.",
  ),
  KEYRING_TLS_CERT: file("Certificate of this process for it, a file."),
  KEYRING_TLS_KEY: file("Its private key, a file."),
};
