//! Decides whether what goes to a host stays on this machine.

use std::net::{IpAddr, Ipv4Addr};

/// Whether a host, as it stands in a URL, is this machine: a loopback address in any spelling, `localhost`, or a name below
/// it (RFC 6761 §6.3). Other names may resolve to any address.
///
/// This is the only place that decides it: the check of an endpoint, the bypass of a proxy and redirects depend on it.
pub fn is_this_machine(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if host == "localhost" || host.ends_with(".localhost") {
        return true;
    }
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = if address.contains(':') {
        address.parse().ok()
    } else {
        parse_ipv4(address).and_then(Result::ok).map(IpAddr::V4)
    };
    address.is_some_and(|address| address.to_canonical().is_loopback())
}

/// Parses an IPv4 address as URLs do (WHATWG URL §3.5): one to four numbers in decimal, octal or hexadecimal, the last of which
/// fills the rest. `None` for a name, an error for a host that ends in a number but is no address.
pub fn parse_ipv4(host: &str) -> Option<Result<Ipv4Addr, ()>> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next()?;
    let is_decimal = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    if !is_decimal && parse_number(last).is_none() {
        return None;
    }
    let numbers: Option<Vec<u64>> = host.split('.').map(parse_number).collect();
    Some(numbers.and_then(|numbers| join(&numbers)).ok_or(()))
}

fn join(numbers: &[u64]) -> Option<Ipv4Addr> {
    let (last, first) = numbers.split_last()?;
    let rest = 4_usize.checked_sub(first.len()).filter(|rest| *rest > 0)?;
    let is_valid =
        first.iter().all(|number| *number < 256) && *last < 256_u64.pow(u32::try_from(rest).ok()?);
    let high = first
        .iter()
        .zip([24, 16, 8])
        .map(|(number, shift)| number << shift);
    let address = high.sum::<u64>() + last;
    is_valid.then(|| u32::try_from(address).ok().map(Ipv4Addr::from))?
}

/// A number in decimal, in octal after a 0, or in hexadecimal after 0x.
fn parse_number(text: &str) -> Option<u64> {
    let (radix, digits) = match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some("") => return Some(0),
        Some(digits) => (16, digits),
        None if text.len() > 1 && text.starts_with('0') => (8, text),
        None => (10, text),
    };
    let is_digits = digits.chars().all(|char| char.is_digit(radix));
    u64::from_str_radix(digits, radix)
        .ok()
        .filter(|_| is_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_this_machine_is_known() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "td.localhost",
            "a.b.localhost",
            "127.0.0.1",
            "127.0.0.2",
            "127.255.255.254",
            "127.0.0.1.",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0X7F.1",
            "0177.0.0.1",
            "017700000001",
            "[::1]",
            "::1",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:2]",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn no_other_host_is_this_machine() {
        for host in [
            "",
            ".",
            "td.example",
            "localhost.example",
            "notlocalhost",
            "127.0.0.1.example",
            "127.example",
            "128.0.0.1",
            "126.255.255.255",
            "1270.0.0.1",
            "127.0.0.256",
            "127.0.0.0.1",
            "127..1",
            "08.0.0.1",
            "0.0.0.0",
            "10.0.0.1",
            "[::]",
            "[::2]",
            "[::ffff:10.0.0.1]",
            "[::127.0.0.1]",
            "[fe80::1]",
            "18446744073709551616",
            "6425673729",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn a_host_that_ends_in_a_number_is_an_address_or_invalid() {
        assert_eq!(parse_ipv4("127.1"), Some(Ok(Ipv4Addr::LOCALHOST)));
        assert_eq!(parse_ipv4("td.example"), None);
        assert_eq!(parse_ipv4("a.0x1"), Some(Err(())));
        assert_eq!(parse_ipv4("1.2.3.999"), Some(Err(())));
    }
}
