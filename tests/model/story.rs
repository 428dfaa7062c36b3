//! A story told: pages that ask their vaults, and a world that does not always play along.

use std::rc::Rc;

use valetkey::{
    config::Config,
    error::Error,
    platform::{Answer, ResourceRequest},
    vault::{Mode, SignInOptions, SignOutOptions, Vault, message::Snapshot},
};

use crate::{
    action::{Action, Plot, Step},
    counts::Counts,
    provider::{ISSUER, Provider},
    watch::Kind,
    world::{Host, Weather, World},
};

const APP: &str = "https://app.example.com";
const API: &str = "https://api.example.com/";
/// It has a token of its own.
pub const OTHER: &str = "https://other.example.com/";
/// How the provider calls it.
pub const OTHER_RESOURCE: &str = "urn:other";

/// After this many seconds of fair weather everything is well again: the vault's longest pause is seven and a half
/// minutes, and `Retry-After` two at most.
const RECOVERY: u64 = 15 * 60;

/// Nobody waits longer, in seconds, when no answer comes: metadata, tokens and keys twice, each given up after thirty.
const PATIENCE: u64 = 160;

/// A sign-out waits for the metadata, if it has none, and three seconds for the revocation.
const SIGN_OUT_PATIENCE: u64 = 34;

struct Seat {
    vault: Vault<Host>,
    host: usize,
}

pub struct Story {
    world: Rc<World>,
    seats: Vec<Seat>,
    /// The URLs that the browser has loaded, and of which sign-in.
    callbacks: Vec<(usize, String)>,
}

impl Story {
    /// Tells a story with so many vaults of one client. Answers what happened, or which rule was broken.
    pub fn tell(plot: &Plot, vaults: usize) -> Result<Counts, String> {
        let world = World::new(plot.seed, Provider::new(plot.kind));
        let mut story = Self { world, seats: Vec::new(), callbacks: Vec::new() };
        for _ in 0..vaults {
            let seat = story.seat();
            story.seats.push(seat);
        }
        for step in &plot.steps {
            story.step(step);
            story.check()?;
        }
        story.end(plot.seed)?;
        let counts = story.world.watch.counts();
        // Vaults and their tasks hold each other.
        for seat in &story.seats {
            story.world.kill(seat.host);
        }
        Ok(counts)
    }

