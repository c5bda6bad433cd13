//! Whose address a request comes from: that of its connection, or what a named proxy says of it.
//! Must not know: what is done with an address.

use crate::config::ProxyHeader;
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// An IPv6 client has at least such a network to itself.
const NETWORK_BITS: u8 = 64;

/// The proxies that are believed, and the one header that they write. A header that they do not
/// write comes from the client as it likes.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    pub trusted: Vec<IpNet>,
    pub header: ProxyHeader,
}

impl Proxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// Whether a named proxy holds the connection.
    pub(super) fn holds(&self, request: &HttpRequest) -> bool {
        request.peer_addr().is_some_and(|peer| self.trusts(peer.ip().to_canonical()))
    }

    /// The last address that no named proxy has. What cannot be read ends the search at the proxy
    /// that passed it on.
    fn client_of(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut hops = self.hops(headers);
        while self.trusts(client)
            && let Some(Some(hop)) = hops.pop()
        {
            client = hop.to_canonical();
        }
        client
    }

    /// Nearest hop last; none for one that is no address.
    fn hops(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let (name, read): (_, fn(&str) -> Option<IpAddr>) = match self.header {
            ProxyHeader::XForwardedFor => (HeaderName::from_static("x-forwarded-for"), address),
            ProxyHeader::Forwarded => (header::FORWARDED, forwarded_for),
        };
        let lines = headers.get_all(name).map(|value| value.to_str().unwrap_or_default());
        lines.flat_map(|line| split(line, ',')).map(read).collect()
    }

    /// What the limits of an address count by. Two sockets of one process have none: empty.
    pub(super) fn caller(&self, request: &HttpRequest) -> String {
        self.client(request).map_or(String::new(), |network| network.to_string())
    }

    fn client(&self, request: &HttpRequest) -> Option<IpNet> {
        let peer = request.peer_addr()?.ip();
        let client = self.client_of(peer, request.headers());
        let bits = if client.is_ipv6() { NETWORK_BITS } else { 32 };
        IpNet::new(client, bits).ok().map(|network| network.trunc())
    }
}

/// Splits outside of quotes (RFC 7239); text with an open quote is one part, and no address.
fn split(text: &str, at: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(|c: char| {
        let ends = c == at && !quoted;
        (quoted, escaped) = match c {
            _ if escaped => (quoted, false),
            '\\' if quoted => (quoted, true),
            '"' => (!quoted, false),
            _ => (quoted, false),
        };
        ends
    });
    parts.map(str::trim).collect()
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|a| a.ip()))
}

/// The `for` of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut all = split(element, ';').into_iter().filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    });
    let value = all.next().filter(|_| all.next().is_none())?;
    address(value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(header: ProxyHeader, peer: &str, lines: &[&str]) -> String {
        let trusted = ["10.0.0.0/8", "2001:db8:1::/48"].map(|n| n.parse().unwrap()).to_vec();
        let name = match header {
            ProxyHeader::XForwardedFor => "x-forwarded-for",
            ProxyHeader::Forwarded => "forwarded",
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HeaderName::from_static(name), line.parse().unwrap());
        }
        Proxies { trusted, header }.client_of(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_a_named_proxy_is_believed_and_only_of_the_hop_before_it() {
        let by = |peer, lines: &[&str]| seen(ProxyHeader::XForwardedFor, peer, lines);
        assert_eq!(by("198.51.100.7", &["203.0.113.9"]), "198.51.100.7");
        assert_eq!(by("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(by("10.0.0.1", &["192.0.2.66, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
        assert_eq!(by("10.0.0.1", &["192.0.2.66", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(by("::ffff:10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
        assert_eq!(by("2001:db8:1::5", &["[2001:db8:2::1]:4711"]), "2001:db8:2::1");
    }

    #[test]
    fn what_is_no_address_is_the_proxys_own_fault() {
        let by = |line| seen(ProxyHeader::XForwardedFor, "10.0.0.1", &[line]);
        for line in ["", "unknown", "203.0.113.9,", "203.0.113.9, _hidden", "\"203.0.113.9"] {
            assert_eq!(by(line), "10.0.0.1", "{line}");
        }
        assert_eq!(seen(ProxyHeader::XForwardedFor, "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn forwarded_is_read_with_its_quotes() {
        let by = |line| seen(ProxyHeader::Forwarded, "10.0.0.1", &[line]);
        assert_eq!(by("for=203.0.113.9;proto=https;by=10.0.0.1"), "203.0.113.9");
        assert_eq!(by("for=192.0.2.66, For=\"[2001:db8:2::1]:4711\""), "2001:db8:2::1");
        assert_eq!(by("for=203.0.113.9;host=\"x, for=192.0.2.66\""), "203.0.113.9");
        assert_eq!(by("for=203.0.113.9;host=\"x\\\", for=192.0.2.66\""), "203.0.113.9");
        assert_eq!(by("for=203.0.113.9;for=192.0.2.66"), "10.0.0.1");
        assert_eq!(by("for=_hidden"), "10.0.0.1");
    }
}
