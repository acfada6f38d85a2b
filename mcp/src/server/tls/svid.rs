//! What a certificate says of its workload (X.509-SVID standard, sections 4 and 5.2, read 2026-11-23). That it was signed
//! by who may sign it is checked before, by the handshake.

use tradewind_core::time::Time;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use super::spiffe::{SpiffeId, SpiffeIdError};

/// A workload's certificate, as far as it says who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Svid {
    /// Who.
    pub id: SpiffeId,
    /// Until when it says so.
    pub until: Time,
}

/// Why a certificate names no workload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SvidError {
    /// The other side showed none.
    #[error("there is no certificate")]
    None,
    /// It is no certificate, or one with an extension twice or a name that cannot be read.
    #[error("the certificate cannot be read")]
    Unreadable,
    /// It may sign others: the certificate of an authority.
    #[error("the certificate is an authority's, not a workload's")]
    Authority,
    /// Exactly one URI must be among its names.
    #[error("the certificate has {0} URIs among its names, not one")]
    Uris(usize),
    /// The URI is no SPIFFE ID.
    #[error("the URI of the certificate is no SPIFFE ID: {0}")]
    Id(#[from] SpiffeIdError),
}

impl From<X509Error> for SvidError {
    fn from(_: X509Error) -> Self {
        Self::Unreadable
    }
}

impl Svid {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// It names no workload, or more than one.
    pub fn read(der: &[u8]) -> Result<Self, SvidError> {
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| SvidError::Unreadable)?;
        if !rest.is_empty() {
            return Err(SvidError::Unreadable);
        }
        let usage = certificate.key_usage()?;
        let signs = usage.is_some_and(|usage| usage.value.key_cert_sign() || usage.value.crl_sign());
        let is_authority = certificate.basic_constraints()?.is_some_and(|constraints| constraints.value.ca);
        if signs || is_authority {
            return Err(SvidError::Authority);
        }
        let seconds = certificate.validity().not_after.timestamp();
        Ok(Self { id: uri(&certificate)?.parse()?, until: Time::from_ms(seconds.saturating_mul(1000)) })
    }
}

/// The only URI among the names of a certificate.
fn uri<'a>(certificate: &'a X509Certificate<'_>) -> Result<&'a str, SvidError> {
    let names = certificate.subject_alternative_name()?;
    let names = names.map_or(&[][..], |names| &names.value.general_names);
    if names.iter().any(|name| matches!(name, GeneralName::Invalid(..))) {
        return Err(SvidError::Unreadable);
    }
    let uris: Vec<&str> =
        names.iter().filter_map(|name| if let GeneralName::URI(uri) = name { Some(*uri) } else { None }).collect();
    match uris[..] {
        [uri] => Ok(uri),
        _ => Err(SvidError::Uris(uris.len())),
    }
}

/// What a server's certificate says of it.
pub(super) struct Host {
    /// Names and addresses that it is for: where clients may call the server.
    pub names: Vec<String>,
    /// From when on it is good.
    pub from: Time,
    /// Until when.
    pub until: Time,
}

impl Host {
    /// Reads a certificate in DER.
    pub fn read(der: &[u8]) -> Result<Self, SvidError> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| SvidError::Unreadable)?;
        let names = certificate.subject_alternative_name()?;
        let names = names.map_or(&[][..], |names| &names.value.general_names);
        let at = |seconds: i64| Time::from_ms(seconds.saturating_mul(1000));
        let validity = certificate.validity();
        let (from, until) = (at(validity.not_before.timestamp()), at(validity.not_after.timestamp()));
        Ok(Self { names: names.iter().filter_map(host).collect(), from, until })
    }
}

fn host(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|v4| std::net::Ipv4Addr::from(v4).to_string()),
            16 => <[u8; 16]>::try_from(*bytes).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string()),
            _ => None,
        },
        _ => None,
    }
}
