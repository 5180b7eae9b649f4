//! What the READMEs show is what the tests run.

use std::fs;

#[test]
fn the_snippets_for_front_end_developers_are_the_examples_that_are_compiled_and_run() {
    for readme in ["README.md", "README.zh-CN.md"] {
        let text = read(readme);
        for example in ["mini-program.js", "uni-app.ts", "browser.ts"] {
            let code = read(&format!("openapi/sdk/examples/{example}"));
            assert!(text.contains(code.trim()), "{readme} lacks {example} as it is");
        }
    }
}

fn read(file: &str) -> String {
    fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).expect("a file of the project")
}
