//! What must hold, whatever happens: checked at the moment at which something is sent, arrives, or is told to pages, against
//! a model of its own that knows what the provider gave to whom.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use valetkey::{
    error::Error,
    protocol::http::{Document, Request, Response},
    vault::{
        Mode,
        message::{Ended, Event, Snapshot},
        trace::Step,
    },
};

use crate::{
    counts::Counts,
    provider::{Revoked, field, form, numbers, proved},
    story::{OTHER, OTHER_RESOURCE},
    world::World,
};

/// A moment in the order of events.
pub type Moment = u64;

/// The requests that the vault may send by itself in a minute: its pauses are 1, 2, 4, 8, 16 and 32 seconds.
const BY_ITSELF: usize = 8;

/// And in ten seconds, however many calls there are: one a second.
const IN_TEN_SECONDS: usize = 11;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    SignIn,
    Ready,
    Outcome,
    Fetch,
    Renew,
    UserInfo,
    Wake,
    SignOut,
    ProviderSignedOut,
    Cancel,
}

/// What a page has asked and waits for.
pub struct Asked {
    pub host: usize,
    pub kind: Kind,
    begun: Moment,
    /// By the monotonic clock.
    ended: Option<u64>,
}

pub struct SignIn {
    pub host: usize,
    pub mode: Mode,
    asked: Moment,
    /// The authorization request and the ticket, once the page has them.
    pub departure: Option<(String, u64)>,
    brought: Option<Moment>,
    cancelled: Option<Moment>,
    begun_session: bool,
}

/// A vault, as far as one can see from outside.
#[derive(Default)]
struct Host {
    alive: bool,
    /// The family of its session, and since when there is this session.
    session: Option<(usize, Moment)>,
    starting: bool,
    /// Sign-ins that were asked for before must not succeed: the last sign-out that it knows of.
    cleared: Moment,
    /// Another vault's sign-out is being told to it.
    hearing: bool,
    /// When it sent refresh tokens and for which resource, and how often a session began or a clock jumped, by the monotonic clock.
    sent: Vec<(u64, String)>,
    jumps: Vec<u64>,
    /// Revocations that it owes: of these access tokens.
    owed: Vec<(usize, u64)>,
    revoked: Vec<(usize, u64)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    UnderWay,
    /// It failed, and nobody knows whether the provider has seen it.
    Unknown,
    Answered,
    /// The provider has not looked at it.
    NotSeen,
}

/// What has arrived of a family.
#[derive(Default)]
struct Arrived {
    host: usize,
    refresh: u64,
    access: u64,
    refused: bool,
    begun_session: bool,
    /// Why its tokens cannot be expected to be revoked.
    excused: bool,
}

#[derive(Default)]
struct State {
    hosts: Vec<Host>,
    asked: Vec<Asked>,
    sign_ins: Vec<SignIn>,
    arrived: BTreeMap<usize, Arrived>,
    uses: BTreeMap<(usize, u64), Vec<Use>>,
    codes: Vec<String>,
    /// The last sign-out of which every vault knew, when nothing was left to do: it counts for vaults that come later.
    finished_sign_out: Moment,
    /// Sign-outs to be told to others: the tag and to whom.
    messages: Vec<(String, Vec<usize>)>,
    counts: Counts,
}

#[derive(Default)]
pub struct Watch {
    state: RefCell<State>,
    moment: Cell<Moment>,
    broken: RefCell<Option<String>>,
}

impl Watch {
    fn tick(&self) -> Moment {
        self.moment.set(self.moment.get() + 1);
        self.moment.get()
    }

    /// A rule was broken. The first one counts.
    pub fn broken(&self, what: String) {
        self.broken.borrow_mut().get_or_insert(what);
    }

    pub fn verdict(&self) -> Result<(), String> {
        self.broken.borrow().clone().map_or(Ok(()), Err)
    }

    pub fn count(&self, count: impl FnOnce(&mut Counts)) {
        count(&mut self.state.borrow_mut().counts);
    }

