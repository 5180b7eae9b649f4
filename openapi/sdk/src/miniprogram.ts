import { type MiniProgramApi, type MiniProgramPlatform, wxPlatform } from './mini-program.js'
import { assemble, type Passport, type PassportOptions } from './passport.js'

export * from './exports.js'
export { taroPlatform, uniPlatform, wxPlatform, type MiniProgramApi, type MiniProgramPlatform } from './mini-program.js'

declare const wx: MiniProgramApi

export interface MiniProgramOptions extends PassportOptions {
  /** 默认wxPlatform(wx);uni-app用uniPlatform(uni),Taro用taroPlatform(Taro)。 */
  platform?: MiniProgramPlatform
}

/** 小程序的客户端。 */
export function createPassport(options: MiniProgramOptions): Passport {
  const platform = options.platform || wxPlatform(wx)
  return assemble({ loginCode: platform.loginCode, ...options }, platform)
}
