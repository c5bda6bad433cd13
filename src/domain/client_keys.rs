//! Public keys by which machines prove themselves: kinds and forms. Must not know: signatures.

use super::problem::{Code, Reason};
use ed25519_dalek::VerifyingKey;

crate::words!(
    /// The two that are taken, as RFC 7518 and RFC 8037 name them.
    KeyAlg { EdDsa = "EdDSA", Es256 = "ES256" }
);

/// A key that was found to be a point of its curve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub alg: KeyAlg,
    /// Ed25519: 32 bytes; P-256: an uncompressed point of 65 bytes.
    pub bytes: Vec<u8>,
}

impl PublicKey {
    /// Ed25519; no key of a small order, which would agree with anything.
    pub fn ed25519(x: &[u8]) -> Result<Self, Reason> {
        let bytes: [u8; 32] = x.try_into().map_err(|_| Code::PublicKeyInvalid)?;
        match VerifyingKey::from_bytes(&bytes) {
            Ok(key) if !key.is_weak() => Ok(Self { alg: KeyAlg::EdDsa, bytes: x.to_vec() }),
            _ => Err(Code::PublicKeyInvalid.into()),
        }
    }

    pub fn p256(x: &[u8], y: &[u8]) -> Result<Self, Reason> {
        let bytes = [&[4], x, y].concat();
        let is_point = x.len() == 32 && y.len() == 32;
        match p256::PublicKey::from_sec1_bytes(&bytes) {
            Ok(_) if is_point => Ok(Self { alg: KeyAlg::Es256, bytes }),
            _ => Err(Code::PublicKeyInvalid.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::elliptic_curve::sec1::ToEncodedPoint as _;

    #[test]
    fn a_key_is_a_point_of_its_curve() {
        let good = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
        assert_eq!(PublicKey::ed25519(&good).unwrap().alg, KeyAlg::EdDsa);
        let one = [&[1][..], &[0; 31]].concat();
        for wrong in [&good[..31], &one, &[0; 32]] {
            assert_eq!(PublicKey::ed25519(wrong).unwrap_err().code, Code::PublicKeyInvalid);
        }
        let secret = p256::SecretKey::from_slice(&[7; 32]).unwrap();
        let point = secret.public_key().to_encoded_point(false);
        let (x, y) = (point.x().unwrap(), point.y().unwrap());
        assert_eq!(PublicKey::p256(x, y).unwrap().bytes.len(), 65);
        assert!(PublicKey::p256(x, x).is_err() && PublicKey::p256(x, &y[..31]).is_err());
    }
}
