//! `getUserInfo` and `updateUserInfo`.

use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::Query,
    types::{MaybeUndefined, ParseError, ParseFromJSON, ParseResult},
};
use serde_json::Value;

use super::{
    context::Context,
    dialect::Applet,
    fields::{Avatar, Bmi, Fat, Name},
    operation::{Reply, Success, TOKEN_ERRORS, TextResult},
    tag::Tag,
    token::{Bearer, Token},
    user_info::UserInfo,
};
use crate::{
    account::{Error, ProfileChange},
    http::{Body, Field, Kind, ObjectFields, Operation},
};

pub(super) struct ProfileApi;

struct GetUserInfo;

impl Operation<Applet> for GetUserInfo {
    const MESSAGE: &'static str = "获取成功";
    const ERRORS: &'static [Error] = TOKEN_ERRORS;
    const HAS_BODY: bool = false;
    type Result = UserInfo;
}

#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct UpdateUserInfoRequest {
    token: Token,
    user_info: UserInfoChange,
}

struct UserInfoField;

impl ObjectFields for UserInfoField {
    const NAMES: &'static [&'static str] = &["userInfo"];
}

/// 要修改的用户信息:没有的字段不变,null清除(name不能为null);id、openid、phone可以原样带回,会被忽略
#[derive(Object)]
struct UserInfoChange {
    #[oai(deserialize_with = "not_null")]
    name: Option<Name>,
    #[oai(nullable)]
    avatar: MaybeUndefined<Avatar>,
    #[oai(nullable)]
    bmi: MaybeUndefined<Bmi>,
    #[oai(nullable)]
    fat: MaybeUndefined<Fat>,
}

/// Parses a field that may be absent, but not `null`.
fn not_null<T: ParseFromJSON>(value: Option<Value>) -> ParseResult<Option<T>> {
    value.map(|value| T::parse_from_json(Some(value)).map_err(ParseError::propagate)).transpose()
}

/// `None` keeps the stored value, `Some(None)` clears it.
fn change<K: Kind>(field: MaybeUndefined<Field<K>>) -> Option<Option<K::Value>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(new) => Some(Some(new.0)),
    }
}

struct UpdateUserInfo;

impl Operation<Applet> for UpdateUserInfo {
    const MESSAGE: &'static str = "更新成功";
    const ERRORS: &'static [Error] = TOKEN_ERRORS;
    const BAD_FIELD: Option<&'static str> = Some("bmi须在5到100之间");
    type Result = TextResult;
}

#[OpenApi(prefix_path = "/applet/login", tag = "Tag::Profile")]
impl ProfileApi {
    /// 获取用户信息
    ///
    /// 返回token所属用户的信息。
    #[oai(path = "/getUserInfo", method = "get", operation_id = "getUserInfo")]
    async fn get_user_info(
        &self,
        context: Data<&Context>,
        bearer: Bearer,
        /// 用户token
        token: Query<Token>,
    ) -> Reply<GetUserInfo> {
        Ok(Success::new(context.account.authenticate(&token.0.or(bearer), &context.policy).await?.into()))
    }

    /// 修改用户信息
    ///
    /// 只能修改name、avatar、bmi、fat。没有的字段保持不变,null表示清除(name除外)。
    #[oai(path = "/updateUserInfo", method = "post", operation_id = "updateUserInfo")]
    async fn update_user_info(
        &self,
        context: Data<&Context>,
        bearer: Bearer,
        body: Body<UpdateUserInfoRequest, UserInfoField>,
    ) -> Reply<UpdateUserInfo> {
        let UpdateUserInfoRequest { token, user_info } = body.0;
        let change = ProfileChange {
            name: user_info.name.map(|name| name.0),
            avatar: change(user_info.avatar),
            bmi: change(user_info.bmi),
            fat: change(user_info.fat),
            ..ProfileChange::default()
        };
        context.account.update_profile(&token.or(bearer), &context.policy, change).await?;
        Ok(Success::done())
    }
}
