//! The verification of an ID token: signature first, then claims.

use alloc::{rc::Rc, string::String};

use super::{Vault, trace::Step};
use crate::{
    error::{Error, Violation},
    platform::Platform,
    protocol::{
        discovery::ProviderMetadata,
        id_token::{self, Expectation, IdToken, Occasion},
        jose::{
            algorithm::Algorithm,
            es256,
            jwk::PublicKey,
            jwks::JwkSet,
            jws::{CompactJws, SignatureCheck, VerifiedPayload},
        },
    },
    secret::Secret,
};

impl<P: Platform> Vault<P> {
    /// Verifies an ID token with the provider's keys and holds its claims against what is expected on this occasion.
    pub(super) async fn verify(
        &self,
        metadata: &Rc<ProviderMetadata>,
        token: &Secret<String>,
        access_token: &Secret<String>,
        occasion: Occasion<'_>,
    ) -> Result<IdToken, Error> {
        let expectation = Expectation {
            issuer: &self.config().issuer,
            client_id: &self.config().client_id,
            now: self.platform().now(),
            tolerance: self.config().clock_tolerance,
            access_token,
            occasion,
        };
        let payload = self.verify_signature(metadata, CompactJws::parse(token.expose())?).await?;
        let hash = self.platform().hash(payload.header.algorithm, access_token.expose().as_bytes()).await?;
        let token = id_token::validate_with_hash(&payload, &expectation, &hash)?;
        self.note(Step::IdTokenVerified, None);
        Ok(token)
    }

    /// Verifies a signature with the provider's keys.
    pub(super) async fn verify_signature(
        &self,
        metadata: &Rc<ProviderMetadata>,
        token: CompactJws,
    ) -> Result<VerifiedPayload, Error> {
        if !metadata.id_token_algorithms.contains(&token.header.algorithm) {
            return Err(Violation::AlgorithmNotAllowed.into());
        }
        let mut known = self.known_keys();
        loop {
            let were_known = known.is_some();
            let keys = match known.take() {
                Some(keys) => keys,
                None => self.fetch_keys(metadata).await?,
            };
            let valid = self.try_keys(&keys, &token).await?;
            // OpenID Connect Core §10.1.1: an unfamiliar key ID means that the provider has new keys; so may a signature
            // that does not verify, where a key was replaced under its old ID. Those are tried once.
            if !valid && were_known && self.may_refetch_keys() {
                continue;
            }
            if !valid && keys.candidates(&token.header).is_empty() {
                return Err(Violation::KeyNotFound.into());
            }
            return token.verified(valid);
        }
    }

    async fn try_keys(&self, keys: &JwkSet, token: &CompactJws) -> Result<bool, Error> {
        for check in keys.candidates(&token.header).into_iter().filter_map(|key| token.check(key)) {
            if self.signature_is_valid(check).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn signature_is_valid(&self, check: SignatureCheck) -> Result<bool, Error> {
        match (check.algorithm, &check.key) {
            (Algorithm::Es256, PublicKey::Ec { x, y, .. }) => Ok(es256::verify(x, y, &check.message, &check.signature)),
            _ => self.platform().verify(check).await,
        }
    }
}
