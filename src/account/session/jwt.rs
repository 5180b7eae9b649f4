//! The signed access token: a JWT (RFC 7519), HS256, with exactly the header `{"alg":"HS256"}`.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::{
    account::KeySettings,
    storage::IssuedToken,
    types::{PlainToken, Timestamp, TokenId, UserId},
};

/// `{"alg":"HS256"}` in base64url. A token with any other header, including `none`, another algorithm and one that
/// points to a key (`jku`, `jwk`, `kid`), is refused before anything of it is parsed (RFC 8725, 3.1).
const HEADER: &str = "eyJhbGciOiJIUzI1NiJ9.";

/// Far longer than any token of ours.
const MAX_LENGTH: usize = 1024;

/// What a token says.
#[derive(Serialize, Deserialize)]
pub(super) struct Claims {
    iss: Issuer,
    /// The user's id.
    sub: String,
    /// The row of the token table.
    jti: String,
    iat: Timestamp,
    pub exp: Timestamp,
}

/// Tokens that other services sign with the same key are not ours.
#[derive(Serialize, Deserialize)]
enum Issuer {
    #[serde(rename = "passport")]
    Passport,
}

impl Claims {
    pub(super) fn new(user: UserId, issued: &IssuedToken) -> Self {
        Self {
            iss: Issuer::Passport,
            sub: user.to_string(),
            jti: issued.id.as_str().to_owned(),
            iat: issued.validity.issued_at,
            exp: issued.validity.expires_at,
        }
    }

    pub(super) fn token_id(&self) -> TokenId {
        TokenId::new(self.jti.as_str())
    }
}

pub(super) struct JwtKeys {
    signing: EncodingKey,
    /// The current key first.
    verifying: Vec<DecodingKey>,
    header: Header,
    validation: Validation,
}