    pub fn counts(&self) -> Counts {
        self.state.borrow().counts.clone()
    }

    // What the story does.

    pub fn host_began(&self) -> usize {
        let mut state = self.state.borrow_mut();
        let cleared = state.finished_sign_out;
        state.hosts.push(Host { alive: true, cleared, ..Host::default() });
        state.hosts.len() - 1
    }

    pub fn host_died(&self, host: usize) {
        let mut state = self.state.borrow_mut();
        state.hosts[host].alive = false;
        state.asked.retain(|asked| asked.host != host);
        state.counts.crashes += 1;
    }

    pub fn jumped(&self, now: u64) {
        for host in &mut self.state.borrow_mut().hosts {
            host.jumps.push(now);
        }
    }

    pub fn asks(&self, host: usize, kind: Kind) -> usize {
        let begun = self.tick();
        let asked = &mut self.state.borrow_mut().asked;
        asked.push(Asked { host, kind, begun, ended: None });
        asked.len() - 1
    }

    fn find(state: &mut State, host: usize, begun: Moment) -> Option<&mut Asked> {
        state.asked.iter_mut().find(|asked| asked.host == host && asked.begun == begun)
    }

    pub fn moment_of(&self, asked: usize) -> Moment {
        self.state.borrow().asked[asked].begun
    }

    pub fn answered(&self, host: usize, begun: Moment, now: u64) {
        let mut state = self.state.borrow_mut();
        let Some(asked) = Self::find(&mut state, host, begun) else { return };
        asked.ended = Some(now);
        if asked.kind != Kind::SignOut {
            return;
        }
        let seen = &state.hosts[host];
        let stays = seen.session.is_some_and(|(_, since)| since < begun);
        let ignored = seen.cleared < begun;
        drop(state);
        if stays || ignored {
            self.broken("a sign-out is finished, and the session goes on".to_owned());
        }
    }

    /// What pages wait for, apart from sign-ins that nobody has finished.
    pub fn unanswered(&self) -> Vec<Kind> {
        let state = self.state.borrow();
        let waits = |asked: &&Asked| asked.ended.is_none() && asked.kind != Kind::Outcome;
        state.asked.iter().filter(waits).map(|asked| asked.kind).collect()
    }

    pub fn waits_for_outcome(&self) -> bool {
        self.state.borrow().asked.iter().any(|asked| asked.ended.is_none())
    }

    pub fn sign_in_asked(&self, host: usize, mode: Mode) -> usize {
        let asked = self.tick();
        let mut state = self.state.borrow_mut();
        let (departure, brought, cancelled) = (None, None, None);
        state.sign_ins.push(SignIn { host, mode, asked, departure, brought, cancelled, begun_session: false });
        state.sign_ins.len() - 1
    }

    pub fn departed(&self, sign_in: usize, url: String, ticket: u64) {
        self.state.borrow_mut().sign_ins[sign_in].departure = Some((url, ticket));
    }

    /// The sign-ins that pages know of, by number.
    pub fn departures(&self) -> Vec<usize> {
        let state = self.state.borrow();
        (0..state.sign_ins.len()).filter(|number| state.sign_ins[*number].departure.is_some()).collect()
    }

    /// Where a sign-in was started, how, and what the page was given.
    pub fn departure(&self, sign_in: usize) -> (usize, Mode, String, u64) {
        let state = self.state.borrow();
        let SignIn { host, mode, departure, .. } = &state.sign_ins[sign_in];
        let (url, ticket) = departure.clone().unwrap();
        (*host, *mode, url, ticket)
    }

    pub fn brought(&self, sign_in: usize) {
        let now = self.tick();
        self.state.borrow_mut().sign_ins[sign_in].brought.get_or_insert(now);
    }

    pub fn cancelled(&self, sign_in: usize) {
        let now = self.tick();
        let mut state = self.state.borrow_mut();
        state.sign_ins[sign_in].cancelled.get_or_insert(now);
        state.counts.cancelled += 1;
    }

