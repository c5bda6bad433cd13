//! What stands between the service and the world: TLS, proxies, browsers of other origins.
//! Must not know: what is done with it.

use crate::outside::scanner::Scanner;
use clap::builder::TypedValueParser as _;
use clap::{Args, ValueEnum};
use ipnet::IpNet;
use std::net::{AddrParseError, IpAddr};
use std::path::PathBuf;

#[derive(Debug, Clone, Args)]
pub struct EdgeSettings {
    /// Certificate chain (PEM): with it and its key the service speaks TLS 1.2 and 1.3 only; read
    /// anew at SIGHUP
    #[arg(long, env = "MUSIMAN_TLS_CERT", hide_env_values = true, value_name = "FILE")]
    #[arg(value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from))]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, env = "MUSIMAN_TLS_KEY", hide_env_values = true, value_name = "FILE")]
    #[arg(value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from))]
    tls_key: Option<PathBuf>,
    /// Serve beyond this machine with a certificate that no authority of this machine vouches for:
    /// the clients know it otherwise
    #[arg(long, env = "MUSIMAN_TLS_OWN_AUTHORITY", hide_env_values = true)]
    pub tls_own_authority: bool,
    /// Addresses or networks of the proxies, with commas between: only they are believed who the
    /// client is [default: none]
    #[arg(long, env = "MUSIMAN_TRUSTED_PROXIES", hide_env_values = true, value_name = "NETWORKS")]
    trusted_proxies: Option<String>,
    /// The header that the trusted proxies write; the other one is never read
    #[arg(long, env = "MUSIMAN_PROXY_HEADER", hide_env_values = true, value_name = "HEADER")]
    #[arg(default_value = "x-forwarded-for")]
    pub proxy_header: ProxyHeader,
    /// Origins whose browser pages may call the service, with commas between, each exactly as
    /// browsers write it, such as `https://app.example.id` [default: none]
    #[arg(long, env = "MUSIMAN_CORS", hide_env_values = true, value_name = "ORIGINS")]
    cors: Option<String>,
    /// Program that judges PDF files which people hand in, with its arguments, split at spaces: it
    /// reads the file on its standard input and ends with 0 or, if it is harmful, 1 [default: none,
    /// and no PDF is taken]
    #[arg(long, env = "MUSIMAN_SCAN", hide_env_values = true, value_name = "COMMAND")]
    scan: Option<String>,
    /// Where clients reach the service, such as `https://api.example.id`: assertions of machines
    /// name it as their audience [default: the address that it listens on]
    #[arg(long, env = "MUSIMAN_URL", hide_env_values = true, value_name = "URL")]
    url: Option<String>,
}

/// Where a proxy writes whom it speaks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ProxyHeader {
    #[default]
    XForwardedFor,
    Forwarded,
}

/// Files of the certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    pub cert: PathBuf,
    pub key: PathBuf,
}

