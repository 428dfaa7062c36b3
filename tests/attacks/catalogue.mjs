// The attacks that are known, by group. `M`: must be withstood, a test says so. `B`: best effort, a test writes down how far
// it goes. `R`: no library in a page can prevent it; a test shows it, so that nobody believes otherwise.

export const groups = {
  A: "Callbacks: forged, fixed, replayed",
  B: "Mix-up of providers",
  C: "The authorization code: injected, replayed, processed twice",
  D: "PKCE and the parameters of the request",
  E: "ID tokens, signatures, keys, UserInfo",
  F: "Bombs: bounded time and memory",
  G: "Token endpoint, network, metadata",
  H: "A hostile script in the page",
  I: "Popups, frames and messages",
  J: "Open redirects and leaks",
  K: "Refresh tokens, and many tabs",
  L: "Time",
  M: "Storage",
  N: "Calls of an API",
  O: "DPoP: proofs, nonces, keys",
  P: "Pushed requests, step-up, grants, several resources",
  Q: "Sign-out, session management, sign-in that others ask for",
};

/** Each line: ID, class, what is tried. */
export const entries = `
A-01 M a callback that no sign-in waits for: the attacker's own code
A-02 M a callback without state while a sign-in waits
A-03 M a state that is almost the right one
A-04 M a state that was used before
A-05 M the callbacks of two tabs, exchanged
A-06 M a state whose time is over
A-07 B a thousand sign-ins started at once
A-08 M a state that is the name of something else: __proto__, a path, another library's prefix
A-09 M application state smuggled into state
A-10 M a forged error response
A-11 M an error description with markup, a megabyte, control characters
A-12 M a sign-in started by one user and finished by another
A-13 M a sign-in started by a parameter of the page's URL
A-14 M another user at the callback
A-15 M a callback at another path than the redirect URI
A-16 M a callback that arrives after sign-out
B-01 M the iss parameter names another provider
B-02 M the iss parameter is missing although it was announced
B-03 M the iss parameter is almost right
B-04 M the iss parameter was not announced
B-05 M the classic mix-up of two providers with one redirect URI
B-06 M an error response of another provider
B-07 M two configurations of one issuer
B-08 M metadata exchanged between request and callback
B-09 M a key of one provider signs for another
B-10 M a provider publishes another's authorization endpoint as its own
B-11 B one DPoP key for two providers
C-01 M a code that was issued for another sign-in
C-02 M the same, at a provider that does not check the verifier
C-03 M the callback processed twice, or fifty times, at once
C-04 M a reload while the code is redeemed
C-05 M back to the callback's URL
C-06 M the callback opened in two tabs
C-07 M back to the page that started the sign-in, out of the back/forward cache
C-08 M back to a page from before the sign-out
C-09 M a crash right after the token response
C-10 M leaving the page while the code is redeemed
C-11 M a parameter twice
C-12 M a code beside an error, or neither
C-13 M tokens in the callback
C-14 M the response in the fragment
C-15 M parameters named after prototypes
C-16 M codes that are empty, huge or not text
C-17 M a callback that the browser prerenders
C-18 M a token response that comes too late
D-01 M metadata that offers the plain method only
D-02 M metadata that says nothing of PKCE
D-03 M the code challenge removed on its way
D-04 M random numbers that fail, repeat, or are none
D-05 M extra parameters named like the library's own
D-06 M an authorization endpoint that brings parameters along
D-07 M a redirect URI taken from the current address
D-08 M traces of verifier and nonce
D-09 M state, nonce and verifier used again after a failure
D-10 M prompt combined with none; max_age of zero dropped
E-01 M nonce missing, different, mistyped
E-02 M the ID token of an earlier sign-in
E-03 M alg none in every spelling
E-04 M HS256 with the public key as its secret
E-05 M signatures corrupted, truncated, of another token
E-06 M the attacker's key in the header
E-07 M keys at a URL in the header
E-08 M the attacker's certificate in the header
E-09 M an unknown key ID
E-10 M key IDs that are no text, huge, or mean something else
E-11 M the right key ID, another key
E-12 M no key ID
E-13 M algorithm and key that do not fit
E-14 M a key for encryption signs
E-15 M alg almost right
E-16 M critical extensions
E-17 M unencoded payload
E-18 M header members twice
E-19 M claims twice
E-20 M JSON that parsers disagree on
E-21 M aud missing, foreign, mixed
E-22 M azp of another client
E-23 M iss almost right
E-24 M exp missing, past, mistyped
E-25 M iat missing, in the future, of long ago
E-26 M nbf in the future
E-27 M sub missing, empty, mistyped
E-28 M max_age not honoured
E-29 M acr not reached
E-30 M at_hash of another token
E-31 M ECDSA with zeros and the order
E-32 M ECDSA in the wrong encoding
E-33 M RSA keys that are weak or huge
E-34 M RSA padding forgeries
E-35 M Ed25519 oddities
E-36 M EC keys off their curve
E-37 M encrypted and nested tokens
E-38 M tokens that are not compact JWS
E-39 M other kinds of token in place of the ID token
E-40 M no ID token
E-41 M the other signature of the same token
E-42 M a token that a cache of verdicts would take for another
E-43 M UserInfo of another user
E-44 M UserInfo with claims of the protocol
E-45 M UserInfo as a JWT that proves nothing
E-46 M UserInfo of the wrong type
E-47 M distributed claims that lead elsewhere
E-48 M a renewed ID token that does not fit
E-49 M renewals that are legal and must not be refused
E-50 M a session made up by another script
F-01 M an ID token of ten megabytes
F-02 M bodies of a hundred megabytes
F-03 M compressed bombs
F-04 M JSON a hundred thousand levels deep
F-05 M a million members, numbers and strings of a megabyte
F-06 M ten thousand keys
F-07 M a storm of unknown key IDs
F-08 M RSA keys that take for ever to use
F-09 M headers of a hundred kilobytes
F-10 M a callback of two megabytes
F-11 M the module traps
F-12 M members that collide
G-01 M token responses that are no JSON
G-02 M tokens beside an error; other JSON than an object
G-03 M token types
G-04 M access tokens that no header can carry
G-05 M redirects from every endpoint
G-06 M server errors, and when to come back
G-07 M no answer
G-08 M an answer of a byte a second
G-09 M an answer that breaks off
G-10 M no network
G-11 M no CORS headers
G-12 M token responses that may be cached
G-13 M cookies from the provider's endpoints
G-14 M endpoints without TLS
G-15 M metadata of another issuer
G-16 M endpoints that are scripts
G-17 M metadata that is none
G-18 M an issuer that the attacker chooses
G-19 M caches that were written to
G-20 M metadata that promises less than before
G-21 M issuers in other spellings
G-22 M members twice
G-23 M members named after prototypes, and then
G-24 M lifetimes that are no number of seconds
G-25 R a service worker of the attacker's answers
G-26 M the token response of another user
H-01 M reading every storage after sign-in
H-02 M walking the graph of objects
H-03 B the heap of the page's thread
H-04 M the memory of WebAssembly modules
H-05 M calling the module's exports
H-06 M wrapping fetch and its kin, late
H-07 B wrapping fetch and its kin, early
H-08 B wrapping workers, ports and channels
H-09 B wrapping WebAssembly
H-10 M wrapping WebCrypto, late
H-11 B wrapping WebCrypto, early
H-12 M poisoned intrinsics
H-13 M options from Object.prototype
H-14 M setters on Object.prototype
H-15 M options that change while they are read
H-16 M a second import of the module
H-17 M a worker of the attacker's own
H-18 M listening to the library's channels
H-19 M forged messages
H-20 M changing the configuration
H-21 M changing the claims
H-22 M named elements in place of globals
H-23 M a base URL or import map that leads elsewhere
H-24 M secrets in errors and stacks
H-25 M secrets in the browser's records
H-26 B another script on the callback page
H-27 R an authorization of the attacker's own
H-28 R calls through the library
H-29 M asking for the access token
H-30 M the private key of DPoP
H-31 M having proofs signed
H-32 B proofs made ahead
H-33 M service workers unregistered
H-34 M a frame with fresh intrinsics
H-35 M a sandboxed frame without an origin
H-36 M a strict policy
H-37 B a tampered module
H-38 M what remains after sign-out
I-01 M a message from a foreign origin
I-02 M a message from the wrong window
I-03 M a message from an origin that looks right
I-04 M a message from no origin
I-05 M the callback page tells its opener
I-06 M the callback page opened by an attacker
I-07 M the popup goes elsewhere
I-08 M the popup is closed or blocked
I-09 M a policy cuts the opener off
I-10 M the popup never answers
I-11 M two at once
I-12 B the provider navigates its opener
I-13 M a forged broadcast
I-14 M the framed provider navigates the page
I-15 M cookies of third parties are blocked
I-16 M messages that are huge or too many
I-17 M the application framed by a stranger
I-18 M the callback page framed by a stranger
I-19 M windows that can be named
I-20 M the application within its own popup
J-01 M where to return to, outside the application
J-02 M paths that turn into hosts
J-03 M where to return to, changed in storage
J-04 M where to be after sign-out, and links of the provider
J-05 M the Referer of the callback page
J-06 M history and address bar
J-07 M session restore at the callback
J-08 M caches that keep the callback
J-09 M the ID token in the sign-out URL
J-10 M personal data in state and scope
J-11 M a loop of redirects
J-12 M a link preview opens the callback
K-01 M many tabs with a token that has ended
K-02 M a tab or the vault that crashes while it renews
K-03 M a tab that is frozen while it renews
K-04 M no Web Locks
K-05 M a crash as the renewed tokens arrive
K-06 M a tab that was duplicated
K-07 M the provider has revoked the whole family
K-08 M an answer that is lost after the token was used
K-09 M a token endpoint that is down while many tabs call
K-10 M a renewal without a refresh token, or with a malformed one
K-11 M a renewal with another scope
K-12 M a renewal that ends after the sign-out
K-13 M a renewal that ends after somebody else has signed in
K-14 M the refresh token at another issuer or client
K-15 M two applications on one origin
K-16 M timers that fire at once, too often, or not at all
K-17 M a refresh token for several resources
K-18 R a thief who goes on renewing
L-01 M the device's clock is wrong
L-02 M the clock jumps
L-03 M eight hours of sleep
L-04 M another time zone
L-05 M the provider's clock is ahead
L-06 M poisoned clocks
L-07 M timers that overflow
L-08 M proofs under a wrong clock
M-01 M no space left
M-02 M storage that may not be used
M-03 M a database that does not answer
M-04 M a record lost during the trip
M-05 M a record that is broken
M-06 M a record that was changed
M-07 M members named after prototypes
M-08 M a partitioned context
M-09 M storage cleared during the session
M-10 M what remains in storage
M-11 M the browser is closed and opened
M-12 M forged storage events
M-13 M records of another version
N-01 M another origin
N-02 M hosts that look like the listed one
N-03 M paths beside the listed one
N-04 M other schemes
N-05 M a relative URL under the attacker's base
N-06 M a redirect to another origin
N-07 M a redirect to a path that is not listed
N-08 M inputs that say something else the second time
N-09 M headers and modes that the caller may not choose
N-10 M line breaks in a token or a header
N-11 M an API that never takes the token
N-12 M a call that cannot be made again
N-13 M a scope that does not suffice
N-14 M challenges that are malformed
N-15 M the token of one resource at another
N-16 M resources with wildcards
N-17 M an answer without end
N-18 R an API that echoes the token
N-19 M the token in a URL or a body
N-20 M a call after the sign-out
O-01 M a proof that is sent twice
O-02 M a nonce that is never the right one
O-03 M a nonce that is wanted and not given
O-04 M the nonce of one server, told to another
O-05 M nonces that are none
O-06 M a new nonce with each answer, and many calls at once
O-07 M a bearer token in answer to a proof
O-08 M an API that asks for a bearer token
O-09 M no algorithm in common
O-10 M addresses in every spelling
O-11 M methods in every spelling
O-12 M the hash of another token, or of one where there is none
O-13 M the private key in a proof
O-14 M the key is lost, and the refresh token is not
O-15 M one key for several sign-ins
O-16 M a code, or a token, that is bound to another key
O-17 M a code that is redeemed elsewhere
O-18 M a redirect that takes the proof along
O-19 M the scheme's name in another case
O-20 M many tabs and one key
O-21 B proofs made ahead by a hostile script
P-01 M a push that fails, and the request in the URL instead
P-02 M answers to a push that are none
P-03 M a handle that is used twice
P-04 M a handle whose time is over
P-05 M the handle of an attacker's request
P-06 M parameters beside the handle
P-07 M a push that is redirected
P-08 M a push that is refused for now
P-09 M a demand for a stronger sign-in by a stranger, or against the application's will
P-10 M an API that is never content
P-11 M parameters smuggled into a demand
P-12 M a stronger sign-in that is none, or somebody else's
P-13 M authorization details that are granted otherwise
P-14 M resources that are none, or that the provider refuses
Q-01 M signed out by a link, a frame or a prefetch
Q-02 M a forged notice of the provider's sign-out
Q-03 M the provider's own notice, once and again
Q-04 M the notice in a frame that the browser keeps apart
Q-05 M a return from sign-out with another state
Q-06 M where to be after sign-out, outside the application
Q-07 M a provider that does not end its session
Q-08 M signed out while something is under way
Q-09 M signed out twice
Q-10 M revocation that fails
Q-11 M the hint of another token
Q-12 M forged answers of the session's frame
Q-13 M a frame that always says changed
Q-14 M a frame that says error
Q-15 M a session that has really changed
Q-16 M a frame that is elsewhere, or silent
Q-17 M a session state that is none
Q-18 M a frame that floods the page
Q-19 M a sign-in that a third party asks for, at another issuer or for another place
Q-20 M a sign-in that a third party asks for, with an account of its own
Q-21 M another user after the first one
Q-22 M a tab that was busy, frozen or kept while another one signed out
Q-23 M back after the sign-out
Q-24 B forged events on the library's channel
`
  .trim()
  .split("\n")
  .map((line) => ({ id: line.slice(0, 4), kind: line[5], title: line.slice(7) }));

/** Entries that need what does not exist yet. Each must say what it waits for. */
export const pending = {};

/** Modules of the conformance suite that a public browser client could run, and that wait for the same. */
export const pendingModules = {};
