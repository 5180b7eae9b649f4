//! What the pages for login, registration and a forgotten password ask first.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, types::Example};

use super::{
    Settings, Tag,
    operation::{Operation, Reply, Success},
};
use crate::account::Error;

pub(super) struct PagesApi;

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

#[OpenApi(prefix_path = "/users", tag = "Tag::Pages")]
impl PagesApi {
    /// 打开登录页
    ///
    /// 打开登录页时的首次请求,返回页面标题等信息。
    #[oai(path = "/login", method = "get", operation_id = "loginPage")]
    async fn login_page(&self, settings: Data<&Settings>) -> Reply<ShowPage> {
        Ok(Success::new(settings.0.into()))
    }

    /// 打开注册页
    ///
    /// 打开注册页时的首次请求,返回页面标题等信息。
    #[oai(path = "/register", method = "get", operation_id = "registerPage")]
    async fn register_page(&self, settings: Data<&Settings>) -> Reply<ShowPage> {
        Ok(Success::new(settings.0.into()))
    }

    /// 打开找回密码页
    ///
    /// 打开找回密码页时的首次请求,返回页面标题等信息。
    #[oai(path = "/forget", method = "get", operation_id = "forgetPage")]
    async fn forget_page(&self, settings: Data<&Settings>) -> Reply<ShowPage> {
        Ok(Success::new(settings.0.into()))
    }
}
