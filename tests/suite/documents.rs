//! What the README and the manual show is what the tests run.

use std::fs;

use regex::Regex;
use serde_json::{Deserializer, Value};

use crate::program::{Passport, Service};

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// The first lines of the README: what is started by hand.
const BY_HAND: [&str; 2] = ["cargo run", "cargo xtask test"];

#[test]
fn the_snippets_for_front_end_developers_are_the_examples_that_are_compiled_and_run() {
    for (page, examples) in [
        ("README.md", &["mini-program.js"][..]),
        ("README.zh-CN.md", &["mini-program.js"]),
        ("docs/en/src/front-end.md", &["uni-app.ts", "browser.ts"]),
        ("docs/zh/src/front-end.md", &["uni-app.ts", "browser.ts"]),
    ] {
        let text = read(page);
        for example in examples {
            let code = read(&format!("openapi/sdk/examples/{example}"));
            assert!(text.contains(code.trim()), "{page} lacks {example} as it is");
        }
    }
}

#[tokio::test]
async fn the_lines_of_the_readme_start_the_service_and_log_in() {
    for page in READMES {
        let mut blocks = blocks(&read(page));
        let by_hand: Vec<_> = blocks.extract_if(.., |block| BY_HAND.contains(&block.lines.as_str())).collect();
        assert_eq!(by_hand.iter().map(|block| block.lines.as_str()).collect::<Vec<_>>(), BY_HAND, "{page}");
        run(page, &blocks).await;
    }
}

#[tokio::test]
async fn the_lines_of_the_applet_page_answer_as_it_shows() {
    for page in both("applet") {
        run(&page, &blocks(&read(&page))).await;
    }
}

#[tokio::test]
async fn the_lines_of_the_mall_page_answer_as_it_shows() {
    for page in both("mall") {
        run(&page, &blocks(&read(&page))).await;
    }
}

#[tokio::test]
async fn the_lines_of_the_sandbox_page_answer_as_it_shows() {
    for page in both("sandbox") {
        run(&page, &blocks(&read(&page))).await;
    }
}

#[tokio::test]
async fn the_lines_for_health_and_for_users_answer_as_the_page_shows() {
    for page in both("operations") {
        let blocks = blocks(&read(&page));
        // The others need a server's tools.
        let is_ours = |line: &str| line.starts_with("curl ") || line.starts_with("cargo run -- ");
        let ours: Vec<Block> = blocks.into_iter().filter(|block| block.lines.lines().all(is_ours)).collect();
        assert_eq!(ours.len(), 2, "{page}");
        let home = home();
        let service = home.start().await;
        // The user whom the lines are about.
        service.log_in_with("wx_login_code_here").await;
        run_beside(&service, &home, &page, &ours).await;
    }
}

/// The page in each language.
fn both(name: &str) -> [String; 2] {
    ["en", "zh"].map(|language| format!("docs/{language}/src/{name}.md"))
}

/// The lines of one code block for a shell, and what the page shows as their output.
struct Block {
    lines: String,
    output: Option<String>,
}

/// The blocks of a page in their order. Output is the block of JSON that follows a block for a shell.
fn blocks(text: &str) -> Vec<Block> {
    let fenced = Regex::new(r"(?ms)^ *```(\w+)\n(.*?)^ *```$").expect("a pattern");
    let mut blocks: Vec<Block> = Vec::new();
    for found in fenced.captures_iter(text) {
        let inside = found[2].trim().to_owned();
        match (&found[1], blocks.last_mut()) {
            ("sh", _) => blocks.push(Block { lines: inside, output: None }),
            ("json", Some(last)) => {
                assert_eq!(last.output.replace(inside), None, "two outputs of {}", last.lines);
            }
            _ => {}
        }
    }
    blocks
}

/// Runs the blocks in one shell beside a fresh service, and compares what they print with what the page shows.
async fn run(page: &str, blocks: &[Block]) {
    let home = home();
    run_beside(&home.start().await, &home, page, blocks).await;
}

/// Settings with which no line waits long: for a hash, or for a WeChat that does not answer.
fn home() -> Passport {
    Passport::new()
        .set("PASSPORT_WECHAT__DEADLINE", "1s")
        .set("PASSPORT_PASSWORD__MEMORY", "64")
        .set("PASSPORT_PASSWORD__ITERATIONS", "1")
}

async fn run_beside(service: &Service, home: &Passport, page: &str, blocks: &[Block]) {
    assert!(!blocks.is_empty(), "{page} has no line to run");
    let output = in_shell(home, service, &script(blocks)).await;
    for (block, printed) in blocks.iter().zip(output.split(SEPARATOR)) {
        let Some(shown) = &block.output else { continue };
        let [printed, shown] = [printed, shown].map(|text| {
            let values: Result<Vec<Value>, _> = Deserializer::from_str(text).into_iter().collect();
            values.unwrap_or_else(|error| panic!("{page}: {error} in the output of\n{}\n{text}", block.lines))
        });
        let same =
            shown.len() == printed.len() && shown.iter().zip(&printed).all(|(shown, printed)| alike(shown, printed));
        assert!(same, "{page}: {}\nshould print\n{shown:#?}\nand prints\n{printed:#?}", block.lines);
    }
}

/// Stands between the outputs of two blocks.
const SEPARATOR: &str = "\n-- next block\n";

fn script(blocks: &[Block]) -> String {
    let lines: Vec<&str> = blocks.iter().map(|block| block.lines.as_str()).collect();
    format!("set -e\n{}", lines.join(&format!("\nprintf '{}'\n", SEPARATOR.replace('\n', "\\n"))))
}

/// What the lines print, with the addresses of this service in place of the default ones.
async fn in_shell(home: &Passport, service: &Service, lines: &str) -> String {
    let lines = lines
        .replace("http://127.0.0.1:8080", &service.address)
        .replace("http://127.0.0.1:8081", service.sandbox_address())
        // A shell that starts the program knows it by this name.
        .replace("cargo run --", "\"$0\"");
    let finished = home.clone().started_by(&["sh", "-c", &lines]).run(&[]).await;
    assert!(finished.status.success(), "{lines}\n{finished:?}");
    finished.stdout
}

/// Whether an output differs from the shown one in nothing but what is another in each run: ids, times, tokens, codes.
fn alike(shown: &Value, printed: &Value) -> bool {
    match (shown, printed) {
        (Value::Object(shown), Value::Object(printed)) => {
            shown.keys().eq(printed.keys())
                && shown.iter().zip(printed.values()).all(|((name, shown), printed)| {
                    let varies = name == "id" || name == "sent_at";
                    varies && shown.is_number() && printed.is_number() || alike(shown, printed)
                })
        }
        (Value::Array(shown), Value::Array(printed)) => {
            shown.len() == printed.len() && shown.iter().zip(printed).all(|(shown, printed)| alike(shown, printed))
        }
        (Value::String(shown), Value::String(printed)) => shown == printed || shape(shown) == shape(printed),
        _ => shown == printed,
    }
}

/// A text with what differs from run to run by its kind: a JWT, hexadecimal digits, or a number.
fn shape(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, kind) in [(r"eyJ[\w.-]+", "<jwt>"), ("[0-9a-f]{32,}", "<hex>"), ("[0-9]+", "<number>")] {
        text = Regex::new(pattern).expect("a pattern").replace_all(&text, kind).into_owned();
    }
    text
}

fn read(file: &str) -> String {
    fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).expect("a file of the project")
}
