//! What the pages for login, registration and a forgotten password ask first.

use poem_openapi::{Object, types::Example};

use super::{Settings, operation::Operation};
use crate::account::Error;

/// 页面信息
#[derive(Object)]
#[oai(rename = "MallPage", example)]
pub(super) struct Page {
    /// 网站标题
    title: String,
    /// 公司名称
    ctitle: String,
    /// 分隔样式
    split: i32,
}

impl From<&Settings> for Page {
    fn from(settings: &Settings) -> Self {
        Self { title: settings.title.clone(), ctitle: settings.ctitle.clone(), split: settings.split }
    }
}

impl Example for Page {
    fn example() -> Self {
        Self { title: "A3Mall B2B2C".to_owned(), ctitle: "沃生优购".to_owned(), split: 0 }
    }
}

pub(super) struct ShowPage;

impl Operation for ShowPage {
    const REPLY: &'static str = "MallPageReply";
    const MESSAGE: &'static str = "ok";
    const ERRORS: &'static [Error] = &[];
    const BAD_FIELD: Option<&'static str> = None;
    const HAS_BODY: bool = false;
    type Data = Page;

    fn example() -> Page {
        Example::example()
    }
}
