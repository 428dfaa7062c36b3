/**
 * OpenID Connect for single-page apps.
 *
 * This module is the page shell: it validates the options, starts the vault, and does what only a page can (navigate,
 * replace the history entry). It decides nothing about the protocol and never holds a token.
 *
 * @module
 */
export { createOidcClient } from "./client.js";
export { OidcError, type OidcErrorCode } from "./error.js";
export type {
  AuthorizationDetail,
  ExposedAccessToken,
  IdTokenClaims,
  InitiationOptions,
  Isolation,
  LoadingSession,
  OidcClient,
  OidcClientOptions,
  OidcEvent,
  RenewalPostponed,
  ResourceOptions,
  RestoreFailure,
  Session,
  SettledSession,
  SignedInSession,
  SignedOutReason,
  SignedOutSession,
  SignInOptions,
  SignOutOptions,
  SignOutResult,
  StepUpChoice,
  StepUpDemand,
  TraceStep,
  TraceStepName,
  UserInfo,
} from "./types.js";
