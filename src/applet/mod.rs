//! The applet dialect: `/applet/login/...`, for mini programs.

mod context;
mod dialect;
mod failure;
mod fields;
mod login;
mod operation;
mod phone;
mod profile;
mod session;
mod settings;
mod tag;
mod token;
mod user_info;

use poem_openapi::OpenApi;

pub use self::{
    context::Context,
    settings::{HttpStatus, Settings},
};
use self::{dialect::Applet, login::LoginApi, phone::PhoneApi, profile::ProfileApi, session::SessionApi};
use crate::http::{Surface, render_error};

/// The description of the dialect in the spec.
pub const DESCRIPTION: &str = "\
小程序登录模块的API接口:登录、用户管理、token管理。

### 使用流程
1. 小程序调用`wx.login()`取得code,调用`wxLogin`登录,保存返回的token。
2. 用户点击手机号按钮后,把得到的code交给`bindPhoneNumber`(需要token)或`getPhoneNumber`。
3. token有效期内用`checkLogin`、`getUserInfo`、`updateUserInfo`;到期前(或到期后7天内)用`refreshToken`换取新的token。
4. 退出时调用`logout`。

### 约定
- POST接口同时接受`application/json`和`application/x-www-form-urlencoded`,字段名相同;在表单里,对象字段写成JSON文本。
- 返回值一律为`{success, message, code, result}`;失败时`result`为`null`,HTTP状态码与`code`相同(可配置为总是200)。
- token也可以放在请求头`Authorization: Bearer <token>`里。
- 请求体最大64 KiB。

### 错误码
| code | 说明 |
|---|---|
| 200 | 成功 |
| 400 | 请求参数错误 |
| 401 | 未授权/token无效 |
| 403 | 禁止访问 |
| 404 | 资源不存在 |
| 405 | 请求方法不支持(响应头`Allow`列出支持的方法) |
| 413 | 请求体过大 |
| 415 | 不支持的Content-Type |
| 429 | 请求过于频繁(响应头`Retry-After`给出等待秒数) |
| 500 | 服务器内部错误 |
| 503 | 服务或微信暂时不可用(响应头`Retry-After`给出等待秒数) |
";

/// The operations. They need a [`Context`] in the data of the request.
pub fn api() -> impl OpenApi + 'static {
    (LoginApi, PhoneApi, SessionApi, ProfileApi)
}

/// The dialect for the error layer.
pub fn surface(settings: &Settings) -> Surface {
    let always_ok = settings.http_status == HttpStatus::AlwaysOk;
    Surface { prefixes: &["/applet"], render_error: render_error::<Applet>, always_ok }
}
