//! What can happen, in any order.

use proptest::{collection, prelude::*};
use valetkey::vault::Mode;

use crate::{
    provider::Kind,
    world::{Fate, Weather},
};

/// The numbers choose among what there is when the action is done.
#[derive(Clone, Debug)]
pub enum Action {
    SignIn {
        vault: u8,
        mode: Mode,
    },
    /// The user comes back from the provider, mostly to where the sign-in began.
    Return {
        sign_in: u8,
        vault: Option<u8>,
    },
    /// A callback is brought again.
    Replay {
        callback: u8,
        vault: u8,
    },
    /// All of it at once, as people do it.
    Whole {
        vault: u8,
        mode: Mode,
    },
    /// The same after somebody else has signed in at the provider.
    WholeAsAnother {
        vault: u8,
        mode: Mode,
    },
    Cancel {
        sign_in: u8,
    },
    Fetch {
        vault: u8,
        calls: u8,
    },
    /// Calls of the API that has a token of its own.
    FetchOther {
        vault: u8,
        calls: u8,
    },
    /// Both at once.
    FetchBoth {
        vault: u8,
    },
    /// The APIs take no access token any more that was issued until now.
    StaleTokens,
    /// The provider wants another nonce in proofs from now on.
    ChangeNonce,
    /// Calls for ten seconds, five a second.
    Storm {
        vault: u8,
    },
    Renew {
        vault: u8,
    },
    UserInfo {
        vault: u8,
    },
    Wake {
        vault: u8,
    },
    SignOut {
        vault: u8,
        local: bool,
    },
    ProviderSignsOut {
        vault: u8,
    },
    /// Other vaults are told of a sign-out.
    Hear,
    Live(u64),
    Leap(u64),
    SleepDevice(u64),
    SetClock(i64),
    Weather(Weather),
    Decide {
        request: u8,
        fate: Fate,
    },
    ArriveLate {
        request: u8,
    },
    Refuse,
    RotateKeys,
    SwitchUser,
    Crash {
        vault: u8,
    },
}

/// An action, and how many turns everything else gets before the next one; `None` is: as many as it wants.
pub type Step = (Action, Option<u8>);

/// Longer stories find nothing that shorter ones do not, and take longer.
const LONGEST: usize = 28;

/// A whole story.
#[derive(Clone, Debug)]
pub struct Plot {
    pub kind: Kind,
    pub seed: u64,
    pub steps: Vec<Step>,
}

/// What shows most comes first: a story is made shorter towards it.
const SPANS: [u64; 8] = [1, 3, 31, 60, 241, 297, 700, 3700];
const NAPS: [u64; 3] = [70, 400, 28_800];
const CLOCKS: [i64; 7] = [0, 200, -200, 3600, -3600, 864_000, -864_000];
const MODES: [Mode; 4] = [Mode::Redirect, Mode::Redirect, Mode::Popup, Mode::Silent];
const FATES: [Fate; 4] = [Fate::Answered, Fate::Answered, Fate::Processed, Fate::Lost];
const WEATHERS: [Weather; 14] = [
    Weather::Fair,
    Weather::Fair,
    Weather::Fair,
    Weather::Slow,
    Weather::Slow,
    Weather::Slow,
    Weather::Offline,
    Weather::AnswersLost,
    Weather::AnswersLost,
    Weather::BadGateway,
    Weather::CutOff,
    Weather::Busy { retry_after: None },
    Weather::Busy { retry_after: Some(5) },
    Weather::Busy { retry_after: Some(120) },
];

fn of<T: Copy>(choices: &[T], selector: u8) -> T {
    choices[usize::from(selector) % choices.len()]
}

/// Numbers make the action, for speed: proptest seeds a generator for each choice between strategies.
fn action((kind, vault, selector): (u8, u8, u8)) -> Action {
    let mode = of(&MODES, selector);
    match kind {
        0..2 => Action::Wake { vault },
        2..8 => Action::Whole { vault, mode },
        8..11 => Action::WholeAsAnother { vault, mode },
        11..15 => Action::SignIn { vault, mode },
        15..18 => Action::Return { sign_in: selector, vault: None },
        18..20 => Action::Return { sign_in: selector, vault: Some(vault) },
        20..22 => Action::Replay { callback: selector, vault },
        22..23 => Action::Cancel { sign_in: selector },
        23..27 => Action::Fetch { vault, calls: 1 + selector % 4 },
        29..30 => Action::Storm { vault },
        30..35 => Action::Renew { vault },
        35..36 => Action::UserInfo { vault },
        36..41 => Action::SignOut { vault, local: selector.is_multiple_of(2) },
        41..42 => Action::ProviderSignsOut { vault },
        42..43 => Action::Hear,
        43..50 => Action::Live(of(&SPANS, selector)),
        50..53 => Action::Leap(of(&SPANS, selector)),
        53..55 => Action::SleepDevice(of(&NAPS, selector)),
        55..57 => Action::SetClock(of(&CLOCKS, selector)),
        57..66 => Action::Weather(of(&WEATHERS, selector)),
        66..74 => Action::Decide { request: vault, fate: of(&FATES, selector) },
        74..75 => Action::ArriveLate { request: selector },
        75..76 => Action::Refuse,
        76..77 => Action::RotateKeys,
        77..78 => Action::SwitchUser,
        78..79 => Action::Crash { vault },
        28..29 | 79..81 => Action::FetchOther { vault, calls: 1 + selector % 4 },
        27..28 | 81..83 => Action::FetchBoth { vault },
        83..84 => Action::ChangeNonce,
        _ => Action::StaleTokens,
    }
}

/// The number after the last action's.
const ACTIONS: u8 = 85;

/// Many turns are: as many as are wanted.
fn turns(number: u8) -> Option<u8> {
    (number < 12).then_some(number)
}

fn step() -> impl Strategy<Value = Step> {
    (0..ACTIONS, any::<u8>(), any::<u8>(), 0..24_u8)
        .prop_map(|(kind, vault, selector, number)| (action((kind, vault, selector)), turns(number)))
}

fn kind() -> impl Strategy<Value = Kind> {
    any::<[u8; 6]>().prop_map(|[rotates, expires_in, renews_id_token, revokes, refreshes, dpop]| Kind {
        rotates: rotates < 200,
        expires_in: of(&[Some(300), Some(300), Some(300), Some(60), Some(60), Some(3600), None], expires_in),
        renews_id_token: renews_id_token < 180,
        revokes: revokes < 200,
        refreshes: refreshes < 240,
        dpop: dpop < 80,
    })
}

/// Most stories begin with somebody signed in.
pub fn plot() -> impl Strategy<Value = Plot> {
    (kind(), any::<u64>(), 0..5_u8, collection::vec(step(), 4..LONGEST)).prop_map(|(kind, seed, begin, mut steps)| {
        if begin > 0 {
            steps.insert(0, (Action::Whole { vault: 0, mode: Mode::Redirect }, None));
        }
        Plot { kind, seed, steps }
    })
}
