//! `login`, `register` and `forget`: the forms, and the pages that ask for them. They share their addresses, and the
//! framework describes an address only where all its methods are declared in one place.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, types::Example};

use super::{
    Settings, Tag,
    fields::{LoginName, MaybeSmsCode, NewPassword, Password, SmsCode},
    operation::{Operation, Reply, Success},
    pages::ShowPage,
    profile::Profile,
};
use crate::{
    account::{Account, Error},
    http::{Body, BodyFields, From, Mobile},
    types::Secret,
};

pub(super) struct MembersApi;

#[derive(Object)]
#[oai(rename = "MallLoginRequest", example)]
struct LoginRequest {
    username: LoginName,
    password: Password,
    #[oai(skip_serializing_if_is_none)]
    code: Option<MaybeSmsCode>,
}

impl BodyFields for LoginRequest {}

impl Example for LoginRequest {
    fn example() -> Self {
        Self { username: LoginName::example(), password: Password::example(), code: None }
    }
}

/// 手机号、新密码,以及证明手机号属于本人的验证码
#[derive(Object)]
#[oai(rename = "MallPasswordRequest", example)]
struct NewPasswordRequest {
    username: Mobile,
    password: NewPassword,
    code: SmsCode,
}

impl BodyFields for NewPasswordRequest {}

impl Example for NewPasswordRequest {
    fn example() -> Self {
        Self { username: Mobile::example(), password: NewPassword::example(), code: SmsCode::example() }
    }
}

pub(super) struct Login;

impl Operation for Login {
    const REPLY: &'static str = "MallLoginReply";
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
    type Data = Profile;

    fn example() -> Profile {
        Example::example()
    }
}

pub(super) struct Register;

impl Operation for Register {
    const REPLY: &'static str = "MallRegisterReply";
    const MESSAGE: &'static str = "注册成功";
    const ERRORS: &'static [Error] =
        &[Error::SmsCodeInvalid, Error::PasswordCommon, Error::PhoneRegistered, Error::Overloaded];
    const BAD_FIELD: Option<&'static str> = Some("密码长度须为8到64个字符");
    type Data = Profile;

    fn example() -> Profile {
        Example::example()
    }
}

pub(super) struct Forget;

impl Operation for Forget {
    const REPLY: &'static str = "MallForgetReply";
    const MESSAGE: &'static str = "修改密码成功";
    const ERRORS: &'static [Error] =
        &[Error::SmsCodeInvalid, Error::PasswordCommon, Error::PhoneUnknown, Error::UserDisabled, Error::Overloaded];
    const BAD_FIELD: Option<&'static str> = Some("密码长度须为8到64个字符");
    type Data = Profile;

    fn example() -> Profile {
        Example::example()
    }
}

#[OpenApi(prefix_path = "/users")]
impl MembersApi {
    /// 打开登录页
    ///
    /// 打开登录页时的首次请求,返回页面标题等信息。
    #[oai(path = "/login", method = "get", operation_id = "loginPage", tag = "Tag::Pages")]
    async fn login_page(&self, settings: Data<&Settings>) -> Reply<ShowPage> {
        Ok(Success::new(settings.0.into()))
    }

    /// 打开注册页
    ///
    /// 打开注册页时的首次请求,返回页面标题等信息。
    #[oai(path = "/register", method = "get", operation_id = "registerPage", tag = "Tag::Pages")]
    async fn register_page(&self, settings: Data<&Settings>) -> Reply<ShowPage> {
        Ok(Success::new(settings.0.into()))
    }

    /// 打开找回密码页
    ///
    /// 打开找回密码页时的首次请求,返回页面标题等信息。
    #[oai(path = "/forget", method = "get", operation_id = "forgetPage", tag = "Tag::Pages")]
    async fn forget_page(&self, settings: Data<&Settings>) -> Reply<ShowPage> {
        Ok(Success::new(settings.0.into()))
    }

    /// 登录
    ///
    /// 用手机号和密码登录。带有不为空的code时是注册,与register相同(旧客户端的注册表单提交到这个地址)。
    /// 密码连续输错5次后,需要等待一段时间。
    #[oai(path = "/login", method = "post", operation_id = "login", tag = "Tag::Members")]
    async fn login(&self, account: Data<&Account>, caller: From, body: Body<LoginRequest>) -> Reply<Login> {
        let LoginRequest { username, password, code } = body.0;
        let code = code.map(MaybeSmsCode::into_string).filter(|code| !code.is_empty());
        if let Some(code) = code {
            let phone = Mobile::parse(username.as_str())?.0;
            let password = NewPassword::parse(password.as_str())?;
            let login = account.register(&phone, &secret(password), &Secret::new(code), &caller.0).await?;
            return Ok(Success::saying(Register::MESSAGE, login.into()));
        }
        let password = Secret::new(password.into_string());
        let login = account.log_in_with_password(username.as_str(), &password, &caller.0).await?;
        Ok(Success::new(login.into()))
    }

    /// 注册
    ///
    /// 用手机号、密码和短信验证码(send_sms,type为register)注册,成功后即已登录。
    #[oai(path = "/register", method = "post", operation_id = "register", tag = "Tag::Members")]
    async fn register(&self, account: Data<&Account>, caller: From, body: Body<NewPasswordRequest>) -> Reply<Register> {
        let NewPasswordRequest { username, password, code } = body.0;
        let code = Secret::new(code.into_string());
        let login = account.register(&username.0, &secret(password), &code, &caller.0).await?;
        Ok(Success::new(login.into()))
    }

    /// 找回密码
    ///
    /// 用短信验证码(send_sms,type为password)设置新密码。成功后所有设备退出登录,并返回新的token。
    #[oai(path = "/forget", method = "post", operation_id = "forget", tag = "Tag::Members")]
    async fn forget(&self, account: Data<&Account>, caller: From, body: Body<NewPasswordRequest>) -> Reply<Forget> {
        let NewPasswordRequest { username, password, code } = body.0;
        let code = Secret::new(code.into_string());
        let login = account.reset_password(&username.0, &secret(password), &code, &caller.0).await?;
        Ok(Success::new(login.into()))
    }
}

fn secret(password: NewPassword) -> Secret {
    Secret::new(password.into_string())
}
