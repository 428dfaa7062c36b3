//! The files that the crate `valetkey` needs beside an application: `vault.js` and `vault.wasm`, which are the vault in a worker, what
//! the page loads once it is needed (a popup, a frame, calls), and the static pages for sign-ins by popup and in a hidden frame and for
//! front-channel logout.
//!
//! They are those of the npm package of the same version, byte for byte. With Trunk, after `cargo install valetkey-assets`:
//!
//! ```toml
//! [[hooks]]
//! stage = "post_build"
//! command = "valetkey-assets"
//! ```
//!
//! places them in `valetkey/` beside the application, where the crate looks for them. Other tools can have them written by
//! a build script:
//!
//! ```no_run
//! valetkey_assets::write_to("public/valetkey".as_ref()).unwrap();
//! ```

use std::{fs, io, path::Path};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../files/", $name)))),*]
    };
}

/// Each file by its name, with what it holds.
pub const FILES: &[(&str, &[u8])] = files!(
    "vault.js",
    "vault.wasm",
    "callback.html",
    "callback.js",
    "frontchannel.html",
    "frontchannel.js",
    "alive.js",
    "events.js",
    "fetch.js",
    "initiation.js",
    "integrity.js",
    "monitor.js",
    "popup.js",
    "sign-in.js",
    "silent.js",
    "step-up.js",
);

/// Writes them into a directory, which is made where it is not there. A file that is as it should be is left alone, so that nothing
/// which watches it is woken.
///
/// # Errors
/// What the file system says.
pub fn write_to(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for (name, content) in FILES {
        let file = directory.join(name);
        if fs::read(&file).ok().as_deref() != Some(*content) {
            fs::write(file, content)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_once_and_then_left_alone() -> io::Result<()> {
        let directory = std::env::temp_dir().join(format!("valetkey-assets-{}", std::process::id()));
        write_to(&directory)?;
        let written = fs::metadata(directory.join("vault.wasm"))?.modified()?;
        fs::write(directory.join("vault.js"), "of another version")?;
        write_to(&directory)?;
        for (name, content) in FILES {
            assert_eq!(fs::read(directory.join(name))?, *content, "{name}");
        }
        assert_eq!(fs::metadata(directory.join("vault.wasm"))?.modified()?, written);
        fs::remove_dir_all(directory)
    }

    #[test]
    fn none_is_left_out() -> io::Result<()> {
        let made = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/files"))?.collect::<Result<Vec<_>, _>>()?;
        for file in &made {
            let name = file.file_name();
            assert!(FILES.iter().any(|(known, _)| *known == name), "{}", name.display());
        }
        assert_eq!(made.len(), FILES.len());
        Ok(())
    }

    #[test]
    fn module_is_one() {
        let module = FILES.iter().find(|(name, _)| *name == "vault.wasm").map(|(_, content)| *content);
        assert!(module.is_some_and(|module| module.starts_with(b"\0asm")));
    }
}
