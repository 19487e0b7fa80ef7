import type { PrivacyActivities } from "../../workflows/privacy-request.contract.ts";
import type { ActivityDeps } from "../deps.ts";
import { buildPackage } from "./build-package.ts";
import type { PackageDeps } from "./package-deps.ts";
import {
  beginPrivacyRequest,
  closePrivacyRequest,
  lapsePrivacyRequest,
  raisePrivacyAlarm,
  remindOfPrivacyRequest,
  routePrivacyRequest,
} from "./deadlines.ts";
import { decidePrivacyRequest } from "./decide-privacy-request.ts";
import { finishPrivacyRequest } from "./finish-privacy-request.ts";
import { loadPrivacyRequest } from "./privacy-snapshot.ts";
import { tellPrivacyPerson } from "./tell-person.ts";

export function createPrivacyActivities(deps: ActivityDeps & PackageDeps): PrivacyActivities {
  return {
    loadPrivacyRequest: (ref) => loadPrivacyRequest(deps, ref),
    decidePrivacyRequest: (decision) => decidePrivacyRequest(deps, decision),
    tellPrivacyPerson: (ref) => tellPrivacyPerson(deps, ref),
    lapsePrivacyRequest: (ref) => lapsePrivacyRequest(deps, ref),
    routePrivacyRequest: (ref) => routePrivacyRequest(deps, ref),
    beginPrivacyRequest: (ref) => beginPrivacyRequest(deps, ref),
    remindOfPrivacyRequest: (ref) => remindOfPrivacyRequest(deps, ref),
    raisePrivacyAlarm: (ref) => raisePrivacyAlarm(deps, ref),
    buildPackage: async ({ shopId, requestId, subjectId, kind }) => {
      const asked = kind === "portability" ? "portability" : "access";
      await buildPackage(deps, { shopId, requestId, subjectId, kind: asked });
    },
    finishPrivacyRequest: (done) => finishPrivacyRequest(deps, done),
    closePrivacyRequest: (ref) => closePrivacyRequest(deps, ref),
  };
}
