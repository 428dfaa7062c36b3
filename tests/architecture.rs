//! The rules of ARCHITECTURE.md that a compiler does not hold: which layer knows of which, and that the two sides of the
//! port agree. The sources are read as text.
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

use std::{collections::BTreeMap, fs, path::Path};

use valetkey::vault::message::{COMMANDS, EVENTS, REPLIES, Shape};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust sources below `src/`, by their path there, without comments.
fn sources() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut pending = vec![root().join("src")];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path.strip_prefix(root().join("src")).unwrap().to_string_lossy().replace('\\', "/");
                let code = fs::read_to_string(&path).unwrap();
                let code = code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
                found.insert(name, code);
            }
        }
    }
    assert!(found.len() > 30, "the sources were found");
    found
}

fn layer(path: &str) -> &str {
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The layers that each layer may name, itself aside.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("secret", &[]),
    ("protocol", &["error", "secret"]),
    ("config", &["error", "protocol"]),
    ("platform", &["error", "protocol", "secret"]),
    ("vault", &["config", "error", "platform", "protocol", "secret"]),
    ("browser", &["error", "platform", "protocol", "secret"]),
    ("bindings", &["browser", "config", "error", "platform", "protocol", "vault"]),
    ("client", &["bindings", "browser", "error", "protocol", "vault"]),
];

#[test]
fn each_layer_names_only_those_below_it() {
    for (path, code) in sources() {
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == layer(&path)) else {
            assert_eq!(path, "lib.rs", "a layer that this test does not know");
            continue;
        };
        for (other, _) in MAY_NAME {
            let named = code.contains(&format!("crate::{other}")) || named_in_braces(&code, other);
            assert!(
                !named || *other == layer(&path) || allowed.contains(other),
                "src/{path} names crate::{other}, which its layer must not"
            );
        }
    }
}

/// Whether `use crate::{…}` names a module at its first level.
fn named_in_braces(code: &str, module: &str) -> bool {
    code.split("use crate::{").skip(1).any(|rest| {
        let mut depth = 1;
        let mut word = String::new();
        for character in rest.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return word == module;
            }
            if character.is_alphanumeric() || character == '_' {
                word.push(character);
            } else {
                if depth <= 2 && word == module && character != '}' {
                    return depth == 1 || character == '{' || character == ':';
                }
                word.clear();
            }
        }
        false
    })
}

#[test]
fn rules_know_no_clock_no_randomness_no_browser_and_do_not_wait() {
    let forbidden =
        ["async ", ".await", "web_sys", "js_sys", "wasm_bindgen", "getrandom", "std::", "SystemTime", "JsValue"];
    for (path, code) in
        sources().into_iter().filter(|(path, _)| ["protocol", "error", "secret", "config"].contains(&layer(path)))
    {
        for word in forbidden {
            assert!(!code.contains(word), "src/{path} contains `{word}`");
        }
    }
}

#[test]
fn engine_reaches_the_world_through_the_platform_alone() {
    for (path, code) in sources().into_iter().filter(|(path, _)| ["vault", "platform"].contains(&layer(path))) {
        for word in ["web_sys", "js_sys", "wasm_bindgen", "getrandom", "std::", "JsValue"] {
            assert!(!code.contains(word), "src/{path} contains `{word}`");
        }
    }
}

#[test]
fn files_are_of_a_size_that_can_be_read() {
    for (path, code) in sources().into_iter().filter(|(path, _)| path != "error.rs") {
        let lines = code.lines().count();
        assert!(lines <= 420, "src/{path} has {lines} lines: is it one subject?");
    }
}

/// The members of each message of a TypeScript union, by `kind`. Each message stands on a line of its own there.
fn typed(union: &str) -> BTreeMap<String, Vec<String>> {
    let port = fs::read_to_string(root().join("pkg-template/src/port.ts")).unwrap();
    let body = port.split(&format!("export type {union} =")).nth(1).expect("the union");
    body.lines()
        .skip(1)
        .map_while(|line| line.trim().strip_prefix("| {"))
        .map(|line| {
            let members = line.trim_end_matches([' ', '}', ';']).split("; ").map(str::trim);
            let names = members.clone().filter_map(|member| member.split(':').next()).filter(|name| *name != "kind");
            let kind = members.clone().next().unwrap().split('"').nth(1).unwrap();
            (kind.to_owned(), names.map(ToOwned::to_owned).collect())
        })
        .collect()
}

fn written(shapes: &[Shape]) -> BTreeMap<String, Vec<String>> {
    shapes
        .iter()
        .map(|shape| (shape.kind.to_owned(), shape.members.iter().map(|member| (*member).to_owned()).collect()))
        .collect()
}

#[test]
fn both_sides_of_the_port_have_the_same_list_of_messages() {
    assert_eq!(typed("Command"), written(COMMANDS));
    assert_eq!(typed("Reply"), written(REPLIES));
    assert_eq!(typed("VaultEvent"), written(EVENTS));
}

/// The engine's own reading of a message knows every command of the list, and no other.
#[test]
fn bindings_read_every_command() {
    let code = &sources()["bindings/command.rs"];
    let read: Vec<_> = COMMANDS.iter().filter(|shape| code.contains(&format!("\"{}\" =>", shape.kind))).collect();
    assert_eq!(read.len(), COMMANDS.len());
    assert_eq!(code.matches("\" => Self::").count(), COMMANDS.len());
}
