import type { AccountEventKind } from "../../domain/account/account-event.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";

const roles: Record<MembershipRole, string> = {
  owner: "Owner",
  manager: "Manager",
  catalogue: "Catalogue",
  order_agent: "Orders and chats",
  finance: "Payments",
  viewer: "Reads only",
  staff: "Staff",
};

const events: Record<AccountEventKind, string> = {
  "session.started": "Signed in",
  "session.revoked": "A session was ended",
  "device.first_seen": "Signed in on a new device",
  "factor.confirmed": "Second factor set up",
  "factor.removed": "Second factor removed",
  "recovery_codes.replaced": "New recovery codes",
  "recovery_code.used": "A recovery code was used",
  "codes.often_refused": "Somebody with the password tried many codes",
  "passwords.often_refused": "Somebody tried many passwords",
};

export const wordsEnAccess = {
  code: {
    title: "Second step",
    lead: "Open your authenticator app and type the code, or use a recovery code.",
    code: "Code",
    go: "Go on",
    refused: "This code is wrong, or was used before.",
    again: "Begin again",
  },
  stepUp: {
    title: "Is it you?",
    withCode: "This needs a fresh code of your authenticator app, or a recovery code.",
    withPassword: "This needs your password again.",
    go: "Go on",
    resend: "Then do again what you were about to do.",
  },
  account: {
    title: "Account and security",
    back: "Back to the shop",
    passwordAndAddress: "Password and address",
    factor: "Second factor",
    factorOn: "Signing in needs a code of your authenticator app.",
    factorOff: "Signing in needs only the password.",
    factorNeeded: "Your account must have a second factor before it can do anything else.",
    codesLeft: (count: number) => `${count} recovery codes are left.`,
    setUp: "Set up a second factor",
    newCodes: "New recovery codes",
    remove: "Remove the second factor",
    scan: "Scan this with an authenticator app, or type the key.",
    key: "Key",
    firstCode: "Code that the app shows",
    confirm: "Confirm",
    waiting: "A key waits for its first code.",
    anew: "Begin with a new key",
    shownOnce: "This is shown once.",
    codes: "Recovery codes",
    codesLead: "Write them down. Each stands in for a code once, when the phone is lost.",
    written: "I have written them down",
    sessions: "Where you are signed in",
    current: "this device",
    program: "Unknown device",
    lastUsed: "Last used",
    end: "Sign out there",
    endOthers: "Sign out everywhere else",
    history: "What happened",
    events,
  },
  team: {
    title: "Team",
    open: "Team",
    email: "E-mail address",
    role: "Role",
    roles,
    change: "Change",
    remove: "Remove",
    invite: "Invite somebody",
    send: "Make the invitation",
    invited: "Invited, not here yet",
    takeBack: "Take back",
    token:
      "The person gets a mail with a link. This code works as well: once, for this address, for seven days.",
    tokenTitle: "Invitation",
    back: "Back to the team",
    accept: "I was invited",
    acceptLead: "Type the code that you were given.",
    join: "Join the shop",
  },
};

export const flashEnAccess = {
  factorRemoved: "The second factor is removed.",
  sessionEnded: "That session has ended.",
  sessionsEnded: "Every other session has ended.",
  memberChanged: "The role is changed.",
  memberRemoved: "That person is no longer in the team.",
  invitationTakenBack: "The invitation is taken back.",
};

export const problemsEnAccess = {
  "step_up.required": "Prove again who you are, then do it again.",
  "step_up.refused": "The password is wrong.",
  "step_up.code_needed": "Your account has a second factor: type a code.",
  "code.refused": "This code is wrong, or was used before.",
  "factor.exists": "There is a second factor already. Remove it first.",
  "factor.required": "Your account needs a second factor first.",
  "member.last_owner": "A shop keeps an owner: make somebody else one first.",
  "member.exists": "You belong to this shop already.",
  "invitation.not_found": "This invitation is over, or went to another address.",
};
