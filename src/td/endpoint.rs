//! Endpoints: TD's sites, or any other host that serves its API.

use std::fmt;
use std::net::Ipv6Addr;

use petit_text::quoted;

use super::this_machine::{is_this_machine, parse_ipv4};
use crate::{Error, Result};

/// TD's sites: their names, the first of which is the canonical one, and their API hosts.
const SITES: [(&[&str], &str); 5] = [
    (&["aws", "us", "us01"], "api.treasuredata.com"),
    (
        &["aws-tokyo", "tokyo", "jp", "jp01", "ap01"],
        "api.treasuredata.co.jp",
    ),
    (&["eu01", "eu"], "api.eu01.treasuredata.com"),
    (&["ap02"], "api.ap02.treasuredata.com"),
    (&["ap03"], "api.ap03.treasuredata.com"),
];

/// Labels of TD's hosts at each site: API, imports, Trino, workflows.
const ROLES: [&str; 4] = ["api", "api-import", "api-presto", "api-workflow"];

/// The hosts of all sites that clients call.
pub fn known_hosts() -> Vec<String> {
    let domains = SITES
        .iter()
        .filter_map(|(_, host)| host.strip_prefix("api."));
    domains
        .flat_map(|domain| ROLES.iter().map(move |role| format!("{role}.{domain}")))
        .collect()
}

/// The base URL of a TD API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: &'static str,
    host: String,
    port: Option<u16>,
    prefix: String,
}

impl Endpoint {
    /// The endpoint of a site, by any of its names.
    ///
    /// # Errors
    /// [`Error::Account`] for an unknown site.
    pub fn from_site(name: &str) -> Result<Self> {
        let host = site_host(name).ok_or_else(|| {
            let known: Vec<_> = SITES
                .iter()
                .filter_map(|(names, _)| names.first())
                .copied()
                .collect();
            Error::Account {
                code: "bad_endpoint",
                reason: format!(
                    "unknown site {}: expected one of {}",
                    quoted(name),
                    known.join(", ")
                ),
            }
        })?;
        Ok(Self {
            scheme: "https",
            host: host.into(),
            port: None,
            prefix: String::new(),
        })
    }

