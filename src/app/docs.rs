//! `/docs`: Swagger UI with every operation, in Chinese, which needs nothing from elsewhere.

use std::net::SocketAddr;

use poem_openapi::OpenApiService;

use super::{contract::guide, packed::Packed};

/// Nothing is loaded from elsewhere, and no script runs but these files. Swagger UI shows icons that are data, and sets
/// styles on its elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// The files of the page, by path. `sandbox` is where the sandbox listens, if it does.
pub(super) fn files(sandbox: Option<SocketAddr>) -> [(&'static str, Packed); 8] {
    let page = || Packed::new(HTML, page(sandbox)).under(POLICY);
    let (style, script) = swagger_ui();
    [
        ("/docs", page()),
        ("/docs/", page()),
        ("/docs/docs.css", Packed::new(CSS, include_str!("docs/docs.css"))),
        ("/docs/docs.js", Packed::new(JS, include_str!("docs/docs.js"))),
        ("/docs/swagger-ui.css", Packed::new(CSS, style)),
        ("/docs/swagger-ui.js", Packed::new(JS, script)),
        ("/docs/passport-sdk.mjs", Packed::new(JS, include_str!("../../openapi/sdk/typescript/dist/index.mjs"))),
        (
            "/docs/passport-miniprogram.js",
            Packed::new(JS, include_str!("../../openapi/sdk/miniprogram/miniprogram_dist/index.js")),
        ),
    ]
}

fn page(sandbox: Option<SocketAddr>) -> String {
    let sandbox = sandbox.map_or_else(String::new, |address| {
        include_str!("docs/sandbox.html").replace("{{address}}", &format!("http://{address}/"))
    });
    // Within HTML, JSON is safe when no tag can begin in it.
    let guide = guide().replace('<', "\\u003c");
    include_str!("docs/docs.html")
        .replace("{{version}}", env!("CARGO_PKG_VERSION"))
        .replace("{{sandbox}}", sandbox.trim_end())
        .replace("{{guide}}", &guide)
}

/// The style and the script that the framework brings, taken out of the page that it makes of them.
fn swagger_ui() -> (String, String) {
    let page = OpenApiService::new((), "", "").swagger_ui_html();
    let within = |start: &str, end: &str| {
        let (_, rest) = page.split_once(start)?;
        rest.split_once(end).map(|(text, _)| text.to_owned())
    };
    within("<style charset=\"UTF-8\">", "</style>")
        .zip(within("<script charset=\"UTF-8\">", "</script>"))
        .expect("the page is fixed by the framework's version, and a test of ours reads it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swagger_ui_is_taken_whole_out_of_the_frameworks_page() {
        let (style, script) = swagger_ui();
        assert!(style.starts_with(".swagger-ui") && !style.contains("<script"));
        assert!(script.contains("SwaggerUIBundle") && script.len() > 1_000_000 && !script.contains("dom_id: '#ui'"));
    }

    #[test]
    fn whatever_the_page_names_under_docs_is_served_the_sdks_among_it() {
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
    fn the_page_holds_every_operation_and_leads_to_the_sandbox_only_where_there_is_one() {
        let page = page(Some(([127, 0, 0, 1], 8081).into()));
        assert!(page.contains("http://127.0.0.1:8081/") && !page.contains("{{"));
        let (_, rest) = page.split_once("id=\"guide\">").unwrap();
        let (json, _) = rest.split_once("</script>").unwrap();
        for spec in crate::app::specs() {
            let operations = |text: &str| text.matches("operationId").count();
            assert!(operations(json) >= operations(&spec.json), "{} has more", spec.name);
        }
        let document: serde_json::Value = serde_json::from_str(json).unwrap();
        let tags: Vec<_> =
            document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
        assert_eq!(tags[0], "小程序登录");
        assert!(
            tags[..3].iter().all(|tag| tag.starts_with("小程序"))
                && tags[3..].iter().all(|tag| tag.starts_with("商城"))
        );
        assert!(!super::page(None).contains("沙箱页面</a>"));
    }
}
