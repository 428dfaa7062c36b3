//! `valetkey-assets [DIRECTORY]`: writes the files. Default: `valetkey` within what Trunk builds (`TRUNK_STAGING_DIR`), or here.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    let staging = env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from).unwrap_or_default();
    let directory = env::args_os().nth(1).map_or_else(|| staging.join("valetkey"), PathBuf::from);
    match valetkey_assets::write_to(&directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} cannot be written: {error}", Path::new(&directory).display());
            ExitCode::FAILURE
        }
    }
}
