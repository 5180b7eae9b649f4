use std::net::IpAddr;

use ipnet::IpNet;
use poem::{Addr, FromRequest, Request, RequestBody, http::HeaderMap};
use serde::Deserialize;

use crate::types::Caller;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Stands for a value that is no text, and is as little an address.
const UNREADABLE: &str = "?";

/// Who is calling, as an argument of an operation.
pub struct From(pub Caller);

impl<'a> FromRequest<'a> for From {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let caller = request.extensions().get::<Caller>().cloned();
        Ok(Self(caller.unwrap_or_else(|| Caller::new(peer(request)))))
    }
}

/// The proxies whose `X-Forwarded-For` is believed: addresses or networks.
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

    /// The caller behind a request: the peer, or, when the peer is a listed proxy, the last address in
    /// `X-Forwarded-For` that is not one. Addresses further left are hearsay.
    fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> Caller {
        let mut forwarded = headers.get_all(FORWARDED_FOR).iter().peekable();
        if forwarded.peek().is_none() {
            return Caller::new(peer);
        }
        if !self.trusts(peer) {
            let peer_text = peer.to_string();
            tracing::warn!(peer = peer_text, "X-Forwarded-For is ignored: its sender is not in trusted_proxies");
            return Caller::new(peer);
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
        Caller::new(nearest)
    }

    /// The caller behind a request.
    pub(super) fn caller_of(&self, request: &Request) -> Caller {
        self.caller(peer(request), request.headers())
    }
}

/// An address with or without a port, an IPv6 one with or without brackets.
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

    fn caller(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let trusted = trusted.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let headers = forwarded.iter().map(|value| (FORWARDED_FOR.parse().unwrap(), value.parse().unwrap())).collect();
        let trusted = ProxySettings::try_from(trusted).unwrap();
        trusted.caller(peer.parse().unwrap(), &headers).address().to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_listed_proxy() {
        assert_eq!(caller(&[], "10.0.0.1", &["203.0.113.7"]), "10.0.0.1");
        assert_eq!(caller(&["10.0.0.0/8"], "192.0.2.1", &["203.0.113.7"]), "192.0.2.1");
        assert_eq!(caller(&["10.0.0.0/8"], "10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(caller(&["::1"], "::1", &["2001:db8::7"]), "2001:db8::7");
    }

    #[test]
    fn what_a_client_writes_before_the_proxy_is_hearsay() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(caller(&trusted, "10.0.0.1", &["1.1.1.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(caller(&trusted, "10.0.0.1", &["1.1.1.1", "203.0.113.7, 10.0.0.2"]), "203.0.113.7");
        assert_eq!(caller(&trusted, "10.0.0.1", &["203.0.113.7, nonsense"]), "10.0.0.1");
    }

    #[test]
    fn an_address_may_come_with_a_port_or_in_brackets() {
        let trusted = ["10.0.0.1"];
        assert_eq!(caller(&trusted, "10.0.0.1", &["203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!(caller(&trusted, "10.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(caller(&trusted, "10.0.0.1", &["[2001:db8::7]"]), "2001:db8::7");
    }
}
