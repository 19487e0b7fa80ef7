import { decodeQR } from "qr/decode.js";
import sharp from "sharp";

import type { ShopKeeper } from "./owners.ts";
import type { Town } from "./town.ts";

/** A payment as the wallet has it. */
export type WalletPayment = {
  merchantOrderId: string;
  amount: number;
  status: "WAIT_PAY" | "PAY_SUCCESS" | "ORDER_CLOSED" | "ORDER_EXPIRED";
  refunds: { refundRequestNo: string; amount: number; status: string }[];
};

/** The simulated wallet, with which people pay by code. */
export class Wallet {
  private readonly url: string;

  constructor({ sim }: { sim: { url: string } }) {
    this.url = `${sim.url}/payments`;
  }

  /** `isForced`: the wallet takes it also when it is too late. Paid before, or closed: nothing happens. */
  async pay(code: string, { isForced = false }: { isForced?: boolean } = {}): Promise<void> {
    await this.send("POST", "/scans", { code, isForced });
  }

  async putMerchant({
    merchantCode,
    appId,
    key,
  }: Record<"merchantCode" | "appId" | "key", string>): Promise<void> {
    await this.send("PUT", `/merchants/${merchantCode}`, { appId, key });
  }

  async payments(): Promise<WalletPayment[]> {
    const answer = await fetch(`${this.url}/orders`);
    if (!answer.ok) throw new Error(`the wallet's payments: ${answer.status}`);
    return (await answer.json()) as WalletPayment[];
  }

  private async send(method: string, path: string, body: object): Promise<void> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok && answer.status !== 409) throw new Error(`the wallet, ${path}: ${answer.status}`);
  }
}

export const byCode = "MMQR";

/** Each shop has an account of its own at the wallet. */
export async function takePaymentsByCode(town: Town, keepers: readonly ShopKeeper[]): Promise<void> {
  const wallet = new Wallet(town);
  for (const [index, { owner }] of keepers.entries()) {
    const account = { appId: `kp-${index}`, merchantCode: `20000${index}` };
    const key = `key-of-shop-${index}`;
    await wallet.putMerchant({ ...account, key });
    const gateway = { provider: "kbzpay", ...account, merchantKey: key };
    const method = { kind: "gateway", name: byCode, gateway, isVisibleToCustomer: true };
    const answer = await owner.postOnce("/v1/payment-methods", method);
    if (!answer.ok) throw new Error(`a shop takes payments by code: ${answer.status}`);
  }
}

/** As a camera reads it; undefined: no code is on the picture, or it is not there now. */
export async function readCode(imageUrl: string): Promise<string | undefined> {
  const answer = await fetch(imageUrl);
  if (!answer.ok) return undefined;
  const picture = sharp(Buffer.from(await answer.arrayBuffer())).ensureAlpha();
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  try {
    return decodeQR({ data: new Uint8Array(data), width: info.width, height: info.height });
  } catch {
    return undefined; // a product's picture
  }
}