    /// The next sign-out that others are to be told of.
    pub fn message(&self) -> Option<(String, Vec<usize>)> {
        self.state.borrow_mut().messages.pop()
    }

    /// Nothing is left to do for now.
    pub fn settled(&self) {
        let mut state = self.state.borrow_mut();
        let signs_out = |asked: &Asked| matches!(asked.kind, Kind::SignOut | Kind::ProviderSignedOut);
        if !state.asked.iter().any(|asked| signs_out(asked) && asked.ended.is_none()) {
            state.finished_sign_out = state.hosts.iter().map(|host| host.cleared).max().unwrap_or_default();
        }
    }

    pub fn hears(&self, host: usize, hearing: bool) {
        let now = self.tick();
        let seen = &mut self.state.borrow_mut().hosts[host];
        seen.hearing = hearing;
        seen.cleared = now;
    }

    // What a vault tells its pages.

    pub fn told(&self, world: &World, host: usize, event: &Event) {
        let verdict = match event {
            Event::Trace(entry) => {
                let mut state = self.state.borrow_mut();
                state.hosts[host].starting |= entry.step == Step::SessionStarted;
                state.counts.refused_callbacks += u64::from(entry.step == Step::CallbackRefused);
                if entry.step == Step::CallbackRefused && entry.detail.as_deref() == Some("key_not_found") {
                    Self::excuse(&mut state, host);
                }
                Ok(())
            }
            Event::SignedOut { tag, .. } => {
                let now = self.tick();
                let mut state = self.state.borrow_mut();
                state.hosts[host].cleared = now;
                state.counts.sign_outs += 1;
                let others = (0..state.hosts.len()).filter(|other| *other != host && state.hosts[*other].alive);
                let others = others.collect();
                state.messages.push((tag.clone(), others));
                Ok(())
            }
            Event::Session(Snapshot::SignedIn { claims, .. }) => self.signed_in(world, host, claims),
            Event::Session(Snapshot::SignedOut { ended }) => self.signed_out(world, host, *ended),
        };
        if let Err(what) = verdict {
            self.broken(what);
        }
    }

    fn signed_in(&self, world: &World, host: usize, claims: &str) -> Result<(), String> {
        let now = self.tick();
        let (family, user) = shown(claims);
        let families = world.provider.families.borrow();
        if families[family].user != user {
            return Err(format!("{user} is shown, whose session it is not"));
        }
        let mut state = self.state.borrow_mut();
        let State { hosts, sign_ins, arrived, counts, .. } = &mut *state;
        let seen = &mut hosts[host];
        if !std::mem::take(&mut seen.starting) {
            return match seen.session {
                Some((present, _)) if present == family => Ok(()),
                _ => Err(format!("session {family} is shown, and {:?} was begun", seen.session)),
            };
        }
        let sign_in = &mut sign_ins[families[family].sign_in];
        if arrived.get(&family).is_none_or(|arrived| arrived.host != host) {
            return Err("a session began of which no token arrived".to_owned());
        }
        if std::mem::replace(&mut sign_in.begun_session, true) {
            return Err("one sign-in began two sessions".to_owned());
        }
        if sign_in.asked < seen.cleared {
            return Err("a sign-in from before the sign-out began a session after it".to_owned());
        }
        if sign_in.cancelled.is_some_and(|cancelled| sign_in.brought.is_some_and(|brought| cancelled < brought)) {
            return Err("a sign-in that was given up began a session".to_owned());
        }
        let former = seen.session.map(|(former, _)| families[former].user);
        if former.is_some_and(|former| former != user) {
            counts.user_switches += 1;
            if sign_in.mode == Mode::Silent {
                return Err("the user was changed silently".to_owned());
            }
        }
        counts.sessions += 1;
        arrived.entry(family).or_default().begun_session = true;
        seen.session = Some((family, now));
        seen.jumps.push(world.elapsed());
        Ok(())
    }

