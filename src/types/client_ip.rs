use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

/// Who is calling, as limits and security events know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIp {
    address: IpAddr,
}

impl ClientIp {
    pub fn new(address: IpAddr) -> Self {
        Self { address: address.to_canonical() }
    }

    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// What limits count: an IPv4 address as it is, an IPv6 address by its /64, since a provider
    /// hands a whole /64 to one customer.
    pub fn network(&self) -> Network {
        Network(match self.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

/// A network of one customer, as limits count it and accounts know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network(String);

impl Network {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> String {
        ClientIp::new(address.parse().expect("an address")).network().to_string()
    }

    #[test]
    fn limits_count_an_ipv6_caller_by_its_64() {
        assert_eq!(network("2001:db8:1:2:aaaa::1"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2:bbbb::9"), "2001:db8:1:2::/64");
        assert_ne!(network("2001:db8:1:3::1"), network("2001:db8:1:2::1"));
    }

    #[test]
    fn limits_count_an_ipv4_caller_by_its_address_however_it_is_written() {
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
    }
}
