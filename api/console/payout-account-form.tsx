import { payoutAccountKinds } from "../../domain/referral/payout-account.ts";
import type { PayoutAccount } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { Facts, Said, Time } from "./parts.tsx";

/** The account as it is masked, and the form for another one, which begins empty. */
export function PayoutAccountCard({
  account,
  viewer,
}: {
  account: PayoutAccount | undefined;
  viewer: Viewer;
}) {
  const { referral } = viewer.words;
  return (
    <section class="card" aria-labelledby="account">
      <h2 id="account">{referral.account}</h2>
      {account === undefined ? (
        <p class="empty">{referral.noAccount}</p>
      ) : (
        <Facts
          rows={[
            [referral.kind, referral.accountKinds[account.kind]],
            [referral.accountName, <Said text={account.accountName} />],
            [referral.accountNumber, <Said text={account.accountNumber} />],
            [referral.bank, account.bank === "" ? null : <Said text={account.bank} />],
            [referral.usableFrom, <Time at={account.usableFrom} viewer={viewer} />],
          ]}
        />
      )}
      <form method="post" action="/console/referral/account" class="form">
        <label for="kind">{referral.kind}</label>
        <select id="kind" name="kind">
          {payoutAccountKinds.map((kind) => (
            <option value={kind} selected={kind === account?.kind}>
              {referral.accountKinds[kind]}
            </option>
          ))}
        </select>
        <label for="account-name">{referral.accountName}</label>
        <input id="account-name" name="accountName" maxLength={100} autocomplete="off" required />
        <label for="account-number">{referral.accountNumber}</label>
        <input id="account-number" name="accountNumber" maxLength={50} autocomplete="off" required />
        <label for="bank">{referral.bank}</label>
        <input id="bank" name="bank" maxLength={100} autocomplete="off" />
        <p class="help">{referral.accountHelp}</p>
        <button class="primary">{referral.save}</button>
      </form>
    </section>
  );
}