    fn signed_out(&self, world: &World, host: usize, ended: Option<Ended>) -> Result<(), String> {
        let mut state = self.state.borrow_mut();
        let State { hosts, asked, arrived, counts, uses, sign_ins, .. } = &mut *state;
        let seen = &mut hosts[host];
        let Some((family, _)) = seen.session.take() else {
            return Err("a session ended that was none".to_owned());
        };
        let renewing = uses.iter().any(|((other, _), uses)| *other == family && uses.contains(&Use::UnderWay));
        counts.sign_outs_during_renewal += u64::from(renewing);
        let signing_in = |sign_in: &SignIn| sign_in.departure.is_some() && !sign_in.begun_session;
        counts.sign_outs_during_sign_in += u64::from(sign_ins.iter().any(signing_in));
        let waits = |kind| asked.iter().any(|asked| asked.host == host && asked.kind == kind && asked.ended.is_none());
        let arrived = arrived.entry(family).or_default();
        match ended {
            Some(Ended::SignedOut) if seen.hearing => Ok(()),
            Some(Ended::SignedOut) if waits(Kind::SignOut) => Ok(()),
            Some(Ended::ProviderSignedOut) if waits(Kind::ProviderSignedOut) => {
                counts.ends_by_provider += 1;
                Ok(())
            }
            Some(Ended::RenewalRefused) if arrived.refused => {
                counts.ends_by_refusal += 1;
                match world.provider.families.borrow()[family].revoked {
                    Some(Revoked::Reuse) => counts.ends_by_reuse += 1,
                    Some(Revoked::CodeReplayed) => return Err("a session was lost to a code sent twice".to_owned()),
                    _ => {}
                }
                Ok(())
            }
            ended => Err(format!("a session was lost without a reason: {ended:?}")),
        }
    }

    /// What a page is shown that asks now.
    pub fn shown(&self, host: usize, snapshot: &Snapshot) {
        let present = match snapshot {
            Snapshot::SignedIn { claims, .. } => Some(shown(claims).0),
            Snapshot::SignedOut { .. } => None,
        };
        let told = self.state.borrow().hosts[host].session.map(|(family, _)| family);
        if present != told {
            self.broken(format!("session {present:?} is shown, and the pages were told of {told:?}"));
        }
    }

    // What goes over the network.

    fn present(&self, host: usize) -> Option<usize> {
        self.state.borrow().hosts[host].session.map(|(family, _)| family)
    }

    /// An API is called with this token.
    pub fn called(&self, world: &World, host: usize, url: &str, authorization: &str, proof: Option<&str>) {
        self.count(|counts| counts.calls += 1);
        let (scheme, token) = authorization.split_once(' ').unwrap();
        let (family, access) = numbers(token);
        let (resource, key) = world.provider.target(family, access);
        let expected = if url == OTHER { OTHER_RESOURCE } else { "" };
        self.count(|counts| counts.other_calls += u64::from(url == OTHER));
        self.count(|counts| counts.bound_calls += u64::from(proof.is_some()));
        if resource != expected {
            self.broken(format!("a token for {resource:?} is sent to {url}"));
        }
        if proof.map(|proof| proved(proof).0) != key || (scheme == "DPoP") != key.is_some() {
            self.broken(format!("a token of key {key:?} is sent with another, as {scheme}"));
        }
        if self.present(host) != Some(family) {
            self.broken(format!("a call is made with a token of session {family}, which is not the present one"));
        }
        let ends = world.provider.ends(family, usize::try_from(access).unwrap());
        if world.honest.get() && ends.is_some_and(|ends| ends <= world.truth()) {
            self.broken("a call is made with a token that has ended".to_owned());
        }
    }

