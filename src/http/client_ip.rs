use std::net::IpAddr;

use ipnet::IpNet;
use poem::{Addr, FromRequest, Request, RequestBody, http::HeaderMap};
use serde::Deserialize;

use crate::types::ClientIp;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Replaces a header that is not text. It does not parse as an address.
const UNREADABLE: &str = "?";

/// The client of the request, as the request log found it.
impl<'a> FromRequest<'a> for ClientIp {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let client = request.extensions().get::<Self>().cloned();
        Ok(client.unwrap_or_else(|| Self::new(peer(request))))
    }
}

/// The addresses and networks of the proxies whose `X-Forwarded-For` is trusted.
#[derive(Clone, Default, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct ProxySettings(Vec<IpNet>);

impl TryFrom<Vec<String>> for ProxySettings {
    type Error = String;

    fn try_from(listed: Vec<String>) -> Result<Self, String> {
        let network = |text: String| {
            text.parse::<IpNet>()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| format!("{text:?} is neither an address nor a network"))
        };
        listed.into_iter().map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl ProxySettings {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }

    /// The peer, or, if the peer is a trusted proxy, the rightmost address in `X-Forwarded-For` that is not one. Addresses
    /// further left are text of the client.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientIp {
        let mut forwarded = headers.get_all(FORWARDED_FOR).iter().peekable();
        if forwarded.peek().is_none() {
            return ClientIp::new(peer);
        }
        if !self.trusts(peer) {
            let peer_text = peer.to_string();
            tracing::warn!(peer = peer_text, "X-Forwarded-For is ignored: its sender is not in trusted_proxies");
            return ClientIp::new(peer);
        }
        let hops = forwarded.flat_map(|value| value.to_str().unwrap_or(UNREADABLE).split(','));
        let mut nearest = peer;
        for hop in hops.collect::<Vec<_>>().into_iter().rev() {
            let Some(address) = parse_hop(hop.trim()) else { break };
            nearest = address;
            if !self.trusts(address) {
                break;
            }
        }
        ClientIp::new(nearest)
    }

    /// The client of a request.
    pub(super) fn client_of(&self, request: &Request) -> ClientIp {
        self.client(peer(request), request.headers())
    }
}

/// Parses an address with or without a port, IPv6 with or without brackets.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .ok()
        .or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()))
        .or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

fn peer(request: &Request) -> IpAddr {
    match request.remote_addr().0 {
        Addr::SocketAddr(address) => address.ip(),
        Addr::Unix(_) | Addr::Custom(..) => IpAddr::from([127, 0, 0, 1]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let trusted = trusted.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let headers = forwarded.iter().map(|value| (FORWARDED_FOR.parse().unwrap(), value.parse().unwrap())).collect();
        let trusted = ProxySettings::try_from(trusted).unwrap();
        trusted.client(peer.parse().unwrap(), &headers).address().to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_listed_proxy() {
        assert_eq!(client(&[], "10.0.0.1", &["203.0.113.7"]), "10.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "192.0.2.1", &["203.0.113.7"]), "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(&["::1"], "::1", &["2001:db8::7"]), "2001:db8::7");
    }

    #[test]
    fn what_a_client_writes_before_the_proxy_is_not_trusted() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(client(&trusted, "10.0.0.1", &["1.1.1.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(&trusted, "10.0.0.1", &["1.1.1.1", "203.0.113.7, 10.0.0.2"]), "203.0.113.7");
        assert_eq!(client(&trusted, "10.0.0.1", &["203.0.113.7, nonsense"]), "10.0.0.1");
    }

    #[test]
    fn an_address_may_come_with_a_port_or_in_brackets() {
        let trusted = ["10.0.0.1"];
        assert_eq!(client(&trusted, "10.0.0.1", &["203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!(client(&trusted, "10.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(client(&trusted, "10.0.0.1", &["[2001:db8::7]"]), "2001:db8::7");
    }
}
