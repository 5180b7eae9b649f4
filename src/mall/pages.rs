//! The data of the pages for login, registration and password reset.

use poem_openapi::{Object, types::Example};

use super::{dialect::Mall, settings::Settings};
use crate::{account::Error, http::Operation};

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

pub(super) struct MallPage;

impl Operation<Mall> for MallPage {
    const MESSAGE: &'static str = "ok";
    const ERRORS: &'static [Error] = &[];
    const HAS_BODY: bool = false;
    type Result = Page;
}
