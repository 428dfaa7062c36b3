//! The error list, as the page package and the documentation have it: both are generated from `src/error.rs`, and
//! committed, so that a change of the list shows in them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    unreachable_pub,
    reason = "a test that cannot go on has failed, and says where"
)]

use std::{collections::HashSet, env, fmt::Write as _, fs, path::Path};

use valetkey::{error::Reason, vault::trace::Step};

const KINDS: [(&str, &str); 6] = [
    ("Configuration", "The developer must change the configuration."),
    ("Usage", "The developer called something that cannot be done now, or not like this."),
    ("Provider", "The provider refused (RFC 6749 §4.1.2.1, §5.2; OpenID Connect Core §3.1.2.6)."),
    ("Protocol", "An answer broke a rule. Nothing of it was used."),
    ("Cancelled", "The user or the page ended it."),
    ("Platform", "The browser or the network failed."),
];

fn kind(reason: Reason) -> usize {
    match reason {
        Reason::Configuration(_) => 0,
        Reason::Usage(_) => 1,
        Reason::Provider(_) => 2,
        Reason::Protocol(_) => 3,
        Reason::Cancelled(_) => 4,
        _ => 5,
    }
}

fn typescript() -> String {
    let mut text = String::from(
        "// Generated from src/error.rs by tests/catalogue.rs (`UPDATE=1 cargo test --test catalogue`). Not edited by hand.\n\n\
         /** For each code: what happened, and what to do about it. */\nexport const texts = {\n",
    );
    for reason in Reason::all() {
        writeln!(text, "  {}: [{:?}, {:?}],", reason.code(), reason.sentence(), reason.hint()).unwrap();
    }
    text.push_str(
        "} as const satisfies Record<string, readonly [sentence: string, hint: string]>;\n\n\
         /** The stable, machine-readable names of everything that can go wrong. */\nexport type OidcErrorCode =\n",
    );
    let codes: Vec<_> = Reason::all().map(|reason| format!("  | \"{}\"", reason.code())).collect();
    text.push_str(&codes.join("\n"));
    text.push_str(";\n");
    text
}

fn markdown() -> String {
    let mut text = String::from(
        "# Errors\n\nEvery error has a stable `code`. They are sorted by who must act. Generated from `src/error.rs` by \
         `tests/catalogue.rs`.\n",
    );
    for (index, (name, about)) in KINDS.iter().enumerate() {
        writeln!(text, "\n## {name}\n\n{about}\n\n| code | what happened | what to do |\n|---|---|---|").unwrap();
        for reason in Reason::all().filter(|reason| kind(*reason) == index) {
            let cell = |text: &str| text.replace('|', "\\|").replace('<', "&lt;");
            writeln!(text, "| `{}` | {} | {} |", reason.code(), cell(reason.sentence()), cell(reason.hint())).unwrap();
        }
    }
    text
}

fn assert_generated(path: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, expected).unwrap();
    }
    let present = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        present == expected,
        "{} is not what src/error.rs says: UPDATE=1 cargo test --test catalogue",
        path.display()
    );
}

#[test]
fn typescript_catalogue_is_generated_from_the_list() {
    assert_generated("pkg-template/src/catalogue.ts", &typescript());
}

#[test]
fn documentation_of_errors_is_generated_from_the_list() {
    assert_generated("docs/errors.md", &markdown());
}

#[test]
fn codes_are_unique_snake_case() {
    let mut seen = HashSet::new();
    for reason in Reason::all() {
        let code = reason.code();
        assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'), "{code}");
        assert!(seen.insert(code), "{code} stands twice in the list");
        assert!(!reason.sentence().is_empty() && !reason.hint().is_empty(), "{code}");
    }
}

/// Every reason is made somewhere: one that nothing makes is a check that is missing.
#[test]
fn every_reason_is_used() {
    // These are made by the page shell alone.
    let page = [
        "option_invalid",
        "isolation_unavailable",
        "vault_url_foreign",
        "redirect_uri_shared",
        "metadata_ambiguous",
        "not_in_browser",
        "framed_by_stranger",
        "restore_suspended",
        "session_monitoring_unavailable",
        "popup_closed",
        "popup_blocked",
        "popup_timed_out",
        "silent_timed_out",
        "silent_blocked",
        "sign_in_abandoned",
        "aborted",
        "wasm_unavailable",
        "wasm_blocked",
        "vault_unreachable",
        "vault_mismatch",
        "vault_crashed",
    ];
    let sources = |directory: &str, ending: &str| {
        let mut text = String::new();
        let mut pending = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(directory)];
        while let Some(path) = pending.pop() {
            for entry in fs::read_dir(path).unwrap() {
                let path = entry.unwrap().path();
                let skipped =
                    path.ends_with("error.rs") || path.ends_with("catalogue.ts") || path.ends_with("memory.rs");
                if path.is_dir() {
                    pending.push(path);
                } else if path.extension().is_some_and(|extension| extension == ending) && !skipped {
                    text.push_str(&fs::read_to_string(path).unwrap());
                }
            }
        }
        text
    };
    let (rust, adapters) = (sources("src", "rs"), sources("src", "js"));
    let shell = sources("pkg-template/src", "ts");
    for reason in Reason::all() {
        // The provider's own words are found by their code, in `token_error`.
        if matches!(reason, Reason::Provider(_)) {
            continue;
        }
        let debug = format!("{reason:?}");
        let variant = debug.rsplit_once('(').unwrap().1.trim_end_matches(')');
        let made = rust.contains(&format!("::{variant}"));
        let made_by_page = page.contains(&reason.code()) && shell.contains(&format!("\"{}\"", reason.code()));
        // By its code, which the module turns into the reason.
        let made_by_adapter =
            matches!(reason, Reason::Platform(_)) && adapters.contains(&format!("\"{}\"", reason.code()));
        assert!(made || made_by_page || made_by_adapter, "nothing makes {debug}");
    }
}

#[test]
fn trace_steps_are_those_of_the_types() {
    let types = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("pkg-template/src/types.ts")).unwrap();
    let union = types.split("export type TraceStepName =").nth(1).unwrap().split(';').next().unwrap();
    let listed: Vec<_> = union.split('"').skip(1).step_by(2).collect();
    let made: Vec<_> = Step::ALL.iter().map(|step| step.name()).collect();
    assert_eq!(listed, made);
}