    pub fn sent(&self, world: &World, host: usize, request: &Request) {
        match request.document {
            Document::TokenResponse => {
                let form = form(request);
                let verdict = match field(&form, "refresh_token") {
                    token if token.is_empty() => self.sent_code(field(&form, "code")),
                    token => {
                        self.sent_refresh_token(world, host, &token, request.proof.as_deref(), field(&form, "resource"))
                    }
                };
                if let Err(what) = verdict {
                    self.broken(what);
                }
            }
            Document::UserInfo => {
                let (family, _) = numbers(request.authorization.as_ref().unwrap().expose());
                if self.present(host) != Some(family) {
                    self.broken("UserInfo is asked for with a token of another session".to_owned());
                }
            }
            Document::Revocation => {
                let token = numbers(&field(&form(request), "token"));
                if field(&form(request), "token_type_hint") == "access_token" {
                    self.state.borrow_mut().hosts[host].revoked.push(token);
                }
            }
            Document::Metadata | Document::JwkSet | Document::PushedRequest => {}
        }
    }

    fn sent_code(&self, code: String) -> Result<(), String> {
        let codes = &mut self.state.borrow_mut().codes;
        if codes.contains(&code) {
            return Err("a code is sent twice".to_owned());
        }
        codes.push(code);
        Ok(())
    }

    fn sent_refresh_token(
        &self,
        world: &World,
        host: usize,
        token: &str,
        proof: Option<&str>,
        resource: String,
    ) -> Result<(), String> {
        let (family, number) = numbers(token);
        if proof.map(|proof| proved(proof).0) != world.provider.families.borrow()[family].key {
            return Err("a refresh token is sent without the key it is bound to".to_owned());
        }
        let now = world.elapsed();
        let mut state = self.state.borrow_mut();
        let State { hosts, asked, arrived, uses, counts, .. } = &mut *state;
        let seen = &mut hosts[host];
        if seen.session.map(|(family, _)| family) != Some(family) {
            return Err("a refresh token of a session that has ended is sent".to_owned());
        }
        if arrived.get(&family).is_some_and(|arrived| arrived.refresh > number) {
            return Err("a refresh token is sent whose successor has arrived".to_owned());
        }
        let uses = uses.entry((family, number)).or_default();
        if uses.contains(&Use::UnderWay) {
            return Err("a refresh token is sent twice at once".to_owned());
        }
        if world.provider.kind.rotates && uses.contains(&Use::Answered) {
            return Err("a refresh token is sent again that was answered".to_owned());
        }
        counts.second_tries += u64::from(uses.contains(&Use::Unknown));
        uses.push(Use::UnderWay);

        // No storm. A call may cause one request each, one a second; a jump of the clock or a new session another.
        seen.sent.push((now, resource.clone()));
        seen.sent.retain(|(sent, _)| sent + 60_000 > now);
        let calls = |span: u64, only: Option<Kind>| {
            let counts = |asked: &&Asked| {
                asked.host == host
                    && asked.ended.is_none_or(|ended| ended + span >= now)
                    && only.is_none_or(|kind| kind == asked.kind)
            };
            asked.iter().filter(counts).count()
        };
        let jumps = |span: u64| seen.jumps.iter().filter(|at| **at + span >= now).count();
        // Each target has a pause of its own.
        let is_recent = |(sent, other): &&(u64, String)| sent + 10_000 > now && *other == resource;
        let in_ten_seconds = seen.sent.iter().filter(is_recent).count();
        if seen.sent.len() > BY_ITSELF + calls(60_000, None) + 2 * jumps(60_000)
            || in_ten_seconds > IN_TEN_SECONDS + calls(10_000, Some(Kind::Renew)) + jumps(10_000)
        {
            return Err(format!("a storm: {} renewals in a minute, {in_ten_seconds} in ten seconds", seen.sent.len()));
        }
        let waiting = asked.iter().filter(|asked| asked.host == host && asked.ended.is_none());
        counts.joined += u64::from(waiting.filter(|asked| asked.kind == Kind::Fetch).count() > 1);
        Ok(())
    }

    /// What has arrived until now cannot be verified or revoked.
    fn excuse(state: &mut State, host: usize) {
        state.hosts[host].owed.clear();
        let arrived = state.arrived.values_mut().filter(|arrived| arrived.host == host);
        arrived.for_each(|arrived| arrived.excused = true);
    }