    fn seat(&self) -> Seat {
        let host = self.world.watch.host_began();
        let config = format!(
            r#"{{"issuer":"{ISSUER}","clientId":"spa","redirectUri":"{APP}/","callbackUri":"{APP}/callback.html",
            "resources":["{API}",{{"url":"{OTHER}","resource":"{OTHER_RESOURCE}"}}]}}"#
        );
        let config = Config::parse(&config, APP).unwrap();
        let observing = Rc::clone(&self.world);
        let platform = Host { world: Rc::clone(&self.world), number: host };
        let vault = Vault::new(config, platform, move |event| observing.watch.told(&observing, host, event));
        Seat { vault, host }
    }

    fn check(&self) -> Result<(), String> {
        for seat in &self.seats {
            self.world.watch.shown(seat.host, &seat.vault.snapshot());
        }
        self.world.watch.verdict()
    }

    fn settle(&mut self) {
        self.world.settle();
        while self.hear() {
            self.world.settle();
        }
        self.world.watch.settled();
    }

    fn step(&mut self, (action, turns): &Step) {
        self.act(action);
        match turns {
            Some(turns) => {
                for _ in 0..*turns {
                    self.world.turn();
                }
            }
            None => self.settle(),
        }
    }

    fn at(&self, selector: u8) -> &Seat {
        &self.seats[usize::from(selector) % self.seats.len()]
    }

    /// A page asks its vault.
    fn ask<T>(&self, seat: &Seat, kind: Kind, asking: impl AsyncFnOnce(Vault<Host>) -> T + 'static) {
        let (world, vault, host) = (Rc::clone(&self.world), seat.vault.clone(), seat.host);
        let begun = world.watch.moment_of(world.watch.asks(host, kind));
        self.world.run(host, async move {
            asking(vault).await;
            world.watch.answered(host, begun, world.elapsed());
        });
    }

    fn sign_in(&self, seat: &Seat, mode: Mode) {
        let (host, asking, world) = (seat.host, seat.vault.clone(), Rc::clone(&self.world));
        let options = SignInOptions { mode, attended: true, ..SignInOptions::default() };
        self.ask(seat, Kind::SignIn, async move |vault| {
            let sign_in = world.watch.sign_in_asked(host, mode);
            if let Ok(departure) = vault.sign_in(options).await {
                world.watch.departed(sign_in, departure.url, departure.ticket);
                let begun = world.watch.moment_of(world.watch.asks(host, Kind::Outcome));
                let waiting = Rc::clone(&world);
                world.run(host, async move {
                    let _ = asking.outcome(departure.ticket).await;
                    waiting.watch.answered(host, begun, waiting.elapsed());
                });
            }
        });
    }

    fn ready(&self, seat: &Seat, sign_in: usize, href: String) {
        self.world.watch.brought(sign_in);
        self.ask(seat, Kind::Ready, async move |vault| vault.ready(&href).await);
    }

    /// The user comes back to a vault, or to the one that the sign-in began in.
    fn come_back(&mut self, sign_in: usize, vault: Option<u8>) {
        let (host, _, url, _) = self.world.watch.departure(sign_in);
        let href = self.world.provider.authorize(sign_in, &url);
        self.callbacks.push((sign_in, href.clone()));
        let own = self.seats.iter().find(|seat| seat.host == host);
        let seat = vault.map(|vault| self.at(vault)).or(own).unwrap_or(&self.seats[0]);
        self.ready(seat, sign_in, href);
    }

    fn fetch(&self, seat: &Seat, url: &'static str) {
        self.ask(seat, Kind::Fetch, async move |vault| drop(vault.fetch(call(url)).await));
    }

    /// Tells the others of a sign-out. Answers whether there was one.
    fn hear(&self) -> bool {
        let Some((tag, hosts)) = self.world.watch.message() else {
            return false;
        };
        for seat in self.seats.iter().filter(|seat| hosts.contains(&seat.host)) {
            self.world.watch.hears(seat.host, true);
            seat.vault.signed_out_elsewhere(&tag, false);
            self.world.watch.hears(seat.host, false);
        }
        true
    }

    fn act(&mut self, action: &Action) {
        let world = Rc::clone(&self.world);
        let departures = world.watch.departures();
        let departure = |selector: u8| departures.get(usize::from(selector) % departures.len().max(1)).copied();
        match *action {
            Action::SignIn { vault, mode } => self.sign_in(self.at(vault), mode),
            Action::Return { sign_in, vault } => {
                if let Some(sign_in) = departure(sign_in) {
                    self.come_back(sign_in, vault);
                }
            }
            Action::Replay { callback, vault } => {
                if !self.callbacks.is_empty() {
                    let (sign_in, href) = self.callbacks[usize::from(callback) % self.callbacks.len()].clone();
                    self.ready(self.at(vault), sign_in, href);
                }
            }
            Action::Whole { vault, mode } | Action::WholeAsAnother { vault, mode } => {
                if matches!(action, Action::WholeAsAnother { .. }) {
                    world.provider.switch_user();
                }
                self.sign_in(self.at(vault), mode);
                self.settle();
                let latest = world.watch.departures().pop();
                if let Some(sign_in) = latest.filter(|latest| !departures.contains(latest)) {
                    self.come_back(sign_in, None);
                }
            }
            Action::Cancel { sign_in } => {
                if let Some(sign_in) = departure(sign_in) {
                    self.cancel(sign_in);
                }
            }
            Action::Fetch { vault, calls } => {
                for _ in 0..calls {
                    self.fetch(self.at(vault), API);
                }
            }
            Action::FetchOther { vault, calls } => {
                for _ in 0..calls {
                    self.fetch(self.at(vault), OTHER);
                }
            }
            Action::FetchBoth { vault } => {
                self.fetch(self.at(vault), OTHER);
                self.fetch(self.at(vault), API);
            }
            Action::StaleTokens => world.provider.make_stale(),
            Action::ChangeNonce => world.provider.change_nonce(),
            Action::Storm { vault } => {
                for number in 0..50 {
                    self.fetch(self.at(vault), if number % 5 == 4 { OTHER } else { API });
                    world.settle();
                    world.pass(200);
                }
            }
            Action::Renew { vault } => {
                self.ask(self.at(vault), Kind::Renew, async |vault| drop(vault.renew().await));
            }
            Action::UserInfo { vault } => {
                self.ask(self.at(vault), Kind::UserInfo, async |vault| drop(vault.user_info().await));
            }
            Action::Wake { vault } => self.ask(self.at(vault), Kind::Wake, async |vault| vault.wake().await),
            Action::SignOut { vault, local } => {
                let options = SignOutOptions { local, ..SignOutOptions::default() };
                self.ask(self.at(vault), Kind::SignOut, async move |vault| drop(vault.sign_out(options).await));
            }
            Action::ProviderSignsOut { vault } => {
                if let Some(family) = world.watch.session(self.at(vault).host) {
                    let session_id = family.to_string();
                    self.ask(self.at(vault), Kind::ProviderSignedOut, async move |vault| {
                        vault.provider_signed_out(ISSUER, &session_id).await;
                    });
                }
            }
            Action::Hear => drop(self.hear()),
            Action::Live(seconds) => world.live(seconds),
            Action::Leap(seconds) => world.pass(seconds * 1000),
            Action::SleepDevice(seconds) => {
                world.watch.count(|counts| counts.sleeps += 1);
                world.sleep_device(seconds);
            }
            Action::SetClock(seconds) => {
                world.watch.count(|counts| counts.clock_changes += 1);
                world.set_clock(seconds);
            }
            Action::Weather(weather) => world.set_weather(weather),
            Action::Decide { request, fate } => {
                let under_way = world.under_way();
                if !under_way.is_empty() {
                    world.decide(under_way[usize::from(request) % under_way.len()], fate);
                }
            }
            Action::ArriveLate { request } => world.arrive_late(request),
            Action::Refuse => world.provider.refuse(),
            Action::RotateKeys => {
                world.watch.count(|counts| counts.key_rotations += 1);
                world.provider.rotate_keys();
            }
            Action::SwitchUser => world.provider.switch_user(),
            Action::Crash { vault } => {
                let index = usize::from(vault) % self.seats.len();
                world.kill(self.seats[index].host);
                world.watch.host_died(self.seats[index].host);
                self.seats[index] = self.seat();
            }
        }
    }

    fn cancel(&self, sign_in: usize) {
        let (host, _, _, ticket) = self.world.watch.departure(sign_in);
        if let Some(seat) = self.seats.iter().find(|seat| seat.host == host) {
            let world = Rc::clone(&self.world);
            self.ask(seat, Kind::Cancel, async move |vault| {
                vault.cancel(ticket).await;
                world.watch.cancelled(sign_in);
            });
        }
    }

    /// However it went until here: nobody waits for ever, and every session can be used again.
    fn end(&mut self, seed: u64) -> Result<(), String> {
        let world = Rc::clone(&self.world);
        let waits = |kind: Option<Kind>, when: &str| {
            let unanswered = world.watch.unanswered();
            let waits = unanswered.iter().find(|waits| kind.is_none_or(|kind| kind == **waits));
            waits.map_or(Ok(()), |waits| Err(format!("{waits:?} is not answered {when}")))
        };
        // In every second story no answer comes at first.
        if seed.is_multiple_of(2) {
            world.set_weather(Weather::Slow);
            self.settle();
            world.live(SIGN_OUT_PATIENCE);
            waits(Some(Kind::SignOut), "without an answer of the provider")?;
            world.live(PATIENCE);
            waits(None, "without an answer of the provider")?;
        }
        world.set_weather(Weather::Fair);
        self.settle();
        world.live(4);
        waits(None, "when every answer has come")?;
        self.check()?;
        if !world.honest.get() {
            world.set_clock(0);
        }
        world.live(RECOVERY);
        self.settle();
        self.check()?;
        for seat in &self.seats {
            self.check_use(seat)?;
        }
        for sign_in in world.watch.departures() {
            self.cancel(sign_in);
        }
        self.settle();
        if world.watch.waits_for_outcome() {
            return Err("somebody waits for a sign-in that was given up".to_owned());
        }
        world.watch.check_revocations(&world);
        self.check()
    }

    /// A session that the provider has not ended can be used.
    fn check_use(&self, seat: &Seat) -> Result<(), String> {
        let Snapshot::SignedIn { postponed, .. } = seat.vault.snapshot() else {
            return Ok(());
        };
        let family = self.world.watch.session(seat.host).ok_or("nobody was told of the session")?;
        let revoked = self.world.provider.families.borrow()[family].revoked;
        if !self.world.provider.kind.refreshes || revoked.is_some() {
            return Ok(());
        }
        if let Some((code, _)) = postponed {
            return Err(format!("renewal is still postponed: {code}"));
        }
        for url in [API, OTHER] {
            let outcome: Rc<std::cell::RefCell<Option<Result<u16, Error>>>> = Rc::default();
            let told = Rc::clone(&outcome);
            self.ask(seat, Kind::Fetch, async move |vault| {
                *told.borrow_mut() = Some(vault.fetch(call(url)).await.map(|answered| answered.answer.status()));
            });
            self.world.settle();
            match outcome.take() {
                Some(Ok(200)) => {}
                // An answer of the provider was lost, and nobody has tried again until now.
                Some(_) if self.world.provider.families.borrow()[family].revoked.is_some() => {}
                other => return Err(format!("the session cannot be used at {url}: {other:?}")),
            }
        }
        Ok(())
    }
}

fn call(url: &str) -> ResourceRequest<()> {
    ResourceRequest {
        url: url.into(),
        method: "GET".into(),
        headers: vec![],
        authorization: None,
        proof: None,
        attachment: (),
    }
}
