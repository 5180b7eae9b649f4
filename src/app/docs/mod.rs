//! `/docs`: Swagger UI in Chinese with every operation. It loads nothing from other hosts.

use std::net::SocketAddr;

use askama::Template;
use poem_openapi::OpenApiService;

use super::{openapi::combined_in_reading_order, static_file::StaticFile};

/// Only these files are loaded. Swagger UI needs `data:` for its icons and inline styles on its elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// The files of the page, by path. `sandbox` is the address of the sandbox, if it runs.
pub(super) fn files(sandbox: Option<SocketAddr>) -> [(&'static str, StaticFile); 8] {
    let page = || StaticFile::new(HTML, page(sandbox)).with_policy(POLICY);
    let (style, script) = swagger_ui();
    [
        ("/docs", page()),
        ("/docs/", page()),
        ("/docs/docs.css", StaticFile::new(CSS, include_str!("docs.css"))),
        ("/docs/docs.js", StaticFile::new(JS, include_str!("docs.js"))),
        ("/docs/swagger-ui.css", StaticFile::new(CSS, style)),
        ("/docs/swagger-ui.js", StaticFile::new(JS, script)),
        ("/docs/passport-sdk.mjs", StaticFile::new(JS, include_str!("../../../openapi/sdk/typescript/dist/index.mjs"))),
        (
            "/docs/passport-miniprogram.js",
            StaticFile::new(JS, include_str!("../../../openapi/sdk/miniprogram/miniprogram_dist/index.js")),
        ),
    ]
}

#[derive(Template)]
#[template(path = "app/docs/docs.html")]
struct Page<'a> {
    version: &'a str,
    sandbox: Option<SocketAddr>,
    spec: &'a str,
}

fn page(sandbox: Option<SocketAddr>) -> String {
    // Within HTML, JSON is safe when no tag can begin in it.
    let spec = combined_in_reading_order().replace('<', "\\u003c");
    let page = Page { version: env!("CARGO_PKG_VERSION"), sandbox, spec: &spec };
    page.render().expect("only a value's Display could fail, and the page shows texts and an address")
}

/// The style and the script of Swagger UI, extracted from the page that the framework makes of them.
fn swagger_ui() -> (String, String) {
    let page = OpenApiService::new((), "", "").swagger_ui_html();
    let within = |start: &str, end: &str| {
        let (_, rest) = page.split_once(start)?;
        rest.split_once(end).map(|(text, _)| text.to_owned())
    };
    within("<style charset=\"UTF-8\">", "</style>")
        .zip(within("<script charset=\"UTF-8\">", "</script>"))
        .expect("the framework's version fixes the page, and a test reads it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swagger_ui_is_extracted_from_the_page_of_the_framework() {
        let (style, script) = swagger_ui();
        assert!(style.starts_with(".swagger-ui") && !style.contains("<script"));
        assert!(script.contains("SwaggerUIBundle") && script.len() > 1_000_000 && !script.contains("dom_id: '#ui'"));
    }

    #[test]
    fn every_file_under_docs_that_the_page_names_is_served() {
        let served: Vec<&str> = files(None).iter().map(|(path, _)| *path).collect();
        let page = page(None);
        let named: Vec<&str> =
            page.split(['"']).filter(|text| text.starts_with("/docs/") && !text.contains(' ')).collect();
        assert!(named.contains(&"/docs/passport-sdk.mjs") && named.contains(&"/docs/passport-miniprogram.js"));
        for path in named {
            assert!(served.contains(&path), "{path}");
        }
    }

    #[test]
    fn the_page_holds_every_operation_and_links_to_the_sandbox_only_if_it_runs() {
        let page = page(Some(([127, 0, 0, 1], 8081).into()));
        assert!(page.contains("http://127.0.0.1:8081/") && !page.contains("{{"));
        let (_, rest) = page.split_once("id=\"spec\">").unwrap();
        let (json, _) = rest.split_once("</script>").unwrap();
        for spec in crate::app::openapi::specs() {
            let operations = |text: &str| text.matches("operationId").count();
            assert!(operations(json) >= operations(&spec.json), "{} has more", spec.name);
        }
        let document: serde_json::Value = serde_json::from_str(json).unwrap();
        let tags: Vec<_> =
            document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
        assert_eq!(tags[0], "小程序登录");
        assert!(
            tags[..3].iter().all(|tag| tag.starts_with("小程序"))
                && tags[3..].iter().all(|tag| tag.starts_with("商城") || *tag == "extension")
        );
        assert!(!super::page(None).contains("沙箱页面</a>"));
    }
}