    /// A vault is given an answer.
    pub fn arrived(&self, world: &World, host: usize, request: &Request, outcome: &Result<Response, Error>) {
        let body =
            outcome.as_ref().ok().and_then(|answer| serde_json::from_slice::<serde_json::Value>(&answer.body).ok());
        let status = outcome.as_ref().map_or(0, |answer| answer.status);
        let mut state = self.state.borrow_mut();
        if request.document != Document::TokenResponse {
            // Without metadata or keys nothing can be revoked, and no ID token verified.
            if matches!(request.document, Document::Metadata | Document::JwkSet) && (status != 200 || body.is_none()) {
                Self::excuse(&mut state, host);
            }
            return;
        }
        let State { hosts, arrived, uses, counts, sign_ins, codes, .. } = &mut *state;
        let seen = &mut hosts[host];
        let form = form(request);
        let refresh_token = field(&form, "refresh_token");
        let lacks_nonce = body.as_ref().is_some_and(|body| body["error"] == "use_dpop_nonce");
        if lacks_nonce {
            // The proof was not good enough: whatever came with it was not looked at.
            counts.nonces += 1;
            codes.retain(|code| *code != field(&form, "code"));
        }
        let access_token = body.as_ref().and_then(|body| body["access_token"].as_str().map(numbers));
        if !refresh_token.is_empty() {
            let (family, number) = numbers(&refresh_token);
            let refused = status == 400 && body.is_some() && !lacks_nonce;
            let known = status == 200 && access_token.is_some() || refused;
            if let Some(last) = uses.get_mut(&(family, number)).and_then(|uses| uses.last_mut()) {
                *last = match (known, lacks_nonce) {
                    (true, _) => Use::Answered,
                    (_, true) => Use::NotSeen,
                    _ => Use::Unknown,
                };
            }
            arrived.entry(family).or_default().refused |= refused;
        }
        let Some((family, access)) = access_token.filter(|_| status == 200) else { return };
        let arrived = arrived.entry(family).or_default();
        arrived.host = host;
        arrived.access = access;
        let present = seen.session.map(|(family, _)| family);
        if refresh_token.is_empty() {
            let sign_in = &sign_ins[world.provider.families.borrow()[family].sign_in];
            if sign_in.asked < seen.cleared && world.honest.get() {
                counts.late_tokens += 1;
                arrived.excused = false;
            }
        } else if present != Some(family) {
            counts.late_tokens += 1;
            seen.owed.push((family, access));
        }
        if let Some((_, number)) = body.as_ref().and_then(|body| body["refresh_token"].as_str()).map(numbers) {
            counts.rotations += u64::from(number > 0);
            arrived.refresh = number;
        } else {
            counts.renewals_without_rotation += u64::from(access > 0);
        }
    }

    /// At the end: tokens that arrived for nobody were revoked.
    pub fn check_revocations(&self, world: &World) {
        if !world.provider.kind.revokes {
            return;
        }
        let state = self.state.borrow();
        let families = world.provider.families.borrow();
        for (host, seen) in state.hosts.iter().enumerate().filter(|(_, seen)| seen.alive) {
            let late_sign_ins = state.arrived.iter().filter(|(family, arrived)| {
                let asked = state.sign_ins[families[**family].sign_in].asked;
                let wanted = arrived.host == host && !arrived.begun_session && !arrived.excused;
                wanted && asked < seen.cleared && world.honest.get()
            });
            let owed =
                seen.owed.iter().copied().chain(late_sign_ins.map(|(family, arrived)| (*family, arrived.access)));
            for token in owed {
                if !seen.revoked.contains(&token) {
                    self.broken(format!("token {token:?} arrived for nobody and was not revoked"));
                }
            }
        }
    }

    /// The family of a vault's session.
    pub fn session(&self, host: usize) -> Option<usize> {
        self.present(host)
    }
}

/// The family and the user of shown claims.
fn shown(claims: &str) -> (usize, &str) {
    let member = |name: &str| claims.split(&format!(r#""{name}":""#)).nth(1).unwrap().split('"').next().unwrap();
    (member("sid").parse().unwrap(), member("sub"))
}
