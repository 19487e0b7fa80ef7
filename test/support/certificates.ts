import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generate } from "selfsigned";
import type { SelfsignedOptions } from "selfsigned";

export type Pem = { cert: string; key: string };
export type Authority = Pem & {
  /** A certificate for this machine's addresses, for a server or a client. */
  issue(name: string): Promise<Pem>;
};

/** Somebody who vouches for certificates, made for the test. */
export async function createAuthority(name: string): Promise<Authority> {
  const ca = await certificate(name, [{ name: "basicConstraints", cA: true, critical: true }]);
  return {
    ...ca,
    issue: (subject) =>
      certificate(
        subject,
        [
          { name: "basicConstraints", cA: false },
          { name: "extKeyUsage", serverAuth: true, clientAuth: true },
          {
            name: "subjectAltName",
            altNames: [
              { type: 2, value: "localhost" },
              { type: 7, ip: "127.0.0.1" },
            ],
          },
        ],
        ca,
      ),
  };
}

type Extensions = NonNullable<SelfsignedOptions["extensions"]>;

async function certificate(name: string, extensions: Extensions, ca?: Pem): Promise<Pem> {
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions,
    ...(ca === undefined ? {} : { ca }),
  });
  return { cert, key };
}

/** Writes them as `{name}.crt`, `{name}.key`; answers the paths. */
export async function writePem(folder: string, name: string, { cert, key }: Pem): Promise<Pem> {
  const paths = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  await writeFile(paths.cert, cert);
  await writeFile(paths.key, key, { mode: 0o600 });
  return paths;
}
