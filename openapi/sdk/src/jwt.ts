const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** How long the token lives from its issue to its end, in milliseconds; `Infinity` when it does not say. */
export function lifeOf(token: string): number {
  try {
    const claims = JSON.parse(decoded(token.split('.')[1] || ''))
    const life = (claims.exp - claims.iat) * 1000
    return life >= 0 ? life : Infinity
  } catch {
    return Infinity
  }
}

/** Base64url; mini programs have no `atob`. The times are ASCII, so bytes will do for characters. */
function decoded(text: string): string {
  let bytes = ''
  let bits = 0
  let held = 0
  for (const digit of text) {
    held = ((held << 6) | DIGITS.indexOf(digit)) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes += String.fromCharCode((held >> bits) & 0xff)
    }
  }
  return bytes
}