    /// Parses a base URL (`http://127.0.0.1:8008/td/`), a host (`api.treasuredata.com`, with https), or the name of a site
    /// (`eu01`).
    ///
    /// # Errors
    /// [`Error::Account`] for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |why: &str| Error::Account {
            code: "bad_endpoint",
            reason: format!(
                "invalid endpoint {}: {why}. Example: https://api.treasuredata.com",
                quoted(without_credentials(text))
            ),
        };
        let text = text.trim();
        if site_host(text).is_some() {
            return Self::from_site(text);
        }
        let (scheme, rest) = match text.split_once("://") {
            None => ("https", text),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => ("http", rest),
            Some(_) => return Err(refuse("only https and http are supported")),
        };
        let (authority, path) =
            rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(refuse("it must not have a user name or a password"));
        }
        let prefix = path.trim_end_matches('/');
        if !prefix.split('/').skip(1).all(is_valid_segment)
            || !prefix.is_empty() && !prefix.starts_with('/')
        {
            return Err(refuse("the path after the host is invalid"));
        }
        let (host, port) =
            host_and_port(authority).ok_or_else(|| refuse("the host name is invalid"))?;
        let default = if scheme == "https" { 443 } else { 80 };
        Ok(Self {
            scheme,
            host,
            port: port.filter(|port| *port != default),
            prefix: prefix.into(),
        })
    }

    /// Rejects plain HTTP, which exposes the key and the data to the network, except within this machine.
    ///
    /// # Errors
    /// [`Error::Account`], unless plain HTTP is `allowed`.
    pub fn check_plain_http(&self, allowed: bool) -> Result<()> {
        if allowed || self.scheme == "https" || is_this_machine(&self.host) {
            return Ok(());
        }
        Err(Error::Account {
            code: "insecure_endpoint",
            reason: format!(
                "endpoint {}: the API key would be sent over plain HTTP, where others can read it",
                quoted(&self.to_string())
            ),
        })
    }

    /// The URL of a request target such as `/v3/…`.
    pub fn url(&self, target: &str) -> String {
        format!("{self}{target}")
    }

    /// Host and port; `None` if the endpoint has a path.
    pub fn authority(&self) -> Option<String> {
        let port = self.port.map(|port| format!(":{port}"));
        self.prefix
            .is_empty()
            .then(|| format!("{}{}", self.host, port.unwrap_or_default()))
    }

    /// The canonical name of the site at this endpoint, if it is one: `aws`, `aws-tokyo`, `eu01`, `ap02`, `ap03`.
    pub fn site(&self) -> Option<&'static str> {
        let (names, _) = SITES.iter().find(|(_, host)| *host == self.host)?;
        names.first().copied()
    }

    /// The endpoint of the workflow service of the same site: `api-workflow` for `api`, `api-staging-workflow` for
    /// `api-staging`. Other endpoints, including workflow hosts, are unchanged.
    pub fn workflow(&self) -> Self {
        let mut endpoint = self.clone();
        if let Some((label, rest)) = split_api_host(&self.host)
            && !label.ends_with("-workflow")
        {
            endpoint.host = format!("{label}-workflow.{rest}");
        }
        endpoint
    }

    /// The page of an attempt in TD's console, for endpoints with a console.
    pub fn attempt_url(&self, workflow: &str, session: &str, attempt: &str) -> Option<String> {
        let console = console_host(&self.host)?;
        let [workflow, session, attempt] =
            [workflow, session, attempt].map(super::encode::path_segment);
        Some(format!(
            "https://{console}/app/workflows/{}/sessions/{}/attempt/{}",
            workflow?, session?, attempt?
        ))
    }

    /// The page of a job in TD's console, for endpoints with a console.
    pub fn job_url(&self, job: &str) -> Option<String> {
        let console = console_host(&self.host)?;
        let job = super::encode::path_segment(job)?;
        Some(format!("https://{console}/app/jobs/{job}"))
    }

    /// A hint for a key that a site rejects: it may belong to another site. petit does not try the other sites, because that
    /// would send the key to them.
    pub fn site_hint(&self) -> Option<String> {
        let site = self.site()?;
        let others: Vec<_> = SITES
            .iter()
            .filter_map(|(names, host)| Some((names.first()?, console_host(host)?)))
            .filter(|(other, _)| **other != site)
            .map(|(other, console)| format!("{other} ({console})"))
            .collect();
        Some(format!(
            "A key is valid only at the site of its account, and this site is {site}. The address of the account's console \
             shows its site; the others are {}.",
            others.join(", ")
        ))
    }

    /// Whether both are the same service. The scheme is ignored.
    pub fn is_same_service(&self, other: &Self) -> bool {
        (self.canonical_host(), self.port, &self.prefix)
            == (other.canonical_host(), other.port, &other.prefix)
    }

    fn canonical_host(&self) -> &str {
        match self.host.as_str() {
            "127.0.0.1" | "[::1]" => "localhost",
            host => host,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.prefix)
    }
}

/// Splits a host of TD's API or workflow service into its first label and the rest.
fn split_api_host(host: &str) -> Option<(&str, &str)> {
    let (label, rest) = host.split_once('.')?;
    let is_api = label == "api" || label.starts_with("api-");
    (is_api && rest.contains("treasuredata.")).then_some((label, rest))
}

/// The console's host at the same site: `console` for `api`, `console-staging` for `api-staging`.
fn console_host(host: &str) -> Option<String> {
    let (label, rest) = split_api_host(host)?;
    let stage = label
        .strip_suffix("-workflow")
        .unwrap_or(label)
        .trim_start_matches("api");
    Some(format!("console{stage}.{rest}"))
}

fn site_host(name: &str) -> Option<&'static str> {
    let name = name.trim().to_ascii_lowercase();
    SITES
        .iter()
        .find(|(names, _)| names.contains(&name.as_str()))
        .map(|(_, host)| *host)
}

/// Removes what precedes an `@`, which may be a password.
fn without_credentials(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, rest)| rest)
}

fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (inside, port) = rest.split_once(']')?;
            let address: Ipv6Addr = inside.parse().ok()?;
            (
                format!("[{address}]"),
                port.strip_prefix(':').or((port.is_empty()).then_some(""))?,
            )
        }
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
            host.split('.').all(is_label).then_some(())?;
            // A URL may spell an address in several ways.
            let address = parse_ipv4(&host).transpose().ok()?;
            (address.map_or(host, |address| address.to_string()), port)
        }
    };
    if port.is_empty() {
        let port_left_out = authority.ends_with(':');
        return (!port_left_out).then_some((host, None));
    }
    let port = port
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| port.parse().ok())??;
    (port != 0).then_some((host, Some(port)))
}

