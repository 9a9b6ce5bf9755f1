//! Names what responded in place of Keycloak, such as a gateway.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, SERVER, VIA};

use crate::error::plain;
use crate::transport::server_message::{server_words, unspoken};

/// The longest part of a response that is shown.
const MOST: usize = 80;
/// How much of a page is searched for its title.
const SEARCHED: usize = 16 * 1024;

/// The meaning of the status, and what the response shows about its sender: `Forbidden (text/html, title
/// "Blocked", server "nginx")`.
pub(crate) fn stranger(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> String {
    format!("{} ({})", unspoken(status), sender(headers, body))
}

/// The content type of the response, the title of its page or its message, and its headers `Server` and `Via`. The rest
/// of the content is not shown.
pub(crate) fn sender(headers: &HeaderMap, body: &[u8]) -> String {
    let kind = match content_type(headers) {
        _ if body.is_empty() => "no content".to_owned(),
        Some(kind) => kind,
        None => "content of an unknown type".to_owned(),
    };
    let quoted = |what: &str, text: Option<String>| text.map(|text| format!("{what} `{text}`"));
    let message = server_words(body).map(|words| words.chars().take(MOST).collect());
    let parts = [
        Some(kind),
        quoted("title", title(body)),
        quoted("message", message),
        quoted("server", text(headers, SERVER)),
        quoted("via", text(headers, VIA)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Whether the response is a web page. Keycloak's responses to the requests of this library never are.
pub(crate) fn is_page(headers: &HeaderMap) -> bool {
    content_type(headers).is_some_and(|kind| kind.contains("html"))
}

/// Whether the response says that its content is JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    content_type(headers).is_some_and(|kind| kind == "application/json")
}

/// The content type in lower case, without its parameters.
fn content_type(headers: &HeaderMap) -> Option<String> {
    let kind = text(headers, CONTENT_TYPE)?;
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (!kind.is_empty()).then_some(kind)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    Some(plain(headers.get(name)?.to_str().ok()?, MOST))
}

/// The title of a web page.
fn title(body: &[u8]) -> Option<String> {
    let page = String::from_utf8_lossy(body.get(..SEARCHED).unwrap_or(body));
    // Positions in a text in ASCII lower case are the same as in the text itself.
    let lower = page.to_ascii_lowercase();
    let tag = lower.find("<title")?;
    let begin = tag + lower.get(tag..)?.find('>')? + 1;
    let length = lower.get(begin..)?.find("</title")?;
    let title = page.get(begin..begin + length)?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then(|| plain(&title, MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(headers: &[(&'static str, &'static str)], body: &str) -> String {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        stranger(StatusCode::FORBIDDEN, &headers.iter().map(header).collect(), body.as_bytes())
    }

    #[test]
    fn a_page_is_named_by_its_type_its_title_and_its_server() {
        let page =
            "<!doctype html><HTML><head><Title lang=en>\n  Access\n denied </TITLE></head><body>x</body>";
        let nginx = [("content-type", "text/html; charset=utf-8"), ("server", "nginx/1.27")];
        assert_eq!(shown(&nginx, page), "Forbidden (text/html, title `Access denied`, server `nginx/1.27`)");
        for broken in ["<title", "<title>", "<title>x", "<title></title>", "</title><title>"] {
            assert_eq!(shown(&nginx[..1], broken), "Forbidden (text/html)", "{broken}");
        }
    }

    #[test]
    fn what_is_no_page_is_named_by_its_type_and_its_message() {
        let json = [("content-type", "application/json")];
        assert_eq!(
            shown(&json, r#"{"error":"no route"}"#),
            "Forbidden (application/json, message `no route`)"
        );
        assert_eq!(shown(&json, r#"{"secret":"x"}"#), "Forbidden (application/json)");
        assert_eq!(shown(&[], "blocked"), "Forbidden (content of an unknown type)");
        assert_eq!(shown(&json, ""), "Forbidden (no content)");
    }

    #[test]
    fn what_is_shown_is_short_and_safe_for_a_terminal() {
        let long = format!("<title>\u{1b}[31m{}</title>", "ä".repeat(20_000));
        let shown = shown(&[("content-type", "text/html")], &long);
        assert_eq!(shown, "Forbidden (text/html)", "a title without an end in the part that is searched");
        let page = format!("<title>\u{1b}[31m{}</title>", "ä".repeat(200));
        let title = title(page.as_bytes()).unwrap();
        assert!(title.starts_with("\\u{1b}[31mä") && title.chars().count() < 100, "{title}");
    }
}
