//! `getUserInfo` and `updateUserInfo`.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Query, types::Example};

use super::{
    Tag,
    fields::{Avatar, Bmi, Fat, Name, Token},
    operation::{Operation, Reply, Success},
    user_info::UserInfo,
};
use crate::{
    account::{Account, Error, ProfileChange},
    http::{Bearer, Body, BodyFields, Change, Optional},
};

pub(super) struct ProfileApi;

/// 要修改的用户信息:没有的字段不变,null清除(name不能为null);id、openid、phone可以原样带回,会被忽略
#[derive(Object)]
#[oai(rename = "UserInfoChange")]
struct UserInfoChange {
    name: Optional<Name>,
    avatar: Change<Avatar>,
    bmi: Change<Bmi>,
    fat: Change<Fat>,
}

#[derive(Object)]
#[oai(rename = "UpdateUserInfoRequest", rename_all = "camelCase", example)]
struct UpdateUserInfoRequest {
    token: Token,
    user_info: UserInfoChange,
}

impl BodyFields for UpdateUserInfoRequest {
    const OBJECTS: &'static [&'static str] = &["userInfo"];
}

impl Example for UpdateUserInfoRequest {
    fn example() -> Self {
        let user_info = UserInfoChange {
            name: Optional(Some(Name::example())),
            avatar: Change::Set(Avatar::example()),
            bmi: Change::Set(Bmi::example()),
            fat: Change::Set(Fat::example()),
        };
        Self { token: Token::example(), user_info }
    }
}

pub(super) struct GetUserInfo;

impl Operation for GetUserInfo {
    const REPLY: &'static str = "GetUserInfoReply";
    const MESSAGE: &'static str = "获取成功";
    const ERRORS: &'static [Error] = &[Error::TokenInvalid, Error::UserDisabled, Error::UserGone];
    const BAD_REQUEST: Option<&'static str> = None;
    type Result = UserInfo;

    fn example() -> UserInfo {
        Example::example()
    }
}

pub(super) struct UpdateUserInfo;

impl Operation for UpdateUserInfo {
    const REPLY: &'static str = "UpdateUserInfoReply";
    const MESSAGE: &'static str = "更新成功";
    const ERRORS: &'static [Error] = &[Error::TokenInvalid, Error::UserDisabled, Error::UserGone];
    const BAD_REQUEST: Option<&'static str> = Some("bmi须在5到100之间");
    type Result = String;

    fn example() -> String {
        Self::MESSAGE.to_owned()
    }
}

#[OpenApi(prefix_path = "/applet/login", tag = "Tag::Profile")]
impl ProfileApi {
    /// 获取用户信息
    ///
    /// 返回token所属用户的信息。
    #[oai(path = "/getUserInfo", method = "get", operation_id = "getUserInfo")]
    async fn get_user_info(
        &self,
        account: Data<&Account>,
        bearer: Bearer,
        /// 用户token
        token: Query<Token>,
    ) -> Reply<GetUserInfo> {
        Ok(Success(account.check(&token.0.or(bearer)).await?.into()))
    }

    /// 修改用户信息
    ///
    /// 只能修改name、avatar、bmi、fat。没有的字段保持不变,null表示清除(name除外)。
    #[oai(path = "/updateUserInfo", method = "post", operation_id = "updateUserInfo")]
    async fn update_user_info(
        &self,
        account: Data<&Account>,
        bearer: Bearer,
        body: Body<UpdateUserInfoRequest>,
    ) -> Reply<UpdateUserInfo> {
        let UpdateUserInfoRequest { token, user_info } = body.0;
        let change = ProfileChange {
            name: user_info.name.0.map(Name::into_string),
            avatar: user_info.avatar.into_option(Avatar::into_string),
            bmi: user_info.bmi.into_option(|bmi| bmi.get()),
            fat: user_info.fat.into_option(|fat| fat.get()),
        };
        account.change_profile(&token.or(bearer), change).await?;
        Ok(Success(UpdateUserInfo::MESSAGE.to_owned()))
    }
}
