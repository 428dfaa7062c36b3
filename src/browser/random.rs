//! `crypto.getRandomValues`, by `getrandom`. Exists in insecure contexts too.

use super::Browser;
use crate::{
    error::{Error, Platform as PlatformError},
    platform::Random,
};

impl<S: 'static> Random for Browser<S> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Error> {
        getrandom::fill(bytes).map_err(|_| PlatformError::RandomUnavailable.into())
    }
}
