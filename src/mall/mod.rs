//! The mall dialect: `/users/...` and `/wechat.auth/login`, for shops on the web and in mini programs.

mod authorized;
mod autologin;
mod context;
mod deferred;
mod dialect;
mod failure;
mod fields;
mod logout;
mod members;
mod mobile;
mod operation;
mod pages;
mod profile;
mod settings;
mod sms;
mod state_cookie;
mod tag;
mod wechat;
mod wechat_profile;

use poem_openapi::OpenApi;

use self::{
    autologin::AutologinApi, dialect::Mall, logout::LogoutApi, members::MembersApi, sms::SmsApi, wechat::WechatApi,
};
pub use self::{context::Context, settings::Settings};
use crate::http::{Surface, render_error};

/// The description of the dialect in the spec.
pub const DESCRIPTION: &str = "\
商城的登录和注册接口。

### 使用流程
1. 注册:`send_sms`(type为register)发送验证码,再调用`register`;返回值里的token就是登录状态。
2. 登录:`login`(手机号和密码),或公众号、小程序的`wechat.auth/login`。
3. 之后打开应用时调用`autologin`,把token放在请求头`Auth-Token`里,token的有效期随之延长。
4. 退出:`users/logout`,token放在请求头`Auth-Token`里。
5. 找回密码:`send_sms`(type为password)发送验证码,再调用`forget`;所有已登录的设备都会退出。

### 约定
- POST接口同时接受`application/json`和`application/x-www-form-urlencoded`,字段名相同。
- 成功返回`{code, msg, data}`;失败返回`{code, msg}`,没有data。HTTP状态码一般都是200,应以`code`判断:1成功,0失败;`autologin`成功为数字1000,失败为字符串\"-1002\",`users/logout`的失败也是。
- 标签为extension的接口是原文档之外的扩展,返回方式相同。
- 只有以下情况使用其他HTTP状态码:400请求体无法解析,404地址不存在,405请求方法不支持,413请求体超过64 KiB,415不支持的Content-Type,500服务器内部错误,503服务繁忙或暂时不可用(响应头`Retry-After`给出等待秒数)。返回体仍是`{code: 0, msg}`。
";

/// The operations. They need a [`Context`] in the data of the request.
pub fn api() -> impl OpenApi + 'static {
    (SmsApi, MembersApi, AutologinApi, LogoutApi, WechatApi)
}

/// The dialect for the error layer.
pub fn surface() -> Surface {
    Surface { prefixes: &["/users", "/wechat.auth"], render_error: render_error::<Mall>, always_ok: false }
}