impl JwtKeys {
    pub(super) fn new(keys: &KeySettings) -> Self {
        let keys = keys.derive("access token hs256");
        let mut validation = Validation::new(Algorithm::HS256);
        // Expiry is checked against the clock that is passed in, by the caller, who knows whether an expired token may
        // still be refreshed. `Claims` itself requires every claim.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Self {
            signing: EncodingKey::from_secret(&keys[0]),
            verifying: keys.iter().map(|key| DecodingKey::from_secret(key)).collect(),
            header: Header { typ: None, ..Header::new(Algorithm::HS256) },
            validation,
        }
    }

    /// The token that says `claims`. The same claims make the same token.
    pub(super) fn sign(&self, claims: &Claims) -> PlainToken {
        let token = jsonwebtoken::encode(&self.header, claims, &self.signing)
            .expect("claims of plain numbers and texts serialise, and the key fits the algorithm");
        PlainToken::new(token)
    }

    /// What the token says, if one of our keys signed it. Whether it has expired is not looked at.
    pub(super) fn verify(&self, token: &PlainToken) -> Option<Claims> {
        let token = token.expose();
        if token.len() > MAX_LENGTH || !token.starts_with(HEADER) {
            return None;
        }
        self.verifying
            .iter()
            .find_map(|key| jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok())
            .map(|decoded| decoded.claims)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::*;
    use crate::storage::Validity;
    use crate::types::{Random, Secret};

    const ROOT: &str = "a root secret of more than 32 bytes";
    const OTHER: &str = "another root secret, also over 32 bytes";

    fn keys(current: &str, previous: &[&str]) -> KeySettings {
        KeySettings {
            current: Secret::new(current),
            previous: previous.iter().map(|secret| Secret::new(*secret)).collect(),
        }
    }

    fn claims() -> Claims {
        let validity = Validity { issued_at: 1_000, expires_at: 2_000 };
        let issued = IssuedToken { id: TokenId::new("an id"), validity };
        Claims::new(UserId::new(1), &issued)
    }

    /// A token with any header and claims, signed with our key.
    fn signed(header: Value, claims: Value) -> PlainToken {
        let message =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let key =
            aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &keys(ROOT, &[]).derive("access token hs256")[0]);
        let tag = aws_lc_rs::hmac::sign(&key, message.as_bytes());
        PlainToken::new(format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag)))
    }

    fn good_claims() -> Value {
        json!({"iss": "passport", "sub": "1", "jti": "an id", "iat": 1_000, "exp": 2_000})
    }

    #[test]
    fn a_token_begins_as_documented_and_verifies() {
        let jwt = JwtKeys::new(&keys(ROOT, &[]));
        let token = jwt.sign(&claims());

        assert!(token.expose().starts_with("eyJhbGciOiJIUzI1NiJ9."));
        let verified = jwt.verify(&token).expect("our own token");
        assert_eq!((verified.token_id(), verified.exp), (TokenId::new("an id"), 2_000));
        assert!(jwt.verify(&signed(json!({"alg": "HS256"}), good_claims())).is_some(), "our key verifies");
    }

    #[test]
    fn an_earlier_secret_still_verifies_but_never_signs() {
        let before = JwtKeys::new(&keys(OTHER, &[]));
        let after = JwtKeys::new(&keys(ROOT, &[OTHER]));

        assert!(after.verify(&before.sign(&claims())).is_some());
        assert!(before.verify(&after.sign(&claims())).is_none());
    }

    #[test]
    fn every_known_attack_on_a_jwt_is_refused() {
        let jwt = JwtKeys::new(&keys(ROOT, &[]));
        let good = jwt.sign(&claims());
        let [header, payload, signature] =
            good.expose().split('.').collect::<Vec<_>>().try_into().expect("a JWT has three parts");
        let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let without = |claim: &str| {
            let mut claims = good_claims();
            claims.as_object_mut().expect("an object").remove(claim);
            claims
        };
        let with = |claim: &str, value: Value| {
            let mut claims = good_claims();
            claims[claim] = value;
            claims
        };
        let plain = json!({"alg": "HS256"});

        let attacks = [
            ("no signature, alg none", PlainToken::new(format!("{}.{payload}.", encode(json!({"alg": "none"}))))),
            ("alg None", PlainToken::new(format!("{}.{payload}.", encode(json!({"alg": "None"}))))),
            ("alg none, our signature", signed(json!({"alg": "none"}), good_claims())),
            ("signature cut off", PlainToken::new(format!("{header}.{payload}."))),
            ("two parts", PlainToken::new(format!("{header}.{payload}"))),
            ("four parts", PlainToken::new(format!("{header}.{payload}.{signature}.{signature}"))),
            ("another key", JwtKeys::new(&keys(OTHER, &[])).sign(&claims())),
            ("alg HS512", signed(json!({"alg": "HS512"}), good_claims())),
            ("alg RS256", signed(json!({"alg": "RS256"}), good_claims())),
            ("alg in another case", signed(json!({"alg": "hs256"}), good_claims())),
            ("jku", signed(json!({"alg": "HS256", "jku": "https://evil.example/keys"}), good_claims())),
            ("jwk", signed(json!({"alg": "HS256", "jwk": {"kty": "oct", "k": "AA"}}), good_claims())),
            ("kid", signed(json!({"alg": "HS256", "kid": "../../dev/null"}), good_claims())),
            ("typ", signed(json!({"typ": "at+jwt", "alg": "HS256"}), good_claims())),
            ("crit", signed(json!({"alg": "HS256", "crit": ["exp"]}), good_claims())),
            ("changed claims", PlainToken::new(format!("{header}.{}.{signature}", encode(with("sub", json!("2")))))),
            ("no exp", signed(plain.clone(), without("exp"))),
            ("exp as text", signed(plain.clone(), with("exp", json!("9999999999")))),
            ("exp as fraction", signed(plain.clone(), with("exp", json!(1e300)))),
            ("exp null", signed(plain.clone(), with("exp", Value::Null))),
            ("no jti", signed(plain.clone(), without("jti"))),
            ("jti as list", signed(plain.clone(), with("jti", json!(["an id"])))),
            ("no issuer", signed(plain.clone(), without("iss"))),
            ("another issuer", signed(plain.clone(), with("iss", json!("elsewhere")))),
            ("claims that are no object", signed(plain, json!(["passport"]))),
            ("padding", PlainToken::new(format!("{}=", good.expose()))),
            ("white space", PlainToken::new(format!(" {}", good.expose()))),
            ("too long", PlainToken::new(format!("{HEADER}{}.{signature}", "A".repeat(2_000)))),
            ("empty", PlainToken::new("")),
            ("dots", PlainToken::new("..")),
        ];
        for (name, token) in attacks {
            assert!(jwt.verify(&token).is_none(), "{name}");
        }
    }

    #[test]
    fn no_mutation_of_a_token_verifies_or_panics() {
        let (jwt, random) = (JwtKeys::new(&keys(ROOT, &[])), Random::seeded(7));
        let good = jwt.sign(&claims());
        for _ in 0..5_000 {
            let mut bytes = good.expose().as_bytes().to_vec();
            let at = random.below(bytes.len() as u64) as usize;
            let new = 0x20 + random.below(0x5f) as u8;
            if bytes[at] == new {
                continue;
            }
            bytes[at] = new;
            let mutated = String::from_utf8(bytes).expect("printable ASCII");
            assert!(jwt.verify(&PlainToken::new(mutated.as_str())).is_none(), "{mutated}");
        }
    }
}
