use std::fs;

use super::{errors::ConfigErrors, settings::Config};
use crate::types::Secret;

impl Config {
    /// Reads each secret that is given as a file. Afterwards every secret is given by value and every path is empty.
    pub(super) fn read_secret_files(&mut self) -> Result<(), ConfigErrors> {
        let (mini, official) = (&mut self.wechat.mini, &mut self.wechat.official);
        let (aliyun, tencent) = (&mut self.sms.aliyun, &mut self.sms.tencent);
        for (name, secret, file) in [
            ("secret_key", &mut self.secret_key, &mut self.secret_key_file),
            ("wechat.mini.secret", &mut mini.secret, &mut mini.secret_file),
            ("wechat.official.secret", &mut official.secret, &mut official.secret_file),
            ("sms.aliyun.access_key_secret", &mut aliyun.access_key_secret, &mut aliyun.access_key_secret_file),
            ("sms.tencent.secret_key", &mut tencent.secret_key, &mut tencent.secret_key_file),
        ] {
            if file.is_empty() {
                continue;
            }
            if !secret.is_empty() {
                return Err(format!("{name} and {name}_file are both set: give one of them").into());
            }
            let text =
                fs::read_to_string(&*file).map_err(|error| format!("{name}_file: {file} cannot be read: {error}"))?;
            if text.trim().is_empty() {
                return Err(format!("{name}_file: {file} is empty").into());
            }
            *secret = Secret::new(text.trim());
            file.clear();
        }
        Ok(())
    }
}