fn items(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// A network, or one address.
fn network(text: &str) -> Result<IpNet, AddrParseError> {
    text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
}

/// `scheme://host` or `scheme://host:port` in small letters, as browsers send it.
fn is_origin(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let is_host = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._:[]".contains(c);
    let has_port_of_scheme = matches!(
        (scheme, rest.rsplit_once(':').map(|(_, port)| port)),
        ("http", Some("80")) | ("https", Some("443"))
    );
    matches!(scheme, "http" | "https")
        && !rest.is_empty()
        && rest.chars().all(is_host)
        && !has_port_of_scheme
}

impl EdgeSettings {
    /// The two files, or neither. The error is a line for the person.
    pub fn tls(&self) -> Result<Option<TlsFiles>, String> {
        let given = |file: &Option<PathBuf>| file.clone().filter(|f| !f.as_os_str().is_empty());
        match (given(&self.tls_cert), given(&self.tls_key)) {
            (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
            (None, None) => Ok(None),
            _ => Err("MUSIMAN_TLS_CERT and MUSIMAN_TLS_KEY go together".to_owned()),
        }
    }

    pub fn proxies(&self) -> Result<Vec<IpNet>, String> {
        let wrong = |item: &str| format!("MUSIMAN_TRUSTED_PROXIES: `{item}` is no network");
        let text = self.trusted_proxies.as_deref();
        items(text).map(|item| network(item).map_err(|_| wrong(item))).collect()
    }

    /// Scheme, host and whatever path leads to the service. The error is a line for the person.
    pub fn url(&self) -> Result<Option<String>, String> {
        let Some(url) = self.url.as_deref().filter(|url| !url.is_empty()) else { return Ok(None) };
        let url = url.trim_end_matches('/');
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        match rest {
            Some(rest) if !rest.is_empty() && !rest.contains(['?', '#', '@', ' ']) => {
                Ok(Some(url.to_owned()))
            }
            _ => Err(format!("MUSIMAN_URL: `{url}` is no address of a service")),
        }
    }

    /// The host of that address.
    pub fn host(&self) -> Result<Option<String>, String> {
        let host = |url: String| {
            let rest = url.split_once("://").map_or("", |(_, rest)| rest);
            let authority = rest.split('/').next().unwrap_or("");
            let inside = authority.strip_prefix('[').and_then(|rest| rest.split(']').next());
            inside.or(authority.split(':').next()).unwrap_or("").to_owned()
        };
        Ok(self.url()?.map(host))
    }

    pub fn scanner(&self) -> Option<Scanner> {
        self.scan.as_deref().and_then(Scanner::named)
    }

    pub fn origins(&self) -> Result<Vec<String>, String> {
        let wrong = |item: &str| format!("MUSIMAN_CORS: `{item}` is no origin");
        let text = self.cors.as_deref();
        let checked = |item: &str| is_origin(item).then(|| item.to_owned());
        items(text).map(|item| checked(item).ok_or_else(|| wrong(item))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        edge: EdgeSettings,
    }

    fn given(flags: &[&str]) -> EdgeSettings {
        Only::parse_from(["x"].iter().chain(flags)).edge
    }

    #[test]
    fn nothing_is_trusted_unless_it_is_named() {
        let edge = given(&[]);
        assert_eq!(
            (edge.proxies(), edge.origins(), edge.tls()),
            (Ok(vec![]), Ok(vec![]), Ok(None))
        );
    }

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        let edge = given(&["--trusted-proxies", "10.0.0.0/8, 192.0.2.1,2001:db8::/32,"]);
        let shown: Vec<String> = edge.proxies().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"]);
        assert!(given(&["--trusted-proxies", "proxy.local"]).proxies().is_err());
    }

    #[test]
    fn an_origin_is_one_exactly() {
        let good = "https://app.example.id,http://localhost:5173";
        assert_eq!(given(&["--cors", good]).origins().unwrap().len(), 2);
        for wrong in [
            "*",
            "null",
            "https://*.example.id",
            "https://a/",
            "https://A.id",
            "a.id",
            "https://a:443",
        ] {
            assert!(given(&["--cors", wrong]).origins().is_err(), "{wrong}");
        }
    }

    #[test]
    fn where_the_service_is_reached_is_a_whole_address() {
        let url = |text: &str| given(&["--url", text]).url();
        assert_eq!(url("https://api.example.id/"), Ok(Some("https://api.example.id".to_owned())));
        assert_eq!(url(""), Ok(None));
        let host = |text: &str| given(&["--url", text]).host();
        assert_eq!(host("https://api.example.id:8443/x"), Ok(Some("api.example.id".to_owned())));
        assert_eq!(host("https://[2001:db8::1]:8443"), Ok(Some("2001:db8::1".to_owned())));
        for wrong in ["api.example.id", "https://", "ftp://a.id", "https://a.id/?x"] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_certificate_needs_its_key() {
        assert!(given(&["--tls-cert", "a.pem"]).tls().is_err());
        assert!(given(&["--tls-cert", "a.pem", "--tls-key", "b.pem"]).tls().unwrap().is_some());
        assert_eq!(given(&["--tls-cert", "", "--tls-key", ""]).tls(), Ok(None));
    }
}
