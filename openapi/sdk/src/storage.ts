/** 保存会话的地方;三个方法都可以是异步的。 */
export interface Storage {
  get(key: string): string | null | undefined | Promise<string | null | undefined>
  set(key: string, value: string): void | Promise<void>
  remove(key: string): void | Promise<void>
}

/** 只保存在内存里,程序结束就没有了。 */
export function memoryStorage(): Storage {
  const values: Record<string, string | undefined> = Object.create(null)
  return {
    get: (key) => values[key],
    set: (key, value) => {
      values[key] = value
    },
    remove: (key) => {
      delete values[key]
    },
  }
}

export interface StoredToken {
  readonly token: string
  /** Milliseconds of this device's clock: from when on it should be renewed, and when it ends. */
  readonly renewAt: number
  readonly endsAt: number
}

/**
 * The token of one session. It is read anew each time, for another page may have changed it, and every change looks
 * at what is there before it writes, one after the other: what comes late cannot undo what is newer.
 */
export class TokenStore {
  private last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly storage: Storage,
    private readonly key: string,
  ) {}

  read(): Promise<StoredToken | null> {
    return this.inTurn(() => this.stored())
  }

  put(next: StoredToken): Promise<void> {
    return this.inTurn(() => this.write(next))
  }

  /** Writes `next` (null: nothing) if the token still is `expected`, and says whether it was. */
  replace(expected: string, next: StoredToken | null): Promise<boolean> {
    return this.inTurn(async () => {
      const current = await this.stored()
      if (current === null || current.token !== expected) return false
      await this.write(next)
      return true
    })
  }

  private async stored(): Promise<StoredToken | null> {
    const text = await this.storage.get(this.key)
    if (!text) return null
    try {
      const { token, renewAt, endsAt } = JSON.parse(text)
      return typeof token === 'string' ? { token, renewAt: Number(renewAt), endsAt: Number(endsAt) } : null
    } catch {
      return null
    }
  }

  private async write(next: StoredToken | null): Promise<void> {
    await (next === null ? this.storage.remove(this.key) : this.storage.set(this.key, JSON.stringify(next)))
  }

  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const mine = this.last.then(task)
    this.last = mine.catch(() => undefined)
    return mine
  }
}