fn is_label(label: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !label.is_empty() && label.bytes().all(is_plain)
}

fn is_valid_segment(part: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    !matches!(part, "" | "." | "..") && part.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_site_leads_to_its_host() {
        let cases = [
            ("aws us us01 US01", "https://api.treasuredata.com", "aws"),
            (
                "aws-tokyo tokyo jp jp01 ap01",
                "https://api.treasuredata.co.jp",
                "aws-tokyo",
            ),
            ("eu01 eu", "https://api.eu01.treasuredata.com", "eu01"),
            ("ap02", "https://api.ap02.treasuredata.com", "ap02"),
            ("ap03", "https://api.ap03.treasuredata.com", "ap03"),
        ];
        for (names, url, site) in cases {
            for name in names.split(' ') {
                let endpoint = Endpoint::from_site(name).unwrap();
                assert_eq!(endpoint.to_string(), url, "{name}");
                assert_eq!(endpoint.site(), Some(site), "{name}");
                assert_eq!(Endpoint::parse(url).unwrap(), endpoint);
            }
        }
        let error = Endpoint::from_site("mars").unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown site \"mars\": expected one of aws, aws-tokyo, eu01, ap02, ap03"
        );
    }

    #[test]
    fn hosts_and_urls_are_read() {
        let cases = [
            ("api.treasuredata.com", "https://api.treasuredata.com"),
            ("Tokyo", "https://api.treasuredata.co.jp"),
            (" API.TreasureData.com/ ", "https://api.treasuredata.com"),
            ("api.treasuredata.com.", "https://api.treasuredata.com"),
            (
                "https://api.treasuredata.com///",
                "https://api.treasuredata.com",
            ),
            (
                "HTTPS://api.treasuredata.com:443",
                "https://api.treasuredata.com",
            ),
            ("http://127.0.0.1:8008", "http://127.0.0.1:8008"),
            ("http://localhost:80/", "http://localhost"),
            ("localhost:8008", "https://localhost:8008"),
            ("http://2130706433:9", "http://127.0.0.1:9"),
            ("http://0x7f.1", "http://127.0.0.1"),
            ("http://[::1]:9", "http://[::1]:9"),
            ("http://[::1]", "http://[::1]"),
            (
                "https://relay.example/td/eu-1/",
                "https://relay.example/td/eu-1",
            ),
        ];
        for (text, url) in cases {
            assert_eq!(Endpoint::parse(text).unwrap().to_string(), url, "{text}");
        }
        let endpoint = Endpoint::parse("http://h:1/x/").unwrap();
        assert_eq!(
            endpoint.url("/v3/database/list"),
            "http://h:1/x/v3/database/list"
        );
    }

    #[test]
    fn invalid_endpoints_are_rejected() {
        let cases = [
            ("", "the host name is invalid"),
            ("https://", "the host name is invalid"),
            ("ftp://api.treasuredata.com", "only https and http"),
            ("https:/api.treasuredata.com", "the host name is invalid"),
            ("a b", "the host name is invalid"),
            ("a..b", "the host name is invalid"),
            ("h:", "the host name is invalid"),
            ("h:0", "the host name is invalid"),
            ("h:65536", "the host name is invalid"),
            ("h:+1", "the host name is invalid"),
            ("127.0.0.256", "the host name is invalid"),
            ("td.0x1", "the host name is invalid"),
            ("[::1", "the host name is invalid"),
            ("[zz]", "the host name is invalid"),
            ("[::1]x", "the host name is invalid"),
            ("[::1]:", "the host name is invalid"),
            ("日本.example", "the host name is invalid"),
            ("h\u{202E}", "the host name is invalid"),
            ("h\\x", "path after the host"),
            ("h?x=1", "path after the host"),
            ("h/#x", "path after the host"),
            ("h/../v3", "path after the host"),
            ("h//x", "path after the host"),
            ("h/a%2e", "path after the host"),
            ("user:pass@h", "user name or a password"),
        ];
        for (text, why) in cases {
            let error = Endpoint::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
            assert!(!error.contains("pass@"), "{error}");
        }
    }

    #[test]
    fn the_hosts_of_every_site_are_known() {
        let hosts = known_hosts();
        assert_eq!(hosts.len(), 20);
        for host in [
            "api.treasuredata.com",
            "api-workflow.treasuredata.co.jp",
            "api-import.eu01.treasuredata.com",
            "api-presto.ap03.treasuredata.com",
        ] {
            assert!(hosts.iter().any(|known| known == host), "{host}");
        }
    }

    #[test]
    fn workflows_have_a_host_of_their_own() {
        let workflow = |text: &str| Endpoint::parse(text).unwrap().workflow().to_string();
        for (api, host) in [
            ("aws", "https://api-workflow.treasuredata.com"),
            ("aws-tokyo", "https://api-workflow.treasuredata.co.jp"),
            ("eu01", "https://api-workflow.eu01.treasuredata.com"),
            (
                "api-staging.treasuredata.com",
                "https://api-staging-workflow.treasuredata.com",
            ),
            (
                "api-workflow.treasuredata.co.jp",
                "https://api-workflow.treasuredata.co.jp",
            ),
            ("http://127.0.0.1:8008", "http://127.0.0.1:8008"),
            ("api.example.com", "https://api.example.com"),
        ] {
            assert_eq!(workflow(api), host);
        }
        let page = |text: &str| Endpoint::parse(text).unwrap().attempt_url("1", "2", "3");
        for (host, console) in [
            ("api-workflow.treasuredata.com", "console.treasuredata.com"),
            ("eu01", "console.eu01.treasuredata.com"),
            (
                "api-development-workflow.treasuredata.com",
                "console-development.treasuredata.com",
            ),
        ] {
            let url = format!("https://{console}/app/workflows/1/sessions/2/attempt/3");
            assert_eq!(page(host), Some(url));
        }
        assert_eq!(page("http://127.0.0.1:8008"), None);
        let job = |text: &str| Endpoint::parse(text).unwrap().job_url("12");
        let url = "https://console.eu01.treasuredata.com/app/jobs/12";
        assert_eq!(job("eu01").as_deref(), Some(url));
        assert_eq!(job("http://127.0.0.1:8008"), None);
    }

    #[test]
    fn a_rejected_key_has_a_hint_to_the_other_sites() {
        let hint = |text: &str| Endpoint::parse(text).unwrap().site_hint();
        assert_eq!(
            hint("eu01").as_deref(),
            Some(
                "A key is valid only at the site of its account, and this site is eu01. The address of the account's console \
                 shows its site; the others are aws (console.treasuredata.com), aws-tokyo \
                 (console.treasuredata.co.jp), ap02 (console.ap02.treasuredata.com), ap03 \
                 (console.ap03.treasuredata.com)."
            )
        );
        assert_eq!(hint("http://127.0.0.1:8008"), None);
    }

    #[test]
    fn the_same_service_is_known_by_any_spelling() {
        let same = |a: &str, b: &str| {
            let (a, b) = (Endpoint::parse(a).unwrap(), Endpoint::parse(b).unwrap());
            a.is_same_service(&b)
        };
        assert!(same("api.treasuredata.com", "http://API.treasuredata.com/"));
        assert!(same("http://127.0.0.1:1", "http://localhost:1"));
        assert!(!same("http://127.0.0.1:1", "http://127.0.0.1:2"));
        assert!(!same("h/a", "h/b"));
        assert!(!same("api.treasuredata.com", "api.eu01.treasuredata.com"));
    }

    #[test]
    fn plain_http_is_for_this_computer_only() {
        let check = |url: &str, allowed| Endpoint::parse(url).unwrap().check_plain_http(allowed);
        for url in [
            "https://td.example",
            "td.example",
            "aws",
            "http://localhost:8008",
            "http://LOCALHOST",
            "http://127.0.0.1:1/td",
            "http://127.9.9.9",
            "http://127.1",
            "http://td.localhost:8008",
            "http://[::ffff:127.0.0.1]",
            "http://[::1]:80",
        ] {
            assert_eq!(check(url, false), Ok(()), "{url}");
        }
        for url in [
            "http://td.example",
            "http://localhost.td.example",
            "http://127.0.0.1.td.example",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://[::]",
            "http://[::ffff:10.0.0.1]",
        ] {
            let error = check(url, false).unwrap_err();
            assert_eq!(error.code(), "insecure_endpoint", "{url}");
            assert_eq!(check(url, true), Ok(()), "{url}");
        }
    }
}
