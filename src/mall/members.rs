//! `login`, `register` and `forget`: the pages (GET) and the forms (POST). The framework wants all methods of one path in
//! one `impl`.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, types::Example};

use super::{
    context::Context,
    dialect::Mall,
    fields::{LoginName, MaybeSmsCodeText, NewPasswordText, PasswordText, SmsCodeText},
    mobile::Mobile,
    operation::{Reply, Success},
    pages::{MallPage, Page},
    profile::Profile,
    tag::Tag,
};
use crate::{
    account::{Error, NewCredentials, PlainPassword},
    http::{Body, Operation},
    types::ClientIp,
};

pub(super) struct MembersApi;

#[derive(Object)]
#[oai(example)]
struct MallLoginRequest {
    username: LoginName,
    password: PasswordText,
    #[oai(skip_serializing_if_is_none)]
    code: Option<MaybeSmsCodeText>,
}

impl Example for MallLoginRequest {
    fn example() -> Self {
        Self { username: Example::example(), password: Example::example(), code: None }
    }
}

struct MallLogin;

impl Operation<Mall> for MallLogin {
    const MESSAGE: &'static str = "登录成功";
    const ERRORS: &'static [Error] = &[
        Error::PasswordWrong,
        Error::TooManyPasswords { retry_after: 900 },
        Error::UserDisabled,
        Error::SmsCodeInvalid,
        Error::PasswordCommon,
        Error::PhoneRegistered,
        Error::Overloaded,
    ];
    const BAD_FIELD: Option<&'static str> = Some("密码不能为空");
    type Result = Profile;
}

/// 手机号、新密码,以及证明手机号属于本人的验证码
#[derive(Object)]
struct MallPasswordRequest {
    username: Mobile,
    password: NewPasswordText,
    code: SmsCodeText,
}

impl From<MallPasswordRequest> for NewCredentials {
    fn from(request: MallPasswordRequest) -> Self {
        Self { phone: request.username.0, password: request.password.0, code: request.code.0 }
    }
}

struct MallRegister;

impl Operation<Mall> for MallRegister {
    const MESSAGE: &'static str = "注册成功";
    const ERRORS: &'static [Error] =
        &[Error::SmsCodeInvalid, Error::PasswordCommon, Error::PhoneRegistered, Error::Overloaded];
    const BAD_FIELD: Option<&'static str> = Some("密码长度须为8到64个字符");
    type Result = Profile;
}

struct MallForget;

impl Operation<Mall> for MallForget {
    const MESSAGE: &'static str = "修改密码成功";
    const ERRORS: &'static [Error] =
        &[Error::SmsCodeInvalid, Error::PasswordCommon, Error::PhoneUnknown, Error::UserDisabled, Error::Overloaded];
    const BAD_FIELD: Option<&'static str> = Some("密码长度须为8到64个字符");
    type Result = Profile;
}

#[OpenApi(prefix_path = "/users")]
impl MembersApi {
    /// 打开登录页
    ///
    /// 打开登录页时的首次请求,返回页面标题等信息。
    #[oai(path = "/login", method = "get", operation_id = "loginPage", tag = "Tag::Pages")]
    async fn login_page(&self, context: Data<&Context>) -> Reply<MallPage> {
        Ok(Success::new(Page::from(&*context.settings)))
    }

    /// 打开注册页
    ///
    /// 打开注册页时的首次请求,返回页面标题等信息。
    #[oai(path = "/register", method = "get", operation_id = "registerPage", tag = "Tag::Pages")]
    async fn register_page(&self, context: Data<&Context>) -> Reply<MallPage> {
        Ok(Success::new(Page::from(&*context.settings)))
    }

    /// 打开找回密码页
    ///
    /// 打开找回密码页时的首次请求,返回页面标题等信息。
    #[oai(path = "/forget", method = "get", operation_id = "forgetPage", tag = "Tag::Pages")]
    async fn forget_page(&self, context: Data<&Context>) -> Reply<MallPage> {
        Ok(Success::new(Page::from(&*context.settings)))
    }

    /// 登录
    ///
    /// 用手机号和密码登录。带有不为空的code时是注册,与register相同(旧客户端的注册表单提交到这个地址)。
    /// 密码连续输错5次后,需要等待一段时间。
    #[oai(path = "/login", method = "post", operation_id = "login", tag = "Tag::Members")]
    async fn login(&self, context: Data<&Context>, client: ClientIp, body: Body<MallLoginRequest>) -> Reply<MallLogin> {
        let MallLoginRequest { username, password, code } = body.0;
        if let Some(code) = code.map(|code| code.0).filter(|code| !code.is_empty()) {
            let (phone, password) = (Mobile::parse(&username.0)?, NewPasswordText::parse(&password.0)?);
            let new = NewCredentials { phone, password, code: SmsCodeText::parse(&code)? };
            let login = context.account.register(&new, &context.policy, &client).await?;
            return Ok(Success::with_message(MallRegister::MESSAGE, context.profile_of(login).await));
        }
        let password = PlainPassword::new(password.0);
        let login = context.account.log_in_with_password(&username.0, &password, &context.policy, &client).await?;
        Ok(Success::new(context.profile_of(login).await))
    }

    /// 注册
    ///
    /// 用手机号、密码和短信验证码(send_sms,type为register)注册,成功后即已登录。
    #[oai(path = "/register", method = "post", operation_id = "register", tag = "Tag::Members")]
    async fn register(
        &self,
        context: Data<&Context>,
        client: ClientIp,
        body: Body<MallPasswordRequest>,
    ) -> Reply<MallRegister> {
        let login = context.account.register(&body.0.into(), &context.policy, &client).await?;
        Ok(Success::new(context.profile_of(login).await))
    }

    /// 找回密码
    ///
    /// 用短信验证码(send_sms,type为password)设置新密码。成功后所有设备退出登录,并返回新的token。
    #[oai(path = "/forget", method = "post", operation_id = "forget", tag = "Tag::Members")]
    async fn forget(
        &self,
        context: Data<&Context>,
        client: ClientIp,
        body: Body<MallPasswordRequest>,
    ) -> Reply<MallForget> {
        let login = context.account.reset_password(&body.0.into(), &context.policy, &client).await?;
        Ok(Success::new(context.profile_of(login).await))
    }
}
